"""Value area breakout: buy the first pullback to accepted prices; sells are the mirror.

Setup         prices above the value area of the last regular hours are accepted: two 30-minute
              closes in a row above its high or, in regular hours, three 5-minute closes and the
              developing point of control. London and the regular hours count each for themselves
Trigger       the first acceptance works a limit a tick above the area's high for 30 minutes
Invalidation  0.75 ATR(14) of 5 minutes below the area's high, target 2 R; a 5-minute close back
              inside closes the trade (`reversal`)
Silent        without volume; after one entry of the side a day
"""

from typing import Any

from julie.core.compiled import compiled
from julie.core.section import key
from julie.core.types import BracketSource
from julie.market.columns.averages import atr
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.profile import dev_poc, vah, val
from julie.market.columns.raw import CLOSE, DAY, MINUTE
from julie.market.columns.timeframe import new_bar, on
from julie.market.columns.window import Vec, Window
from julie.strategies.base import Entries, Params, Session, Style, strategy

LONDON_OPEN, RTH_OPEN, RTH_CLOSE = 540.0, 930.0, 1320.0  # minutes since 18:00 Eastern


class P(Params):
    """Numbers of the rule."""

    closes_30m: int = key(2, "closes above the area that accept it", "bars of 30m", ge=1)
    closes_5m: int = key(3, "or these, while the developing POC lies above", "bars of 5m", ge=1)
    limit_ticks: int = key(1, "limit above the area's high", "ticks", ge=0)
    expires_bars: int = key(30, "life of the limit", "base bars", ge=1)
    atr_bars: int = key(14, "span of the ATR of the stop", "bars of 5m", ge=1)
    stop_atr: float = key(0.75, "stop below the area's high", "ATR", gt=0)
    target_r: float = key(2.0, "target", "x stop", gt=0)


@compiled
def _count(
    state: Any, edge: float, slow_done: int, slow: float, quick_done: int, quick: float,
    control: float, need_slow: float, need_quick: float,
) -> int:  # fmt: skip
    """One bar of one side; state: closes beyond in a row 0 of 30m 1 of 5m, 2 accepted"""
    accepted = False
    if slow_done == 1:
        state[0] = state[0] + 1.0 if slow > edge else 0.0
        accepted = state[0] >= need_slow
    if quick_done == 1:
        state[1] = state[1] + 1.0 if quick > edge else 0.0
        accepted = accepted or (state[1] >= need_quick and control > edge)
    if state[2] == 1.0 or not accepted:
        return 0
    state[2] = 1.0
    return 1


@compiled
def _acceptance(
    state: Any, day: Any, minute: Any, top: Any, bottom: Any, poc: Any, slow_done: Any, slow: Any,
    quick_done: Any, quick: Any, need_slow: float, need_quick: float,
    above: Any, below: Any, start: int, stop: int,
) -> None:  # fmt: skip
    # state: 0 day, 1 part of the day, then three numbers a side
    for t in range(start, stop):
        above[t] = below[t] = 0
        part = 2.0 if minute[t] >= RTH_OPEN else 1.0 if minute[t] >= LONDON_OPEN else 0.0
        if day[t] != state[0] or part != state[1]:
            state[:] = 0.0
            state[0], state[1] = day[t], part
            continue  # a bar that completes on the first row belongs to the part before
        if part == 0.0:
            continue
        done, quick_one = slow_done[t], quick_done[t]
        p = poc[t] if RTH_OPEN <= minute[t] < RTH_CLOSE else float("nan")
        need = (need_slow, need_quick)
        above[t] = _count(state[2:5], top[t], done, slow[t], quick_one, quick[t], p, *need)
        below[t] = _count(state[5:8], -bottom[t], done, -slow[t], quick_one, -quick[t], -p, *need)


ACCEPTANCE = Kernel(
    "acceptance",
    _acceptance,
    tuple(
        Output(
            f"accepted_{side}",
            Mirror.PAIR_EVEN,
            f"1 at acceptance {side} value",
            partner,
            flag=True,
        )
        for side, partner in (("above", "accepted_below"), ("below", "accepted_above"))
    ),
    state=lambda *_: 8,
    memory=lambda *_: 1.0,
    needs="V",
)


def _columns(p: P) -> tuple[Column, ...]:
    close_5m = on("5m", CLOSE)
    bars = (new_bar("30m"), on("30m", CLOSE), new_bar("5m"), close_5m)
    accepted = (DAY, MINUTE, vah(), val(), dev_poc(), *bars)
    return (
        vah(),
        dev_poc(),
        on("5m", atr(p.atr_bars)).named("atr"),
        new_bar("5m").named("new_5m"),
        close_5m.named("close_5m"),
        ACCEPTANCE.column("accepted_above", accepted, p.closes_30m, p.closes_5m).named("accepted"),
    )


def _back_inside(w: Window, p: P) -> Vec:
    return (w.new_5m == 1) & (w.close_5m <= w.vah)


@strategy(
    name="value_area_breakout",
    group="Breakout Strategy",
    style=Style.BREAKOUT,
    bracket=BracketSource.OWN,
    columns=_columns,
    params=P,
    exits=_back_inside,
    structural=True,
    sessions=(Session.LONDON, Session.NY_AM, Session.NY_PM),
    needs="V",
    once_a_day=True,
)
def value_area_breakout(w: Window, p: P) -> Entries:
    """Ask for acceptance, and work the limit at the area's edge."""
    return Entries(
        when=(w.accepted == 1) & (w.close > w.vah),
        stop=w.vah - p.stop_atr * w.atr,
        target_r=p.target_r,
        limit=w.vah + p.limit_ticks * w.tick,
        expires_bars=p.expires_bars,
        levels=("vah", "dev_poc"),
        note=("atr",),
    )
