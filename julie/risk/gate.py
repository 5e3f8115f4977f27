"""The pre-trade gate: the last pure look before an entry is approved. Every denial is a typed
reason.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.record import RATE_RING
from julie.core.types import Reason
from julie.risk.account import loss_left, reserved_loss

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
def _outside_collar(rules: Any, one: Any, ref_tick: int, sl: int, tp: int, atr: float) -> bool:
    widest = max(
        ref_tick * rules.collar_share, rules.collar_atr * atr / one.tick if atr == atr else 0.0
    )
    return bool(rules.collar_share > 0 and max(sl, tp) > widest)


@machine
def gate(
    record: Any,
    k: int,
    side: int,
    qty: int,
    sl: int,
    tp: int,
    ref_tick: int,
    atr: float,
    now_ns: int,
) -> int:
    """0 to pass, else the reason of the refusal."""
    account, rules, one = record.account[0], record.rules[0], record.instruments[k]
    if account.halted == 1:
        return NOT_ACTIVE
    positions = 0
    for j in range(len(record.plans)):
        positions += 1 if record.plans[j].state != 0 else 0
    if rules.max_positions > 0 and positions >= rules.max_positions:
        return MAX_POSITIONS
    if sl < rules.least_stop or (
        rules.most_stop_pts > 0 and sl * one.tick > rules.most_stop_pts * one.unit
    ):
        return STOP_DISTANCE
    if _outside_collar(rules, one, ref_tick, sl, tp, atr):
        return COLLAR
    loss = qty * (sl * one.tick_value + 2 * one.fee)
    if loss + reserved_loss(record.plans, record.instruments) > loss_left(account, rules):
        return LOSS_LEFT
    if rules.entries_a_day > 0 and account.entries >= rules.entries_a_day:
        return ENTRIES_A_DAY
    if _too_fast(account, rules, now_ns):
        return ENTRY_RATE
    if (
        rules.duplicate_ns > 0
        and now_ns - one.last_entry_ns[0 if side > 0 else 1] < rules.duplicate_ns
    ):
        return DUPLICATE
    return 0
