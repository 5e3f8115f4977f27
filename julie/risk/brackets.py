"""Stop and target of every candidate, in ticks, frozen at the deciding close.

Source: the strategy's own, else the fixed framework or the dynamic root (multiples of the session's
median ATR); `risk.brackets: fixed` turns dynamic ones into fixed. Table values are lifted to the
floors; an own bracket below them is refused, since a silent wider stop would not be the strategy's
trade. No table pulls a stop inside the structure. Stops round away from the entry, targets towards
it, and every check runs on final ticks.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from julie.core.candidates import Array, Candidates
from julie.core.ticks import ticks_down, ticks_up
from julie.core.types import BracketSource, Reason, Session, VolRegime
from julie.market.columns.averages import atr
from julie.market.columns.column import Column
from julie.market.columns.displacement import displacement_within
from julie.market.columns.percentile import session_median
from julie.regime.vol import vol_regime
from julie.risk.config import RiskSection

# plain numbers: an array compares with an enum's member ten times slower
OWN, OWN_PLUS, FIXED = map(int, (BracketSource.OWN, BracketSource.OWN_PLUS, BracketSource.FIXED))
ASIA, HIGH = int(Session.ASIA), int(VolRegime.HIGH)
ATR = atr(14).named("atr_14")
SESSION_ATR = session_median(atr(14)).named("session_atr")
VOL_REGIME = vol_regime().named("bracket_vol_regime")
DISPLACED = displacement_within(1.5, 5).named("displaced")


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Brackets of a table's rows, and why a row has none (Reason, 0 = it has one)."""

    sl_ticks: Array
    tp_ticks: Array
    tp1_ticks: Array
    reason: Array
    numbers: Array  # [rows, 2] what was found, what was asked


def columns(sources: Collection[BracketSource], risk: RiskSection) -> tuple[Column, ...]:
    """What brackets of these sources are laid from; ATR and regime belong to every candidate."""
    tables = set(sources) - {BracketSource.OWN}
    framed = BracketSource.FIXED in tables or (risk.brackets == "fixed" and bool(tables))
    return (
        ATR,
        VOL_REGIME,
        *((SESSION_ATR,) if tables else ()),
        *((DISPLACED,) if framed else ()),
    )


def _fixed(c: Candidates, risk: RiskSection) -> tuple[Array, Array]:
    """Stop and target of the framework: ASIA while calm, impulse in high volatility or after a
    displacement.
    """
    frame = risk.framework
    high = c.bracket_vol_regime == HIGH
    asia = (c.session == ASIA) & ~high
    impulse = ~asia & (high | (np.abs(c.displaced) == 1))
    rows = [asia, impulse]
    stop = np.select(rows, [frame.asia_smooth.stop, frame.impulse.stop], frame.normal_trend.stop)
    target = np.select(
        rows, [frame.asia_smooth.target, frame.impulse.target], frame.normal_trend.target
    )
    return stop * c.unit, target * c.unit


def _dynamic(c: Candidates, risk: RiskSection) -> tuple[Array, Array]:
    usual = c.column_or("session_atr", np.nan)
    return risk.dynamic.root_stop * usual, risk.dynamic.root_target * usual


def lay(c: Candidates, risk: RiskSection) -> Laid:
    """Lay a bracket beside every candidate."""
    with np.errstate(invalid="ignore"):
        return _lay(c, risk)


def _lay(c: Candidates, risk: RiskSection) -> Laid:
    own = (c.source == OWN) | (c.source == OWN_PLUS)
    table_stop, table_target = _dynamic(c, risk)
    floor = _floor(c, risk)
    dynamic_stop = np.maximum(table_stop, floor)
    fixed = (c.source == FIXED) | ((risk.brackets == "fixed") & ~own)
    if fixed.any():
        fixed_stop, fixed_target = _fixed(c, risk)
        table_stop = np.where(fixed, fixed_stop, table_stop)
        table_target = np.where(fixed, fixed_target, table_target)
    stop = np.where(own, c.stop_pts, np.maximum(table_stop, floor))
    clear = ~own & (c.least_stop_pts > stop)
    stop = np.where(clear, c.least_stop_pts, stop)
    sl = ticks_up(stop, c.tick)
    target = np.where(own, c.target_pts, np.maximum(table_target, floor))
    target = np.where(np.isnan(c.target_r) | ~own, target, c.target_r * sl * c.tick)
    tp = ticks_down(target, c.tick)
    tp1 = ticks_down(c.first_target_pts, c.tick)
    widest = risk.own_plus_max * ticks_up(dynamic_stop, c.tick)
    reason, numbers = _refusals(c, ticks_up(floor, c.tick), own, sl, tp, tp1, widest)
    sl_ticks, tp_ticks, tp1_ticks = (
        np.where(np.isnan(x), 0.0, x).astype(np.int64) for x in (sl, tp, tp1)
    )
    return Laid(sl_ticks, tp_ticks, tp1_ticks, reason, numbers)


def _floor(c: Candidates, risk: RiskSection) -> Array:
    floor: Array = np.maximum(risk.sltp_min.points * c.unit, risk.sltp_min.ticks * c.tick)
    return floor


def _refusals(
    c: Candidates, floor: Array, own: Array, sl: Array, tp: Array, tp1: Array, widest: Array
) -> tuple[Array, Array]:
    """The first rule that a bracket breaks, with what was found and what was asked."""
    ratio = tp / np.where(sl > 0, sl, np.nan)
    stopless = np.isnan(sl) | np.isnan(tp)
    plus = c.source == OWN_PLUS
    rules = (
        (~own & stopless, Reason.NOT_READY, sl, tp),
        (stopless | (sl <= 0) | (tp <= 0), Reason.NO_BRACKET, sl, tp),
        (sl < floor, Reason.STOP_BELOW_FLOOR, sl, floor),
        (tp < floor, Reason.TARGET_BELOW_FLOOR, tp, floor),
        (tp1 < floor, Reason.TARGET_BELOW_FLOOR, tp1, floor),
        (plus & np.isnan(widest), Reason.NOT_READY, sl, widest),
        (plus & (sl > widest), Reason.STOP_TOO_WIDE, sl, widest),
        (ratio < c.min_r, Reason.BELOW_MIN_R, ratio, c.min_r),
    )
    reason = np.zeros(len(c), np.int16)
    numbers = np.full((len(c), 2), np.nan)
    for broken, why, found, asked in rules:
        first = (broken & (reason == 0)).nonzero()[0]
        if len(first):
            reason[first] = why
            numbers[first, 0], numbers[first, 1] = found[first], asked[first]
    return reason, numbers
