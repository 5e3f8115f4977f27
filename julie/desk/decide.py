"""The decision on one close of one instrument: record judges, desk's own refusals, arbitration,
size, gate.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.record import RATE_RING
from julie.core.types import Code, Reason
from julie.defense.account_rules import judge_account
from julie.defense.circuit_breaker import judge_breaker
from julie.defense.directional_loss import judge_direction
from julie.desk.arbitration import arbitrate
from julie.desk.management import past_last_entry
from julie.desk.table import NOBODY, PENDING
from julie.risk.account import measure
from julie.risk.gate import gate
from julie.risk.size import contracts, too_little

ALLOW, DENY = int(Code.ALLOW), int(Code.DENY)
POSITION_OPEN, WORKING_ENTRY = int(Reason.POSITION_OPEN), int(Reason.WORKING_ENTRY)
COOLDOWN, ONCE_A_DAY, SESSION_TRADES = (
    int(Reason.COOLDOWN),
    int(Reason.ONCE_A_DAY),
    int(Reason.SESSION_TRADES),
)
STRATEGY_OFF = int(Reason.STRATEGY_OFF)
LAST_ENTRY_TIME, MIN_NET_PROFIT = int(Reason.LAST_ENTRY_TIME), int(Reason.MIN_NET_PROFIT)


@machine
def judge_record(record: Any, t: Any, i: int, part: int) -> tuple[int, int]:
    """Ask the three judges of our own record; returns (chain position, reason) of the first that
    counts.
    """
    k, strategy, side = t.instrument[i], t.strategy[i], t.side[i]
    place, why = NOBODY, 0
    for j in range(3):
        if t.asked[i, j] == 0:
            continue
        numbers = t.numbers[i, j]
        if j == 0:
            reason = judge_breaker(record, strategy, numbers)
        elif j == 1:
            reason = judge_account(record, k, side, t.min_to_event[i], numbers)
        else:
            reason = judge_direction(record, k, side, part, t.close_ns[i], numbers)
        t.codes[i, j] = DENY if reason != 0 else ALLOW
        t.reasons[i, j] = reason
        if reason != 0 and t.asked[i, j] == 1 and t.places[j] < place:
            place, why = t.places[j], reason
    return place, why


@machine
def own_refusal(record: Any, t: Any, i: int, day: int, part: int) -> int:
    """What the desk itself holds against a candidate: an open plan, entries that the venue refuses,
    cooldown, once a day, the session's cap.
    """
    k, strategy = t.instrument[i], t.strategy[i]
    plan, pair, rule = record.plans[k], record.pairs[strategy, k], record.strategies[strategy]
    if plan.state == 2:
        return POSITION_OPEN
    if plan.state == 1:
        return WORKING_ENTRY
    if rule.refused_day == day:
        return STRATEGY_OFF
    if t.row[i] - pair.last_row < rule.cooldown:
        return COOLDOWN
    if rule.once_a_day == 1 and pair.entry_day[0 if t.side[i] > 0 else 1] == day:
        return ONCE_A_DAY
    if rule.session_trades > 0 and pair.part == part and pair.trades >= rule.session_trades:
        return SESSION_TRADES
    return 0


@machine
def no_order(record: Any, at: Any, barred: int) -> int:
    """Why no entry at all may be sent from this close, 0 = one may."""
    if barred != 0:
        return int(barred)
    return LAST_ENTRY_TIME if past_last_entry(record.rules[0], at) else 0


@machine
def decide(record: Any, t: Any, lo: int, hi: int, at: Any, barred: int) -> int:
    """Give every candidate of rows lo..hi-1 its outcome; returns the approved row, or -1.

    `barred` is the Reason why none may be sent now, 0 = one may; all are judged all the same.
    """
    part, shut = at.day * 8 + at.session, no_order(record, at, barred)
    for i in range(lo, hi):
        place, why = judge_record(record, t, i, part)
        if t.chain_place[i] < place:
            place, why = t.chain_place[i], t.chain_reason[i]
        t.denied_by[i] = place
        reason = int(t.bracket_reason[i])
        if reason == 0:
            reason = why
        if reason == 0:
            reason = own_refusal(record, t, i, at.day, part)
        if reason == 0:
            reason = shut
        t.outcome[i] = -reason
    best = arbitrate(t, record.strategies, lo, hi)
    if best < 0:
        return -1
    qty, reason = _risk(record, t, best)
    if reason != 0:
        t.outcome[best] = -reason
        return -1
    _approve(record, t, best, qty, at.day)
    return best


@machine
def _risk(record: Any, t: Any, i: int) -> tuple[int, int]:
    """Viability, size and gate of the survivor: (contracts, reason of the refusal)."""
    k = t.instrument[i]
    if t.viability_reason[i] != 0:
        return 0, int(t.viability_reason[i])
    qty, reason = contracts(record, t.strategy[i], k, t.sl[i], t.factor[i], t.min_to_event[i])
    if reason == 0 and too_little(record, k, qty, t.tp[i], t.tp1[i]):
        reason = MIN_NET_PROFIT
    if reason == 0:
        reason = gate(record, t, i, qty)
    return qty, reason


@machine
def _approve(record: Any, t: Any, i: int, qty: int, day: int) -> None:
    """Reserve contracts and loss at once, so that the next instrument of this close sees them."""
    account, plan = record.account[0], record.plans[t.instrument[i]]
    first = qty // 2 if t.tp1[i] > 0 else 0
    plan.state = 1
    plan.candidate = i
    plan.strategy = t.strategy[i]
    plan.side = t.side[i]
    plan.mode = t.mode[i]
    plan.entry_kind = t.entry_kind[i]
    plan.legs = 2 if first > 0 else 1
    plan.qty[0] = first if first > 0 else qty
    plan.qty[1] = qty - first if first > 0 else 0
    plan.sl = t.sl[i]
    plan.tp[0] = t.tp1[i] if first > 0 else t.tp[i]
    plan.tp[1] = t.tp[i]
    plan.limit = t.limit_tick[i]
    plan.decided_ns = t.close_ns[i]
    plan.decided_row = t.row[i]
    plan.expires_row = t.row[i] + t.expires_bars[i] if t.expires_bars[i] >= 0 else 1 << 60
    plan.on_expiry = t.on_expiry[i]
    plan.day = day
    plan.session = t.session[i]
    plan.closing = plan.taken = plan.ended = plan.net = 0
    for leg in range(2):
        plan.held[leg] = plan.entered[leg] = plan.basis[leg] = 0
        plan.paid[leg] = plan.slips[leg] = plan.row[leg] = 0
    account.ring = (account.ring + 1) % RATE_RING
    account.entry_ns[account.ring] = t.close_ns[i]
    record.instruments[t.instrument[i]].last_entry_ns[0 if plan.side > 0 else 1] = t.close_ns[i]
    t.outcome[i] = PENDING
    measure(record)
