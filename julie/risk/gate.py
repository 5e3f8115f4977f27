"""The pre-trade gate: the last pure look before an entry is approved. Every denial is a typed
reason.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.record import RATE_RING
from julie.core.types import Reason
from julie.risk.account import loss_left

NOT_ACTIVE, STOP_DISTANCE, COLLAR = (
    int(Reason.NOT_ACTIVE),
    int(Reason.STOP_DISTANCE),
    int(Reason.COLLAR),
)
LOSS_LEFT, ENTRY_RATE, DUPLICATE = (
    int(Reason.LOSS_LEFT),
    int(Reason.ENTRY_RATE),
    int(Reason.DUPLICATE),
)
ENTRIES_A_DAY, MAX_POSITIONS = int(Reason.ENTRIES_A_DAY), int(Reason.MAX_POSITIONS)
MINUTE_NS = 60_000_000_000


@machine
def _too_fast(account: Any, rules: Any, now_ns: int) -> bool:
    if rules.entries_a_minute <= 0:
        return False
    recent = 0
    for k in range(RATE_RING):
        if account.entry_ns[k] > now_ns - MINUTE_NS:
            recent += 1
    return bool(recent >= rules.entries_a_minute)


@machine
def _outside_collar(record: Any, c: Any, i: int) -> bool:
    """Whether entry, stop or target lies too far from the last price."""
    rules, one = record.rules[0], record.instruments[c.instrument[i]]
    atr = c.atr[i]
    by_atr = rules.collar_atr * atr / one.tick if atr == atr else 0.0
    widest = max(c.ref_tick[i] * rules.collar_share, by_atr)
    better = (c.ref_tick[i] - c.limit_tick[i]) * c.side[i]
    farthest = max(abs(better), abs(better + c.sl[i]), abs(c.tp[i] - better))
    return bool(rules.collar_share > 0 and farthest > widest)


@machine
def _too_near_or_far(rules: Any, one: Any, sl: int) -> bool:
    too_far = rules.most_stop_pts > 0 and sl * one.tick > rules.most_stop_pts * one.unit
    return bool(sl < rules.least_stop or too_far)


@machine
def _too_often(record: Any, c: Any, i: int) -> int:
    """Entries a day and a minute, and the same side twice."""
    account, rules = record.account[0], record.rules[0]
    now_ns, at = c.close_ns[i], 0 if c.side[i] > 0 else 1
    if rules.entries_a_day > 0 and account.entries >= rules.entries_a_day:
        return ENTRIES_A_DAY
    if _too_fast(account, rules, now_ns):
        return ENTRY_RATE
    since = now_ns - record.instruments[c.instrument[i]].last_entry_ns[at]
    return DUPLICATE if rules.duplicate_ns > 0 and since < rules.duplicate_ns else 0


@machine
def gate(record: Any, c: Any, i: int, qty: int) -> int:
    """The candidate of row `i` of table `c`: 0 to pass, else the reason of the refusal."""
    account, rules = record.account[0], record.rules[0]
    one = record.instruments[c.instrument[i]]
    if account.halted == 1:
        return NOT_ACTIVE
    positions = 0
    for j in range(len(record.plans)):
        positions += 1 if record.plans[j].state != 0 else 0
    if rules.max_positions > 0 and positions >= rules.max_positions:
        return MAX_POSITIONS
    if _too_near_or_far(rules, one, c.sl[i]):
        return STOP_DISTANCE
    if _outside_collar(record, c, i):
        return COLLAR
    if qty * (c.sl[i] * one.tick_value + 2 * one.fee) > loss_left(record):
        return LOSS_LEFT
    return _too_often(record, c, i)
