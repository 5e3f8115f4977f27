"""What management asks of a bar's row: ATR, the last swing, the rule's own exit, news, the roll."""

from collections.abc import Mapping
from typing import Any, Final

from julie.desk.step import Seen
from julie.market.columns.averages import atr
from julie.market.columns.column import Column
from julie.market.columns.frame import Frame
from julie.market.columns.raw import SHIFT
from julie.market.columns.swings import swing_high, swing_low
from julie.strategies.evaluate import Exits

SWING = 3
KEPT: Final[Mapping[str, Column]] = {
    "atr": atr(14),
    "swing_up": swing_high(SWING),
    "swing_down": swing_low(SWING),
}


def seen_at(frame: Frame, at: int, plan: Any, exits: Exits | None, roll: bool, news: int) -> Seen:
    """The buffer row `at` as the open plan sees it; `exits` is what its rule says of that row,
    where it has exits of its own."""
    side = int(plan["side"])
    leaves = 0
    if plan["state"] == 2 and exits is not None:
        leaves = int(exits[0 if side > 0 else 1][-1])
    swing = KEPT["swing_down" if side > 0 else "swing_up"]
    return Seen(
        roll,
        news,
        leaves,
        float(frame.buffers[KEPT["atr"]][at]),
        float(frame.buffers[swing][at] - frame.buffers[SHIFT][at]),
    )
