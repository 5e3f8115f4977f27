"""Finding a run again: by its folder, by its name, or the newest one."""

import difflib
from pathlib import Path
from typing import Final

import msgspec

from julie.backtest.output import REPORT_JSON
from julie.backtest.report.model import SCHEMA, Report, decode
from julie.core.errors import DataError, UsageError

RUNS: Final = Path("backtest_reports")


def run_folder(named: str | None = None, runs: Path = RUNS) -> Path:
    """The folder of a run: a path, a run id under `runs`, or the newest where none is named."""
    if named is None:
        return _newest(runs)
    path = Path(named)
    for folder in (path, path.parent, runs / named):
        if (folder / REPORT_JSON).is_file() and (folder != path.parent or path.is_file()):
            return folder
    near = difflib.get_close_matches(named, [folder.name for folder in _runs(runs)], n=1)
    hint = f"did you mean {near[0]}?" if near else "`julie backtest` makes one"
    raise UsageError(f"{named}: no folder of a run (no {REPORT_JSON} in it)", hint)


def read_report(folder: Path) -> Report:
    """The figures of a run."""
    file = folder / REPORT_JSON
    try:
        content = file.read_bytes()
        version = msgspec.json.decode(content, type=_Versioned).schema
        if version == SCHEMA:
            return decode(content)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(
            f"{file}: cannot be read as a report ({error})", "run the backtest again"
        ) from error
    raise DataError(
        f"{file}: schema {version}, this program reads {SCHEMA}",
        "run the backtest again with this version",
    )


class _Versioned(msgspec.Struct):
    schema: int


def _runs(runs: Path) -> list[Path]:
    if not runs.is_dir():
        return []
    return [folder for folder in runs.iterdir() if (folder / REPORT_JSON).is_file()]


def _newest(runs: Path) -> Path:
    made = _runs(runs)
    if not made:
        raise UsageError(
            f"there is no run under {runs}", "run `julie backtest`, or name a folder with --run"
        )
    return max(made, key=lambda folder: ((folder / REPORT_JSON).stat().st_mtime_ns, folder.name))
