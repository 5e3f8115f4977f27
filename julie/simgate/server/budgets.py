"""The venue's call budgets: sliding windows per user, one for bars and one for all the rest.

They run on the market's clock, as everything the venue promises does.
"""

from collections import defaultdict, deque
from typing import Final, NamedTuple

from julie.core.zones import SECOND_NS


class Window(NamedTuple):
    """So many calls in so much time."""

    calls: int
    span_ns: int


BARS: Final = Window(50, 30 * SECOND_NS)
GENERAL: Final = Window(200, 60 * SECOND_NS)


class Budgets:
    """Counts the calls of every user."""

    def __init__(self) -> None:
        self._bars: defaultdict[str, deque[int]] = defaultdict(deque)
        self._general: defaultdict[str, deque[int]] = defaultdict(deque)

    def wait_ns(self, user: str, bars: bool, now_ns: int) -> int:
        """Count a call; above nought it is one too many, and that much must pass first."""
        window = BARS if bars else GENERAL
        calls = (self._bars if bars else self._general)[user]
        while calls and calls[0] <= now_ns - window.span_ns:
            calls.popleft()
        if len(calls) >= window.calls:
            return calls[0] + window.span_ns - now_ns
        calls.append(now_ns)
        return 0
