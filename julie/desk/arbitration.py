"""Which of several candidates of one close and instrument may trade.

Lower tier first, then calibrated expectancy, then confidence, then name. Opposite sides cancel each
other, unless one outranks the other by a tier.
"""

from typing import Any

from julie.core.compiled import machine, number
from julie.core.types import Reason

OUTRANKED, OPPOSITE = int(Reason.OUTRANKED), int(Reason.OPPOSITE_CANCELLED)


@machine
def _better(t: Any, strategies: Any, a: int, b: int) -> bool:
    if t.tier[a] != t.tier[b]:
        return bool(t.tier[a] < t.tier[b])
    if t.expectancy[a] != t.expectancy[b]:
        return bool(t.expectancy[a] > t.expectancy[b])
    if t.confidence[a] != t.confidence[b]:
        return bool(t.confidence[a] > t.confidence[b])
    return bool(strategies[t.strategy[a]].rank < strategies[t.strategy[b]].rank)


@machine
def arbitrate(t: Any, strategies: Any, lo: int, hi: int) -> int:
    """The winner among rows lo..hi-1 whose outcome is still 0, else -1; the others get their
    reason.
    """
    best = number(-1)
    for i in range(lo, hi):
        if t.outcome[i] == 0 and (best < 0 or _better(t, strategies, i, best)):
            best = i
    if best < 0:
        return -1
    opposed = False
    for i in range(lo, hi):
        if t.outcome[i] == 0 and t.side[i] != t.side[best] and t.tier[i] == t.tier[best]:
            opposed = True
    for i in range(lo, hi):
        if t.outcome[i] == 0 and (opposed or i != best):
            t.outcome[i] = -OPPOSITE if opposed else -OUTRANKED
    return -1 if opposed else best
