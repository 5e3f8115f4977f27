"""What was asked of a run, kept beside its records, so that its columns can be read again at any
row.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Final

import msgspec

from julie.backtest.reopen import bars_of_run
from julie.backtest.report.model import Report
from julie.backtest.request import Asked, chosen, news_of, outside, traded_on
from julie.backtest.runner import Request
from julie.core.errors import DataError
from julie.settings import Settings, default_tree
from julie.store.atomic import write_bytes

REQUEST_FILE: Final = "request.json"


def keep_request(asked: Asked, folder: Path) -> None:
    """Write what was asked into the run's folder."""
    write_bytes(folder / REQUEST_FILE, msgspec.json.encode(asdict(asked)))


def settings_of(report: Report, strategies: tuple[str, ...]) -> Settings:
    """The configuration as it held in the run."""
    tree = default_tree(outside(strategies))
    return tree.model_validate_json(msgspec.json.encode(report.config["snapshot"]), strict=True)


def request_again(folder: Path, report: Report, data_dir: Path) -> Request:
    """The run's own request: same bars (by hash), same configuration, same strategies."""
    try:
        asked = msgspec.json.decode((folder / REQUEST_FILE).read_bytes(), type=Asked)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(
            f"{folder / REQUEST_FILE} cannot be read ({error})", "run the backtest again"
        ) from error
    settings = settings_of(report, asked.strategies)
    bars = bars_of_run(report, {}, mapping=asked.mapping, tz=asked.tz, data_dir=data_dir)
    series = tuple(bars.values())
    return Request(
        series,
        traded_on(asked.trade, series, settings.instrument_table()),
        chosen(asked.strategies, settings),
        settings,
        news_of(settings),
        has_vix=not asked.sources,
    )
