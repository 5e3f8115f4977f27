"""Folders of runs, written once for all tests that only read them."""

from pathlib import Path

import pytest

from julie.backtest.output import write_run
from julie.backtest.result import RunResult
from tests.backtest.made_run import made_run


@pytest.fixture(scope="session")
def finished() -> RunResult:
    """A made-up run of 300 trades on 30 days."""
    return made_run(trades=300, days=30)


@pytest.fixture(scope="session")
def folder(finished: RunResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run, written."""
    place = tmp_path_factory.mktemp("runs") / finished.run_id
    write_run(finished, place)
    return place
