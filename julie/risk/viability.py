"""Viability: does the market move enough, and is there room to the next opposing level, for this
target?

ATR(14) must reach 0.6 of the median ATR of the same session over 5 days. Room ahead must reach the
style's need times the target (x 0.7 in ASIA); a level within a tick of the target is not in its
way.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from julie.core.candidates import Array, Candidates
from julie.core.types import Code, Reason, Session, Style
from julie.market.columns.averages import atr
from julie.market.columns.column import Column
from julie.market.columns.percentile import session_median
from julie.regime.room import room_down, room_up
from julie.risk.config import RiskSection, Viability

NUMBERS = ("found", "needed")
# plain numbers: an array compares with an enum's member ten times slower
ASIA, ALLOW, NOT_ASKED = int(Session.ASIA), int(Code.ALLOW), int(Code.NOT_ASKED)


@dataclass(frozen=True, slots=True, eq=False)
class Viable:
    """Codes (Code), reasons and the two numbers of each row."""

    codes: Array
    reason: Array
    numbers: Array


def columns(rules: Viability, styles: Collection[Style]) -> tuple[Column, ...]:
    """What the step reads for these styles; the median's span is a setting."""
    median = session_median(atr(14), rules.lookback_days).named("atr_median")
    moves = (median,) if rules.atr_floor > 0 else ()
    needed = any(_need(rules, style) > 0 for style in styles)
    room = (room_up().named("room_up"), room_down().named("room_down")) if needed else ()
    return (atr(14).named("atr_14"), *moves, *room)


def _need(rules: Viability, style: Style) -> float:
    share: float = getattr(rules.need, style.name.lower())
    return share


@lru_cache(maxsize=64)
def _needs(rules: Viability) -> Array:
    """The need by style."""
    return np.array([_need(rules, style) for style in Style])


def judge(c: Candidates, risk: RiskSection, off: Array) -> Viable:
    """Whether each candidate is viable; rows of `off` (those that only observe) are not asked."""
    rules = risk.viability
    need = _needs(rules)[c.style] * np.where(c.session == ASIA, rules.asia_factor, 1.0)
    room = np.where(c.side > 0, c.column_or("room_up", np.nan), c.column_or("room_down", np.nan))
    asked = need * c.tp_ticks * c.tick
    floor = rules.atr_floor * c.column_or("atr_median", 0.0)
    with np.errstate(invalid="ignore"):
        quiet = c.atr_14 < floor
        blocked = (need > 0) & (room + rules.level_ticks * c.tick < asked)
    blind = np.isnan(c.atr_14) | np.isnan(floor) | (np.isnan(room) & (need > 0))
    codes = np.full(len(c), ALLOW, np.int8)
    reason = np.zeros(len(c), np.int16)
    numbers = np.full((len(c), 2), np.nan)
    for broken, why, code, found, wanted in (
        (blind, Reason.NOT_READY, Code.NOT_READY, c.atr_14, floor),
        (quiet, Reason.ATR_FLOOR, Code.DENY, c.atr_14, floor),
        (blocked, Reason.NO_ROOM, Code.DENY, room, asked),
    ):
        first = (broken & (reason == 0) & ~off).nonzero()[0]
        if len(first):
            reason[first], codes[first] = why, code
            numbers[first, 0], numbers[first, 1] = found[first], wanted[first]
    codes[off] = NOT_ASKED
    return Viable(codes, reason, numbers)
