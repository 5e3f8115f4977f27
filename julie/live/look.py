"""A look at the running bot, as the status file and the local socket tell it."""

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from julie.core.clock import MachineClock
from julie.core.events import Alarm
from julie.core.instruments import Instrument
from julie.core.market_events import Hub, HubState
from julie.core.money import dollars
from julie.core.sessions import session_table
from julie.core.types import DeskState
from julie.core.types import Session as PartOfDay
from julie.core.zones import MINUTE_NS, SECOND_NS, eastern_iso
from julie.desk.moments import Moments
from julie.execution.config import ExecutionSection
from julie.execution.executor import Executor
from julie.execution.fills import all_told
from julie.execution.plans import Plan, PlanLeg
from julie.execution.state import Standing
from julie.execution.tags import Role
from julie.execution.venue import VenuePosition
from julie.live.commands import Verbs
from julie.live.ground import Ground
from julie.live.session import Session
from julie.risk.account import NO_LIMIT
from julie.store.status import (
    AccountNow,
    HeldNow,
    HubsNow,
    LimitNow,
    LimitsNow,
    Status,
    StrangeNow,
    TradingNow,
)

LOG: Final = logging.getLogger(__name__)
_HUBS: Final = {
    HubState.LIVE: "live",
    HubState.STALE: "stale",
    HubState.OPENING: "connecting",
    HubState.WAITING: "connecting",
    HubState.DOWN: "down",
    HubState.STOPPED: "off",
}
_ASKED: Final = {"flatten": "the kill switch", "paused": "paused"}


class Looks:
    """Called by the keeper, on the loop; `session` is put in as soon as there is one."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.session: Look | None = None
        self._failed = ""  # what the last look raised; told once

    def __call__(self) -> Status:
        """How the bot is now; of a session that cannot be looked at, as much as is certain."""
        if self.session is None:
            return self._bare("it starts")
        try:
            status = self.session()
        except Exception as error:  # a reader: trading goes on without it
            name = type(error).__name__
            if name != self._failed:
                LOG.exception("the status cannot be made")
                self._tell(name)
            return self._bare(f"the status cannot be made ({name})")
        self._failed = ""
        return status

    def _tell(self, name: str) -> None:
        self._failed = name
        self._ground.scribe.note(Alarm("status_failed", f"the status cannot be made: {name}"))

    def _bare(self, why: str) -> Status:
        ground, standing = self._ground, self._ground.executor.standing
        return Status(
            timestamp=eastern_iso(MachineClock().now_ns()),
            is_alive=True,
            run=ground.wanted.run,
            mode=ground.place.mode,
            desk_state=max(standing.state, DeskState.REDUCING).name,  # nobody decides yet
            reason="; ".join(one for one in (why, _reason(standing)) if one),
            reconciled_ts=ground.executor.reconciled_ns,
            pid=os.getpid(),
        )


@dataclass(slots=True)
class Look:
    """A session, looked at."""

    session: Session
    verbs: Verbs
    _machine: MachineClock = field(default_factory=MachineClock)
    _moments: Moments = field(init=False)
    _products: tuple[Instrument, ...] = field(init=False)

    def __post_init__(self) -> None:
        settings = self.session.wanted.settings
        starts, self._products = settings.sessions.starts, (*settings.instrument_table().values(),)
        self._moments = Moments(self.session.calendar, session_table(starts), MINUTE_NS)

    def __call__(self) -> Status:
        """How it is now."""
        session, now = self.session, self.session.place.clock.now_ns()
        standing = session.executor.standing
        held = tuple(self._held())
        return Status(
            timestamp=eastern_iso(self._machine.now_ns()),
            is_alive=True,
            run=session.wanted.run,
            mode=session.place.mode,
            desk_state=standing.state.name,
            reason=_reason(standing),
            account=self._account(len(held)),
            trading=self._trading(held),
            data_age_s=self._age_s(now),
            clock_skew_ms=self._skew_ms(),
            hubs=HubsNow(*(_HUBS[session.feed.state(hub)] for hub in (Hub.MARKET, Hub.USER))),
            reconciled_ts=session.executor.reconciled_ns,
            limits=self._limits(),
            strategies=self._strategies(),
            paused=self.verbs.paused,
            session=PartOfDay(self._moments.at(now).session).name,
            pid=os.getpid(),
        )

    def _account(self, held: int) -> AccountNow:
        row, venue = self.session.desk.record.account[0], self.session.executor.book.account
        ours = int(row["balance"])
        if venue is None:  # what we had is no news of what there is
            return AccountNow(open_positions=held)
        told = _told_cents(self.session.executor)  # with what came beside the desk since its minute
        now = ours + int(row["open_pnl"]) if told is None else told
        daily = now - int(row["day_start"])
        return AccountNow(float(dollars(venue.balance_cents)), float(dollars(daily)), held)

    def _trading(self, held: tuple[HeldNow, ...]) -> TradingNow:
        session, venue = self.session, self.session.executor.book.account
        return TradingNow(
            can_trade=venue is not None and venue.can_trade,
            current_stage=session.wanted.settings.account.profile,
            active_contract=session.lines.traded[0].contract,
            current_position=held[0] if held else None,
            positions=held,
            not_ours=tuple(self._not_ours()),
        )

    def _held(self) -> Iterator[HeldNow]:
        for plan in self.session.executor.book.open_plans():
            if plan.held > 0:
                yield self._position(plan)

    def _not_ours(self) -> Iterator[StrangeNow]:
        session, rules = self.session, self.session.wanted.settings.execution
        traded = {one.contract for one in session.lines.traded}
        for contract, net in session.not_ours.items():
            yield strange(session.executor, rules, contract, net, traded=contract in traded)

    def _position(self, plan: Plan) -> HeldNow:
        session = self.session
        product = self._product(plan.contract)
        tick = session.lines.ticks.get(plan.contract, 1.0 if product is None else product.tick)
        entry = entry_price(plan, session.executor.book.positions.get(plan.contract), tick)
        now = session.minutes.quotes.last.get(plan.contract)
        points = None if now is None or entry is None else (now - entry) * int(plan.side)
        value = 0.0 if product is None else product.tick_value_cents / 100.0 / tick
        return HeldNow(
            symbol=plan.symbol if product is None else product.symbol,
            contract=plan.contract,
            side=plan.side.name,
            quantity=plan.held,
            entry_price=entry,
            current_price=now,
            unrealized_pnl=points * value * plan.held if value and points is not None else None,
            unrealized_points=points,
            stop_price=_price(plan, Role.STOP, tick),
            target_price=_price(plan, Role.TARGET, tick),
            strategy=self._strategy_of(plan),
            stop_known=not any(_awaited(leg, session.executor.last_look()) for leg in plan.legs),
            stop_quantity=sum(min(leg.cover, leg.held) for leg in plan.legs if leg.held > 0),
        )

    def _product(self, contract: str) -> Instrument | None:
        """Of a contract in any month, also of what an earlier run traded and this one does not."""
        known = {one.contract: one.instrument for one in self.session.lines.traded}
        month = contract.rpartition(".")[2]
        alike = (one for one in self._products if one.contract_id(month) == contract)
        return known.get(contract) or next(alike, None)

    def _strategy_of(self, plan: Plan) -> str:
        desk = self.session.desk
        for k, symbol in enumerate(desk.symbols):
            if f"{symbol}:{desk.plan_numbers[k]}" == plan.key and desk.record.plans[k]["state"]:
                return self.session.thinking.strategies[int(desk.record.plans[k]["strategy"])]
        return "adopted" if plan.adopted else ""

    def _age_s(self, now: int) -> float | None:
        heard = self.session.minutes.quotes.heard_ns.values()
        return (now - max(heard)) / SECOND_NS if heard else None

    def _skew_ms(self) -> float | None:
        clock = self.session.place.clock
        return clock.skew_ns / 1e6 if isinstance(clock, MachineClock) else None

    def _limits(self) -> LimitsNow:
        row, rules = self.session.desk.record.account[0], self.session.desk.record.rules[0]
        day, loss = int(row["day_limit"]), max(0, -int(row["day_net"]))
        most, cap = int(rules["mll"]), int(row["cap"])
        used = most - (int(row["equity"]) - int(row["floor"]))
        entries = int(rules["entries_a_day"])
        return LimitsNow(
            daily=_usd(loss, day) if 0 < day < NO_LIMIT else None,
            trailing=_usd(max(used, 0), most) if most and self.session.desk.last_ts else None,
            contracts=LimitNow(int(row["used"]) / 10, cap / 10, "minis")
            if 0 < cap < NO_LIMIT
            else None,
            entries=LimitNow(float(row["entries"]), float(entries), "entries") if entries else None,
        )

    def _strategies(self) -> Mapping[str, str]:
        thinking, desk = self.session.thinking, self.session.desk
        rows = desk.record.strategies
        found = {
            name: "off today" if int(rows[k]["off_day"]) == desk.day else "on"
            for k, name in enumerate(thinking.strategies)
        }
        found |= dict.fromkeys(self.session.refused, "off today: its entries were refused")
        for unit in thinking.units:  # a strategy that raised, on one of the instruments
            name = unit.name.partition(" on ")[0]
            if unit.kind == "strategy" and unit.off(desk.day) and found.get(name) == "on":
                found[name] = f"off today: {unit.words}"
        return found | {name: f"silent: {why}" for name, why in thinking.silent.items()}


def _reason(standing: Standing) -> str:
    """Why the desk may not do everything; of what a person asked for, first what that was."""
    return "; ".join(
        f"{_ASKED[one.name]}: {one.text.removeprefix(f'{one.name}: ')}"
        if one.name in _ASKED
        else one.text
        for one in standing.causes
    )


def strange(
    executor: Executor, rules: ExecutionSection, contract: str, net: int, *, traded: bool
) -> StrangeNow:
    """A position that is not ours, as `execution.unknown_position` has it."""
    row, plans = executor.book.positions.get(contract), executor.book.open_plans(contract)
    left = executor.standing.holds(f"unknown_position:{contract}")
    if plans and not left:
        fate = "not explained yet; the next comparison with the venue settles it"
    elif left or not traded or rules.unknown_position == "leave":
        fate = "left alone, no stop of ours protects it"
    elif rules.unknown_position == "flatten":
        fate = "closed as soon as a comparison with the venue finds it again"
    else:
        away = f"a stop {rules.adopted_stop_ticks} ticks away"
        fate = f"adopted, with {away}, as soon as a comparison with the venue finds it again"
    average = row.average if row is not None and not executor.book.net(contract) else None
    return StrangeNow(contract, "LONG" if net > 0 else "SHORT", abs(net), average, fate)


def _told_cents(executor: Executor) -> int | None:
    """Our balance by the venue's gains; None while something is open or untold."""
    if executor.book.open_plans() or not all_told(executor.book):
        return None
    return executor.money.told(executor.book.account)


def _awaited(leg: PlanLeg, looked_mono: int) -> bool:
    """Whether a stop may work that the venue has not shown yet: it was not read since the guard
    misses one, and has not said itself that the last one is gone.
    """
    gone = leg.covered and not leg.alive(Role.STOP)
    read = 0 < leg.naked_mono < looked_mono
    return leg.bare and leg.held > 0 and not (gone or read)


def entry_price(plan: Plan, position: VenuePosition | None, tick: float) -> float | None:
    """What is held was had for that, in points; of what was taken over the venue knows it."""
    held = [(leg.average(Role.ENTRY), leg.held) for leg in plan.legs if leg.held > 0]
    known = [(price, qty) for price, qty in held if price is not None]
    if len(known) < len(held) or not held:
        return position.average if position is not None and position.qty else None
    return sum(price * qty for price, qty in known) / sum(qty for _, qty in known) * tick


def _usd(used: int, limit: int) -> LimitNow:
    return LimitNow(used / 100.0, limit / 100.0, "usd")


def _price(plan: Plan, role: Role, tick: float) -> float | None:
    """The price nearest to the market of the working orders of a role."""
    ticks = [
        order.price_tick
        for leg in plan.legs
        for order in leg.alive(role)
        if order.shown and order.price_tick is not None
    ]
    if not ticks:
        return None
    nearest = max(ticks) if (role is Role.STOP) == (plan.side > 0) else min(ticks)
    return float(np.float64(nearest) * tick)
