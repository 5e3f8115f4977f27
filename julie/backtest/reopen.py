"""The bars of a finished run, opened again: the files its report names, and only if unchanged."""

from collections.abc import Mapping
from pathlib import Path

from julie.backtest.report.model import Data, Report
from julie.core.bars import Bars
from julie.core.errors import DataError
from julie.store.read import load_bars, mapping_for
from julie.synth.kept import sample


def bars_of_run(
    report: Report,
    files: Mapping[str, str],
    *,
    mapping: Mapping[str, str] | None = None,
    tz: str | None = None,
    data_dir: Path = Path("data"),
) -> dict[str, Bars]:
    """Each series of a run by the symbol traded; `files` names other places by symbol."""
    opened: dict[str, Bars] = {}
    for data in report.data:
        source = files.get(data.symbol) or files.get(data.traded) or data.file
        bars = _open(data, source, mapping or {}, tz, data_dir)
        if bars.sha256 != data.hash:
            raise DataError(
                f"{source} is not the data of run {report.summary.run_id}: its hash differs",
                f"name the file it was run on with --data FILE --symbol {data.symbol}",
            )
        opened[data.traded] = bars
    return opened


def _open(
    data: Data, source: str, mapping: Mapping[str, str], tz: str | None, data_dir: Path
) -> Bars:
    if data.simulated and not Path(source).exists():
        made = sample(data_dir).bars
        if data.symbol in made:
            return made[data.symbol]
    file = Path(source)
    if not file.exists():
        raise DataError(
            f"{source}: the data of the run is not there any more",
            f"name its place with --data FILE --symbol {data.symbol}",
        )
    return load_bars(file, data.symbol, mapping=mapping_for(file, dict(mapping)), tz=tz)
