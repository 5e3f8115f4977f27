"""Rows of the fault matrix: their marker, who plays which, and the line that each leaves.

`tools/fault_table.py` starts several workers on one folder; whoever makes a row's claim file first
plays it. Without that folder every row is played here.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.fault.pace import PACE
from tests.fault.rows import TOLD, seed_of

FOLDER = "JULIE_FAULT_FOLDER"
ROWS = "JULIE_FAULT_ROWS"  # N1,V2: only these


def _folder() -> Path | None:
    told = os.environ.get(FOLDER)
    return Path(told) if told else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the rows that are not asked for."""
    wanted = set(os.environ.get(ROWS, "").split(",")) - {""}
    if wanted:
        items[:] = [one for one in items if wanted & {m.args[0] for m in one.iter_markers("fault")}]
    for one in items if PACE < 1 else ():
        limit = one.get_closest_marker("timeout")
        if limit is not None:
            one.add_marker(pytest.mark.timeout(limit.args[0] / PACE), append=False)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known where this folder is collected alone."""
    config.addinivalue_line("markers", "fault(id): a row of the fault matrix")


def _claimed(folder: Path, item: pytest.Item) -> bool:
    name = item.nodeid.replace("/", "_")[-200:]
    try:
        os.close(os.open(folder / f"{name}.claim", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Play a row that nobody took; nothing of it is kept for the next, which may be another's."""
    folder = _folder()
    if folder is None:
        return None
    if _claimed(folder, item):
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        runtestprotocol(item, nextitem=None)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _told(item: pytest.Item) -> dict[str, Any]:
    """What a row left beside it."""
    file = Path(getattr(item, "funcargs", {}).get("tmp_path", "")) / TOLD
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return {**found, **dict(item.user_properties)}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Write what became of a row."""
    report: Any = yield
    marks = [mark.args[0] for mark in item.iter_markers("fault")]
    folder = _folder()
    if folder is not None and (report.when == "call" or not report.passed):
        told = _told(item)
        line = {
            "ids": marks,
            "test": item.nodeid,
            "outcome": "passed" if report.passed else "skipped" if report.skipped else "failed",
            "safe_s": told.get("safe_s"),
            "back_s": told.get("back_s"),
            "seed": told.get("seed", None if report.passed else seed_of()),
            "told": told.get("told", ""),
            "wall_s": round(report.duration, 1),
            "why": "" if report.passed else report.longreprtext[-40_000:],
        }
        with (folder / f"worker-{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return report
