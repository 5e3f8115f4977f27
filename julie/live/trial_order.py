"""The test order of `julie place-test-order`: in, protected, out again, through the executor.

It passes the gate of risk and is journaled like every order; what is different is that nobody but a
person asked for it. It counts as done only when stop and target were seen working at the venue and
nothing of it is left: no position and no order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from julie.core.clock import Clock
from julie.core.errors import UsageError
from julie.core.instruments import Instrument
from julie.core.permits import Approved, Close, Entry, Leg, Position
from julie.core.record import DeskRecord
from julie.core.ticks import price_words
from julie.core.timers import sleep
from julie.core.types import EntryKind, ExitReason, Reason, Side
from julie.core.words import sentence
from julie.core.zones import SECOND_NS
from julie.desk.table import Table
from julie.execution.executor import Executor
from julie.execution.plans import Plan, PlanLeg
from julie.execution.tags import Role
from julie.risk.trial import approve_trial, limits_known

VERB: Final = "place-test-order"
BY_HAND: Final = "x"  # begins the number of a person's plan, of which the desk is told nothing
MOST: Final = 3  # contracts
HOLD_S: Final = 3.0
HOLD_MOST_S: Final = 120.0
PROTECTED_S: Final = 10.0  # by then stop and target must be seen
OUT_S: Final = 20.0
BOOKED_S: Final = 3.0  # for the trade behind a position that is gone
PRICE_S: Final = 5.0  # for a first price
LOOK_S: Final = 0.05
_KINDS: Final = MappingProxyType(
    {
        **dict.fromkeys(("confidence", "expectancy", "factor", "atr", "min_to_event"), np.float64),
        **dict.fromkeys(
            ("bracket_reason", "chain_place", "chain_reason", "viability_reason", "denied_by"),
            np.int16,
        ),
    }
)
_THREE: Final = MappingProxyType({"asked": np.int8, "codes": np.int8, "reasons": np.int16})
_ABSENT: Final = MappingProxyType({"atr": float("nan"), "min_to_event": float("nan")})


@dataclass(frozen=True, slots=True)
class Trial:
    """What was asked for."""

    symbol: str
    side: Side
    qty: int
    stop_ticks: int
    target_ticks: int
    hold_s: float = HOLD_S


@dataclass(frozen=True, slots=True)
class Line:
    """The instrument it is tried on."""

    place: int  # in the desk's record
    symbol: str  # as the desk knows it
    traded: Instrument
    contract: str


def read_trial(arguments: Mapping[str, str]) -> Trial:
    """The words of the command; raises `UsageError`."""
    try:
        found = Trial(
            arguments["symbol"].upper(),
            {"buy": Side.LONG, "sell": Side.SHORT}[arguments["side"]],
            int(arguments["qty"]),
            int(arguments["stop_ticks"]),
            int(arguments["target_ticks"]),
            float(arguments["hold_s"]),
        )
    except (KeyError, ValueError) as error:
        raise UsageError(f"no test order: {error}", f"`julie {VERB} -h` shows how") from error
    sound = 1 <= found.qty <= MOST and min(found.stop_ticks, found.target_ticks) >= 1
    if not sound or not 0 <= found.hold_s <= HOLD_MOST_S:
        raise UsageError(
            "no test order: a number is out of its range",
            f"1 to {MOST} contracts, distances of a tick and more, at most {HOLD_MOST_S:g} s",
        )
    return found


def is_by_hand(plan: str) -> bool:
    """Whether a plan is a person's test order."""
    return plan.partition(":")[2].startswith(BY_HAND)


def line_of(trial: Trial, lines: Sequence[Line]) -> Line:
    """The line of the instrument, by either of its names; raises `UsageError`."""
    for one in lines:
        if trial.symbol in (one.symbol, one.traded.symbol):
            return one
    known = ", ".join(one.traded.symbol for one in lines)
    raise UsageError(f"{trial.symbol} is not traded in this run", f"it trades {known}")


async def place_trial(
    trial: Trial,
    line: Line,
    record: DeskRecord,
    executor: Executor,
    last_price: Callable[[], float],
    clock: Clock,
) -> tuple[bool, str]:
    """Place it, see it protected, take it off; whether all went well, and what happened."""
    reason = executor.gate(line.symbol)
    if reason is Reason.NONE and executor.book.open_plans(line.contract):
        reason = Reason.POSITION_OPEN
    if reason is not Reason.NONE:
        return False, f"not sent: {sentence(reason)}"
    if not limits_known(record):
        words = "the limits are not known before the first whole minute; ask again"
        return False, f"not sent: {words}"
    price, end = last_price(), clock.mono_ns() + round(PRICE_S * SECOND_NS)
    while not price > 0 and clock.mono_ns() < end:
        await sleep(clock, LOOK_S)
        price = last_price()
    if not price > 0:
        return False, f"not sent: no price of {line.contract} is known yet"
    entry = _entry(trial, line, clock.now_ns())
    approved = approve_trial(record, _row(trial, line, price, entry), entry)
    if isinstance(approved, Reason):
        return False, f"not sent: {sentence(approved)}"
    return await _Course(trial, line, executor, clock, approved).run()


class _Course:
    """One test order on its way."""

    def __init__(
        self, trial: Trial, line: Line, executor: Executor, clock: Clock, entry: Approved[Entry]
    ) -> None:
        self._trial, self._line, self._entry = trial, line, entry
        self._executor, self._clock = executor, clock
        self._began = clock.mono_ns()
        self._key = entry.value.intent.rpartition(":")[0]

    async def run(self) -> tuple[bool, str]:
        """To its end."""
        self._executor.submit([self._entry])
        await self._until(lambda: self._ended or self._protected, PROTECTED_S)
        plan = self._plan
        if plan is None or self._dead(plan):
            return False, f"the entry did not come to the venue: {self._said()}"
        said = [self._entered(plan), self._cover(plan)]
        good = self._protected or plan.done
        if not plan.done:
            await self._until(lambda: self._ended, self._trial.hold_s)
        if not plan.done:
            self._out(plan)
            await self._until(lambda: self._ended, OUT_S)
        out_after_s = self._seconds()
        await self._until(lambda: not plan.done or _booked(plan), BOOKED_S)
        said.append(self._left(plan, out_after_s))
        return good and plan.done, "; ".join(said)

    @property
    def _plan(self) -> Plan | None:
        return self._executor.book.plans.get(self._key)

    @property
    def _ended(self) -> bool:
        plan = self._plan
        return plan is not None and plan.done and bool(list(plan.orders))

    @property
    def _protected(self) -> bool:
        plan = self._plan
        if plan is None or plan.held < 1:
            return False
        return all(_covered(leg) for leg in plan.legs)

    def _dead(self, plan: Plan) -> bool:
        return plan.done and not any(leg.entered for leg in plan.legs)

    def _out(self, plan: Plan) -> None:
        if plan.held > 0:
            position = Position(self._line.symbol, self._line.contract, plan.side, plan.held)
            self._executor.submit([Close(position, plan.held, ExitReason.MANUAL)])

    async def _until(self, reached: Callable[[], bool], seconds: float) -> None:
        end = self._clock.mono_ns() + round(seconds * SECOND_NS)
        while not reached() and self._clock.mono_ns() < end:
            await sleep(self._clock, LOOK_S)

    # words

    def _seconds(self) -> float:
        return (self._clock.mono_ns() - self._began) / SECOND_NS

    def _price(self, tick: int | None) -> str:
        return "unknown" if tick is None else price_words(tick * self._line.traded.tick)

    def _said(self) -> str:
        plan = self._plan
        states = [str(one.life.state) for one in plan.orders] if plan is not None else []
        return ", ".join(states) or "the executor did not send it; see `julie status`"

    def _entered(self, plan: Plan) -> str:
        (leg,) = plan.legs
        verb = "bought" if plan.side is Side.LONG else "sold"
        at = self._price(leg.average(Role.ENTRY))
        return f"{verb} {leg.entered} {self._line.contract} at {at}"

    def _cover(self, plan: Plan) -> str:
        if not self._protected:
            return "stop and target were NOT seen working" if not plan.done else "closed at once"
        (leg,) = plan.legs
        stop = self._price(leg.alive(Role.STOP)[0].price_tick)
        target = self._price(leg.alive(Role.TARGET)[0].price_tick)
        return f"stop {stop} and target {target} working after {self._seconds():.1f} s"

    def _left(self, plan: Plan, out_after_s: float) -> str:
        if not plan.done:
            return "NOT OUT: run `julie flatten`"
        (leg,) = plan.legs
        exits = [one for one in leg.orders if one.role is not Role.ENTRY and one.filled]
        how = exits[-1].role.value if exits else "close"
        at = self._price(next((leg.average(one.role) for one in exits[-1:]), None))
        fees = sum(t.fee_cents for one in leg.orders for t in one.trades) / 100
        so_far = "" if _booked(plan) else " so far"
        out = f"out by {how} at {at} after {out_after_s:.1f} s"
        return f"{out}; flat, no order left; fees{so_far} {fees:.2f} USD"


def _booked(plan: Plan) -> bool:
    """Whether the trades of all that was bought and sold are here."""
    level = sum(int(trade.side) * trade.qty for one in plan.orders for trade in one.trades) == 0
    return level and all(one.traded >= one.life.filled for one in plan.orders)


def _covered(leg: PlanLeg) -> bool:
    target = sum(order.left for order in leg.alive(Role.TARGET) if order.shown)
    return leg.held > 0 and leg.cover >= leg.held and target >= leg.held


def _entry(trial: Trial, line: Line, now_ns: int) -> Entry:
    return Entry(
        intent=f"{line.symbol}:{BY_HAND}{now_ns // SECOND_NS}:0",
        symbol=line.symbol,
        contract=line.contract,
        side=trial.side,
        kind=EntryKind.MARKET,
        stop_ticks=trial.stop_ticks,
        legs=(Leg(trial.qty, trial.target_ticks),),
        decided_ns=now_ns,
    )


def _row(trial: Trial, line: Line, price: float, entry: Entry) -> Table:
    """The order as a table of one candidate, of the very types for which the gate is compiled."""
    tick = round(price / line.traded.tick)
    said = {
        "close_ns": entry.decided_ns, "instrument": line.place, "side": int(trial.side),
        "ref_tick": tick, "limit_tick": tick, "sl": trial.stop_ticks, "tp": trial.target_ticks,
    }  # fmt: skip
    three = {name: np.zeros((1, 3), kind) for name, kind in _THREE.items()}
    whole = {
        name: np.full(1, said.get(name, _ABSENT.get(name, 0)), _KINDS.get(name, np.int64))
        for name in Table._fields
        if name not in three
    }
    extra = {"places": np.zeros(3, np.int16), "numbers": np.full((1, 3, 4), np.nan)}
    return Table(**{**whole, **three, **extra})
