"""Keeps a rule that fails apart from the others: it does not speak for this bar, and after three
failures not any more in this session. Positions keep their plan.

A backtest has no watch: there a failing rule ends the run, because its result would be worth
nothing.
"""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Final, TypeVar

from julie.core.errors import StrategyError

LOG: Final = logging.getLogger(__name__)
MOST: Final = 3
T = TypeVar("T")
Tell = Callable[[str, str], object]  # kind of alarm, what happened


class UnitWatch:
    """Counts what each rule failed; says nothing while it is quiet."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._failed: Counter[str] = Counter()
        self.quiet = True  # a start leads the rules through minutes that were told before

    def asked(self, name: str, ask: Callable[[], T], nothing: T) -> T:
        """What a rule answers; nothing where it fails, or has failed too often."""
        if self._failed[name] >= MOST:
            return nothing
        try:
            return ask()
        except StrategyError as error:
            self._failed[name] += 1
            if not self.quiet:
                self._say(name, error)
            return nothing

    def _say(self, name: str, error: StrategyError) -> None:
        LOG.warning("strategy %s failed", name, exc_info=error)
        self._tell("unit_failed", f"{error.message} ({self._failed[name]} of {MOST})")
        if self._failed[name] == MOST:
            self._tell("strategy_off", f"{name} failed {MOST} times")
