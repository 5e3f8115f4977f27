"""Leaks planted on purpose: the audit must catch each of them, or it proves nothing.

A column that reads the next row, a strategy that trades on it, a kernel whose running sum drifts
with the day on which it was started.
"""

from typing import Any

from julie.core.compiled import compiled
from julie.core.types import BracketSource
from julie.market.columns.averages import atr, sma, true_range
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE
from julie.market.columns.window import Window
from julie.strategies.base import ANY_BASE, ANY_INSTRUMENT, Entries, Params, Style, strategy


@compiled
def _tomorrow(state: Any, x: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = x[min(t + 1, len(x) - 1)]


@compiled
def _drifting(state: Any, x: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        if x[t] == x[t]:
            state[0] += x[t] * 0.1
        out[t] = state[0]


TOMORROW = Kernel(
    "tomorrow", _tomorrow, (Output("tomorrow", Mirror.LINEAR, "the next row: a leak"),)
)
DRIFTING = Kernel(
    "drifting",
    _drifting,
    (Output("drifting", Mirror.LINEAR, "a sum that never forgets: a drift"),),
    state=lambda: 1,
)


def leaking_column() -> Column:
    """The close of the next row."""
    return TOMORROW.column("tomorrow", (CLOSE,))


def drifting_column() -> Column:
    """A sum that depends on where the series began."""
    return DRIFTING.column("drifting", (true_range(),))


@strategy(
    name="leaking_strategy",
    group="Planted",
    style=Style.TREND,
    bracket=BracketSource.OWN,
    params=Params,
    columns=(
        leaking_column().named("tomorrow"),
        sma("close", 9).named("slow"),
        atr(14).named("atr"),
    ),
    instruments=ANY_INSTRUMENT,
    bases=ANY_BASE,
    on=False,
)
def leaking_strategy(w: Window, p: Params) -> Entries:
    """Buys when the next close is known to be higher."""
    del p
    return Entries(
        when=(w.tomorrow > w.close + 2.0 * w.atr) & (w.close > w.slow),
        stop=w.close - 2.0 * w.atr,
        target=w.close + 2.0 * w.atr,
    )
