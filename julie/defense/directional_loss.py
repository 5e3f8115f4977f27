"""Directional loss: a side that keeps losing on an instrument rests, whatever strategy asks.

Two losses running on a side: 30 minutes from the exit. Three: the rest of the session. A win on the
side clears.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.section import key
from julie.core.types import Reason
from julie.defense.base import Params, record_judge

DIRECTION_PAUSED, DIRECTION_OFF = int(Reason.DIRECTION_PAUSED), int(Reason.DIRECTION_OFF)
MINUTE_NS = 60_000_000_000


class P(Params):
    """Losses running on a side, and how long it rests; 0 losses = never."""

    pause_losses: int = key(2, "losses running on a side that make it rest", "trades", ge=0)
    pause_min: float = key(30.0, "for so long from the exit", "min", ge=0)
    off_losses: int = key(3, "losses running that end the side's session", "trades", ge=0)


@machine
def judge_direction(record: Any, k: int, side: int, part: int, now_ns: int, numbers: Any) -> int:
    """Reason of the denial, 0 = allow; numbers: losses running, minutes still to rest."""
    one = record.instruments[k]
    at = 0 if side > 0 else 1
    numbers[0], numbers[1] = one.streak[at], max(0, one.paused_until[at] - now_ns) / MINUTE_NS
    if one.off_part[at] == part and one.off_part[at] != 0:
        return DIRECTION_OFF
    if one.paused_until[at] > now_ns:
        return DIRECTION_PAUSED
    return 0


directional_loss = record_judge(
    name="directional_loss", params=P, numbers=("losses running", "minutes to rest")
)(judge_direction)
