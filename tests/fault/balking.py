"""A judge and a column that fail, brought along by a rule file; only a bot that is given this file
has them.

`balking` raises from its minute on; `leaning` asks like `pulse`, where a column of its own has a
value, and that column's loop raises from the same minute on.
"""

from typing import Any

import numpy as np

from julie.core.types import Reason
from julie.defense.base import deny, judge
from julie.defense.catalogue import catalogue, default_order
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import MINUTE
from julie.market.columns.window import Window
from julie.strategies.base import Entries
from tests.fault.flat_market import OPEN_MINUTE
from tests.fault.provoking import P, asked, rule

FAILS_FROM = OPEN_MINUTE + 1


def _frail(state: Any, minute: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        state[0] += 1
        if minute[t] >= FAILS_FROM:
            raise RuntimeError("the column fails in this minute")
        out[t] = state[0]


FRAIL: Column = Kernel(
    "frail", _frail, (Output("frail", Mirror.EVEN, "rows so far"),), state=lambda: 1
).column("frail", (MINUTE,))


@judge(name="balking", columns=(MINUTE,), numbers=())
def balking(c: Any, p: Any) -> Any:
    """Raise from its minute on."""
    del p
    if np.any(c.minute >= FAILS_FROM):
        raise RuntimeError("the judge fails in this minute")
    return deny(c.minute < 0, Reason.IN_CHOP)


catalogue()[balking.name] = balking
default_order.cache_clear()


@rule("leaning", columns=(FRAIL.named("frail"),))
def leaning(w: Window, p: P) -> Entries:
    """Ask at each minute of the window at which its column has a value."""
    return asked(w, p, (w.minute >= p.first) & (w.minute <= p.last) & (w.frail > 0))
