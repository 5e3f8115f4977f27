"""What all tests share: a desk compiled beforehand, which takes longer than a test may; a home."""

from pathlib import Path

import pytest

from julie.backtest.warm import warm_desk


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile where this code is new to the machine."""
    del session
    warm_desk()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of our own, whose bots alone are found, who stands in a folder of our own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
