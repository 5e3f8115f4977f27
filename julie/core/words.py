"""The sentence an operator reads for a reason; log, journal, Why panel and report ask here.

Each reason has a plain sentence and, where a judge or rule hands numbers with it, one that shows
them. Numbers that are missing (NaN) leave the plain one.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from julie.core.holidays import HolidayRow
from julie.core.types import Reason

MINUTES: Final = 1440
DAY_START: Final = 18 * 60


class Words(NamedTuple):
    """What is said without numbers, and with them."""

    plain: str
    full: str = ""


class _Number(float):
    """A number that writes itself in a trader's units: {0:pts}, {0:usd}, {0:clock} and so on."""

    def __format__(self, unit: str) -> str:
        if unit == "usd":
            return f"{'-' if self < 0 else ''}${abs(self):,.2f}"
        if unit == "clock":  # minutes since 18:00 Eastern
            hours, minutes = divmod((round(self) + DAY_START) % MINUTES, 60)
            return f"{hours:02d}:{minutes:02d} ET"
        if unit == "side":
            return "long" if self > 0 else "short"
        if unit == "holiday":
            return HolidayRow(round(self)).words
        return f"{float(self):{_DIGITS[unit]}}"


_DIGITS: Final = {"pts": ".2f", "whole": ".0f", "one": ".1f", "pct": ".0f", "r": ".2f"}

WORDS: Final[dict[Reason, Words]] = {
    Reason.NONE: Words("nothing against it"),
    Reason.NOT_READY: Words("not ready: a value it reads does not exist yet"),
    Reason.SESSION_CLOSED: Words(
        "Session: outside trading hours",
        "Session: {0:clock} is outside trading hours, which ended at {1:clock}",
    ),
    Reason.SESSION_NOT_MINE: Words(
        "Session: the strategy does not trade this session",
        "Session: the strategy does not trade the session of {0:clock}",
    ),
    Reason.OUTSIDE_WINDOW: Words(
        "Session: outside the strategy's window",
        "Session: {0:clock} is outside the strategy's window, which ends at {1:clock}",
    ),
    Reason.LAST_ENTRY_TIME: Words(
        "Session: after the last entry time",
        "Session: {0:clock} is after the last entry time {1:clock}",
    ),
    Reason.NEWS_BLACKOUT: Words(
        "News: too near a high-impact event",
        "News: {0:whole} min to the next event, {1:whole} min since the last; "
        "{2:whole} before and {3:whole} after are blocked",
    ),
    Reason.NEWS_FIXED_TIME: Words(
        "News: no calendar covers the day, and news usually comes at this time",
        "News: no calendar covers the day; {0:whole} min to a usual time, {1:whole} min since one; "
        "{2:whole} before and {3:whole} after are blocked",
    ),
    Reason.MAINTENANCE: Words("News: the exchange closes, or has just opened again"),
    Reason.HOLIDAY_CLOSED: Words("Holiday: no entries today", "Holiday: no entries on {0:holiday}"),
    Reason.HOLIDAY_DENY: Words(
        "Holiday: no entries in these hours", "Holiday: no entries now, {0:holiday}"
    ),
    Reason.HOLIDAY_CONTEXT: Words(
        "Holiday: thin day, smaller size", "Holiday: smaller size, {0:holiday}"
    ),
    Reason.DAY_LOSS: Words(
        "Circuit breaker: the day's loss limit is reached",
        "Circuit breaker: day {0:usd}, limit {1:usd}",
    ),
    Reason.STRATEGY_LOSS_STREAK: Words(
        "Circuit breaker: the strategy is off for the day after losses running",
        "Circuit breaker: the strategy is off for the day, {2:whole} losses running of {3:whole}",
    ),
    Reason.ACCOUNT_LOSS_STREAK: Words(
        "Circuit breaker: all is off for the day after losses running",
        "Circuit breaker: all is off for the day, {2:whole} losses running of {3:whole}",
    ),
    Reason.TRAILING_BUDGET: Words(
        "Circuit breaker: the trailing loss budget is nearly used; day closed",
        "Circuit breaker: the trailing loss budget is nearly used; day {0:usd}",
    ),
    Reason.MAXIMUM_LOSS: Words(
        "Account: the maximum loss is touched; halted",
        "Account: equity {0:usd} touched the floor {1:usd}; halted",
    ),
    Reason.DAILY_LOSS_LIMIT: Words(
        "Account: the venue's daily loss limit is reached",
        "Account: day {0:usd}, the venue's daily limit {1:usd}",
    ),
    Reason.POSITION_CAP: Words(
        "Account: the position cap is reached",
        "Account: {0:one} minis held or working, the cap is {1:one}",
    ),
    Reason.CORRELATED_SIDE: Words(
        "Account: a correlated product is held the other way",
        "Account: a correlated product is held {0:side}, this would be {1:side}",
    ),
    Reason.ENTRIES_A_DAY: Words(
        "Account: as many entries today as conduct allows",
        "Account: {0:whole} entries today, {1:whole} are allowed",
    ),
    Reason.NEWS_HALF_CAP: Words(
        "Account: in the hour before news only a part of the cap",
        "Account: {0:one} minis held or working, {1:one} in the hour before news",
    ),
    Reason.ULTRA_LOW_VOLATILITY: Words(
        "Volatility: the market is asleep",
        "Volatility: percentile {0:one} of this session's 20 days, the market is asleep",
    ),
    Reason.IN_CHOP: Words(
        "Chop filter: the market is in chop", "Chop filter: 30-bar range {0:pts} < {1:pts} needed"
    ),
    Reason.CHOP_WRONG_SIDE: Words("Chop filter: the box was left on the other side"),
    Reason.CHOP_FAILED: Words("Chop filter: the breakout on this side has failed"),
    Reason.CHOP_UNPROVEN: Words("Chop filter: the breakout is not confirmed; smaller size"),
    Reason.CHOP_FADE: Words("Chop filter: fade of a failed breakout, late; smaller size"),
    Reason.CHOP_FADE_STALE: Words("Chop filter: the failed breakout is too old to fade"),
    Reason.DIRECTION_PAUSED: Words(
        "Directional loss: this side rests",
        "Directional loss: {0:whole} losses running on this side, rests {1:whole} min more",
    ),
    Reason.DIRECTION_OFF: Words(
        "Directional loss: this side is off for the session",
        "Directional loss: {0:whole} losses running on this side, off for the session",
    ),
    Reason.PENALTY_BOX: Words(
        "Penalty box: at the 30-bar extreme it would have to break",
        "Penalty box: {0:pts} from the 30-bar extreme, {1:pts} needed",
    ),
    Reason.JUDGE_FAILED: Words("a judge failed, so nobody passes it"),
    Reason.ATR_FLOOR: Words(
        "Viability: the market moves too little", "Viability: ATR {0:pts} < {1:pts} needed"
    ),
    Reason.NO_ROOM: Words(
        "Viability: a level stands in the way", "Viability: room {0:pts} < {1:pts} needed"
    ),
    Reason.STOP_TOO_WIDE: Words(
        "Bracket: the stop is too wide",
        "Bracket: stop {0:whole} ticks, at most {1:whole} against the table",
    ),
    Reason.STOP_BELOW_FLOOR: Words(
        "Bracket: the stop is too near", "Bracket: stop {0:whole} ticks < {1:whole} needed"
    ),
    Reason.TARGET_BELOW_FLOOR: Words(
        "Bracket: the target is too near", "Bracket: target {0:whole} ticks < {1:whole} needed"
    ),
    Reason.BELOW_MIN_R: Words(
        "Bracket: too little reward for the risk", "Bracket: {0:r} R < {1:r} R needed"
    ),
    Reason.NO_BRACKET: Words("Bracket: no stop or no target"),
    Reason.MIN_NET_PROFIT: Words(
        "Bracket: the target earns too little after cost",
        "Bracket: the target earns {0:usd} after cost < {1:usd} needed",
    ),
    Reason.POSITION_OPEN: Words("a position is open"),
    Reason.WORKING_ENTRY: Words("an entry is working"),
    Reason.COOLDOWN: Words("the strategy cools down after its last entry"),
    Reason.ONCE_A_DAY: Words("the strategy entered this side today"),
    Reason.OUTRANKED: Words("another candidate of this close ranks higher"),
    Reason.OPPOSITE_CANCELLED: Words("a candidate of the other side at the same close"),
    Reason.SESSION_TRADES: Words("the strategy has had its trades of this session"),
    Reason.MAX_POSITIONS: Words("as many positions as are allowed"),
    Reason.STRATEGY_OFF: Words("the strategy is switched off"),
    Reason.SIZE_ZERO: Words("Size: the risk budget does not pay for one contract"),
    Reason.MARGIN: Words("Size: the day margin is not covered"),
    Reason.COLLAR: Words("Gate: stop or target lies too far from the last price"),
    Reason.STOP_DISTANCE: Words("Gate: the stop distance is outside its limits"),
    Reason.LOSS_LEFT: Words("Gate: the stop could lose more than the limits have left"),
    Reason.ENTRY_RATE: Words("Gate: too many entries within a minute"),
    Reason.DUPLICATE: Words("Gate: the same side was entered a moment ago"),
    Reason.NOT_ACTIVE: Words("Gate: the desk is not active"),
    Reason.STALE_SIGNAL: Words("Gate: the decision is too old to be sent"),
    Reason.CONTRACT_INACTIVE: Words("Gate: the contract is not the active one"),
    Reason.EXPIRED: Words("expired: the next price came too late"),
    Reason.LIMIT_UNFILLED: Words("the limit entry was not filled in time"),
    Reason.NO_NEXT_BAR: Words("the data ends here"),
    Reason.WITHDRAWN: Words("the working entry was withdrawn"),
    Reason.REJECTED: Words("the venue refused the entry"),
    Reason.NOT_SENT: Words("the entry never left: proved absent at the venue"),
    Reason.STALE_DATA: Words("Gate: the market data are stale; no entry until they flow again"),
    Reason.REDUCING: Words("Gate: the desk only reduces for now"),
    Reason.HALTED: Words("Gate: the desk is halted; a person must look"),
    Reason.PAUSED: Words("Gate: paused by an operator; `julie resume` lets entries out again"),
    Reason.NOT_RECONCILED: Words("Gate: our books and the venue's are not compared yet"),
    Reason.CLOCK_SKEW: Words("Gate: this machine's clock and the venue's differ too much"),
    Reason.CANNOT_TRADE: Words("Gate: the venue does not let this account trade"),
    Reason.CROSSED_QUOTE: Words("Gate: the quote is crossed or older than the last trade"),
    Reason.STOPPING: Words("Gate: the program is about to stop"),
}


def sentence(reason: Reason, numbers: Sequence[float] = (), judge: str = "") -> str:
    """The words for a reason, with its numbers if it has them; `judge` names who is not ready."""
    words = WORDS[reason]
    if reason in (Reason.NOT_READY, Reason.JUDGE_FAILED) and judge:
        return f"{judge}: {words.plain}"
    needed = [place for place in range(4) if f"{{{place}:" in words.full]
    known = [place < len(numbers) and math.isfinite(numbers[place]) for place in needed]
    if not words.full or not all(known):
        return words.plain
    return words.full.format(*(_Number(number) for number in numbers))
