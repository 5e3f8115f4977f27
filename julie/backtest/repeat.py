"""What was asked of a run, kept beside its records, so that its columns can be read again at any
row.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import msgspec

from julie.backtest.report.model import Report
from julie.backtest.request import Asked, make_request, outside
from julie.backtest.runner import Request
from julie.core.errors import DataError
from julie.settings import Settings, default_tree
from julie.store.atomic import write_bytes

REQUEST_FILE: Final = "request.json"


def keep_request(asked: Asked, folder: Path) -> None:
    """Write what was asked into the run's folder, so that it may be read from anywhere."""
    sources = tuple((_whole(source), symbol) for source, symbol in asked.sources)
    strategies = tuple(_whole(word) if ".py" in word else word for word in asked.strategies)
    kept = replace(asked, sources=sources, strategies=strategies)
    write_bytes(folder / REQUEST_FILE, msgspec.json.encode(asdict(kept)))


def _whole(path: str) -> str:
    return path and str(Path(path).expanduser().absolute())


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
    request = make_request(asked, settings, data_dir)
    for bars, data in zip(request.series, report.data, strict=True):
        if bars.sha256 != data.hash:
            raise DataError(
                f"{bars.source} is not the data of run {report.summary.run_id}: its hash differs",
                "put the file back, or run the backtest again",
            )
    return request
