"""Before the first test: the desk is compiled, which takes longer than any single test may."""

import pytest

from julie.backtest.warm import warm_desk


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile where this code is new to the machine."""
    del session
    warm_desk()
