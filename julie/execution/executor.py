"""The executor: carries the desk's orders to the venue, guards what they became, knows the truth.

One hand a contract does one thing at a time; a reconciler compares with the venue at the start,
after every reconnect, every thirty seconds and on any surprise. Until the first comparison is
through, nothing may be entered. What the venue says comes in by `on_venue`, in any order.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from julie.core.clock import Clock
from julie.core.events import AuditRecord, Flattening, OrderState, StateChanged
from julie.core.permits import Approved, CancelEntry, Entry, Reducing
from julie.core.scribe import Scribe
from julie.core.taken import LegFill
from julie.core.tasks import Tasks
from julie.core.timers import Bell
from julie.core.types import DeskState, ExitReason, Reason
from julie.execution import fills, kill, recover
from julie.execution.book import Book
from julie.execution.config import ExecutionSection
from julie.execution.entering import Believed, Entries, drop
from julie.execution.fills import Dropped
from julie.execution.flattening import flatten
from julie.execution.floor import Floor, Prices, Traded
from julie.execution.hand import Hand
from julie.execution.ledger import Ledger
from julie.execution.money import Money
from julie.execution.reconcile import POSITIONS, Difference
from julie.execution.repairs import reconcile
from julie.execution.state import Cause, Standing
from julie.execution.tags import Role
from julie.execution.venue import Unreadable, Venue, VenueAccount, VenueEvent

SOON_S: Final = 1.0  # between comparisons, however surprising
QUICK: Final = 10  # so soon after each other
RETRY_S: Final = 5.0  # the venue did not answer, or it takes long
UNRECONCILED: Final = "unreconciled"
_FIRST: Final = Cause(
    UNRECONCILED, DeskState.REDUCING, "not yet compared with the venue", Reason.NOT_RECONCILED
)
_HALTING: Final = frozenset({"two_desks", "two_orders"})


class Executor:
    """One account at one venue."""

    def __init__(
        self,
        venue: Venue,
        scribe: Scribe,
        clock: Clock,
        traded: Sequence[Traded],
        rules: ExecutionSection,
    ) -> None:
        ledger = Ledger(scribe)
        self.standing: Final = Standing(
            lambda state, text, causes: ledger.note(StateChanged(state, text, causes)), _FIRST
        )
        self.book: Final = Book(ledger, clock, self._surprised)
        by_contract = {one.contract: one for one in traded}
        self.money: Final = Money(
            by_contract, lambda kind, text: self._floor.alarm(kind, text), ledger.note
        )
        self.book.money = self.money
        self.prices: Final = Prices(clock)  # kept by whoever hears prints
        self._floor = Floor(
            venue, ledger, clock, self.book, self.standing, rules, by_contract, self.prices
        )
        self.before: Final = self._floor.before  # told of the day by whoever knows the journal
        self.last_look: Final[Callable[[], int]] = lambda: self._floor.looked_mono  # 0 = not yet
        self._entries = Entries()
        self._hands = {one.contract: self._hand(one.contract) for one in traded}
        self._reconcile_bell = Bell(clock)
        self._doubts = 0  # how often something may have been missed
        self._since_ns = clock.now_ns()
        self.reconciled_ns: int | None = None  # when all was last compared with the venue
        self.flatten_due = False  # one was begun, and flat was not seen since
        self.flattens = 0  # that are asked for, and not through
        self._flatten_turn = asyncio.Lock()
        self._stream_down = False
        self._working = False
        self._comparing = False

    def _hand(self, contract: str) -> Hand:
        return Hand(self._floor, self._entries, contract)

    # for the desk

    def submit(self, orders: Sequence[Approved[Entry] | Reducing]) -> None:
        """Queue orders; they leave in this sequence, contract by contract."""
        for order in orders:
            hand = self._hands.get(_contract(order))
            if hand is not None:
                hand.take(order)
            elif isinstance(order, Approved):
                drop(self._floor, self._entries, order.value, Reason.CONTRACT_INACTIVE)
            else:
                self._floor.alarm("no_contract", f"{_contract(order)} is not traded here")

    def take_fills(
        self, symbol: str, minute_open: int, minute_end: int
    ) -> tuple[tuple[LegFill, ...], int]:
        """Fills up to a minute's end that the desk has not heard; 0, or 1 + ExitReason of a close
        that it did not ask for.
        """
        return fills.take(self.book, symbol, max(minute_open, minute_end))

    def take_dropped(self) -> tuple[Dropped, ...]:
        """Entries, or legs of them, that did not come to the venue since the last call, or that
        somebody took off there; to be asked for after the fills.
        """
        found = (*self._entries.dropped, *fills.dropped(self.book))
        self._entries.dropped.clear()
        self.book.rest()
        return found

    def agree(self, working: Iterable[Believed], known: Collection[str]) -> None:
        """After `recover`: entries that the desk believes to be working and that never left are
        dropped; those of plans that it does not know are taken off.
        """
        self._withdraw(known)
        for one in working:
            plan = self.book.plans.get(one.plan)
            named_again = plan is not None and plan.done and plan.decided_ns != one.decided_ns
            legs = [] if plan is None or named_again else plan.legs
            leg = next((leg for leg in legs if 3 * leg.number == one.slot), None)
            if leg is None or not (leg.entering or leg.entered):
                text = "not sent before the last run ended"
                self._entries.dropped.append(
                    Dropped(one.symbol, one.plan, one.slot, Reason.NOT_SENT, text)
                )

    def _withdraw(self, known: Collection[str]) -> None:
        for plan in self.book.open_plans():
            orders = [] if plan.adopted or plan.key in known else list(plan.orders)
            for order in orders:
                if order.role is Role.ENTRY and order.alive:
                    order.withdrawn = True
                    text = f"{order.tag} works and no plan of the desk wants it; it is withdrawn"
                    self._floor.alarm("orphan_order", text)

    def governing(self, ours: int) -> int | None:
        """Our balance in cents as the venue has it, where that differs from `ours` and counts."""
        before, account = self.before, self.book.account
        if self._under_way() or not fills.all_told(self.book) or before.wanted:
            return None
        first = self.money.begins(account)
        right = self.money.governing(account, ours, before.cents)
        if not first:
            before.over()
        elif before.words and not self.money.begins(account):
            self._floor.alarm("earlier_trades", before.words)
        return right

    def _under_way(self) -> bool:
        """Whether what is open forbids to compare. What the account made before the start waits
        for no position that was found: that may stand for the rest of the day.
        """
        book, plans = self.book, self.book.open_plans()
        if not self.before.owed:
            return bool(plans)
        return any(
            not one.adopted or book.venue_net(one.contract) != book.net(one.contract)
            for one in plans
        )

    def gate(self, symbol: str) -> Reason:
        """Why no entry may be sent on an instrument; NONE = it may."""
        reason = self.standing.gate(symbol)
        unknown = reason is Reason.NONE and self.before.owed
        return Reason.NOT_RECONCILED if unknown else reason

    @property
    def state(self) -> DeskState:
        """What the desk may do."""
        return self.standing.state

    @property
    def idle(self) -> bool:
        """Nothing queued, being sent or being compared; only time or the market can bring news."""
        comparing = self._comparing and not self._floor.only_time
        return not comparing and all(hand.idle for hand in self._hands.values())

    # for the streams

    def on_venue(self, event: VenueEvent) -> None:
        """Take what the venue says."""
        self.book.hear(event)
        if isinstance(event, VenueAccount):
            self._allowed(event)
        elif isinstance(event, Unreadable) and self._concerns_us(event.contract):
            self.standing.halt("unreadable", f"{event.what}, while something of ours is open")
        self._floor.ring()

    def _concerns_us(self, contract: str | None) -> bool:
        """Whether a row that nobody understands may be about what we hold or have working."""
        held = [one.contract for one in self.book.positions.values() if one.qty]
        ours = {*held, *(plan.contract for plan in self.book.open_plans())}
        return bool(ours) if contract is None else contract in ours

    def stream(self, alive: bool) -> None:
        """The user stream came or went: a gap is never replayed, so everything is compared."""
        self._stream_down = not alive
        if alive:
            self.reconcile_soon("the user stream is back")
        else:
            text = "the user stream is down"
            self.standing.reduce("user_down", text, Reason.NOT_RECONCILED)

    def reconcile_soon(self, why: str, *, halted: bool = False) -> None:
        """Something may have been missed: no entry until it was compared, or halted until then."""
        self._doubts += 1
        if halted:
            self.standing.halt(UNRECONCILED, why, sticky=False)
        else:
            self.standing.reduce(UNRECONCILED, why, Reason.NOT_RECONCILED)
        self._reconcile_bell.ring()

    def _allowed(self, account: VenueAccount) -> None:
        if account.can_trade:
            self.standing.release("cannot_trade")
        else:
            text = "the venue does not allow trading on the account"
            self.standing.reduce("cannot_trade", text, Reason.CANNOT_TRADE)

    def _surprised(self, name: str, text: str) -> None:
        if self.book.silent:
            return
        self._floor.alarm(name, text)
        if name in _HALTING:
            self.standing.halt(name, text)
        if name == "late_order":
            self._withdraw_late()
        self.reconcile_soon(f"{name}: {text}")

    def _withdraw_late(self) -> None:
        """An entry given up for lost that came after all: the desk goes on without it."""
        for order in self.book.orders():
            if order.life.state is OrderState.UNKNOWN and order.leg.closing is None:
                order.leg.closing = ExitReason.RECONCILE

    # life

    async def run(self) -> None:
        """Work until cancelled."""
        self._working = True
        try:
            async with Tasks() as group:
                for contract, hand in self._hands.items():
                    group.start(f"hand {contract}", hand.run())
                group.start("reconciler", self._compare_on_and_on())
        finally:
            self._working = False

    async def recover(self, records: Iterable[AuditRecord], runs: Iterable[str] = ()) -> None:
        """Take up what the journal tells; an unfinished flatten is finished before all else."""
        symbols = {one.contract: one.symbol for one in self._floor.traded.values()}
        found = recover.rebuild(self.book, symbols, records, runs)
        if not self.money.begins(None):
            self.before.over()
        self._entries.sent_ns.extend(found.entries_ns)
        self._since_ns = min(self._since_ns, found.since_ns or self._since_ns)
        self.standing.restore(found.causes)
        self.flatten_due = found.flattening is not None
        if found.flattening is not None:
            await self.flatten(found.flattening)
        self.reconcile_soon("started")

    async def reconcile(self) -> tuple[Difference, ...] | None:
        """Compare with the venue and act; None = it did not answer."""
        self._comparing, doubts = True, self._doubts
        due = self.flatten_due and not self.flattens
        try:
            heard = await reconcile(self._floor, self._since_ns)
        finally:
            self._comparing = False
        if heard is None:
            return None
        self.reconciled_ns = self._floor.clock.now_ns()
        account = self.book.account
        if account is not None:
            self._allowed(account)
        sure = self._doubts == doubts  # what was doubted meanwhile was not read for
        if sure and not any(one.name in POSITIONS for one in heard):
            self.standing.release(UNRECONCILED)
            if not self._stream_down:
                self.standing.release("user_down")
        if due and sure and not self.flattens and self._nothing_there():
            self.flatten_due = False
            seen = "somebody else closed what was left"
            self._floor.ledger.note(Flattening("the venue was compared", done=True, text=seen))
        if self._floor.ledger.trouble is None or await self._floor.ledger.safe():
            self.standing.release("journal_unwritable")
        self._floor.ring()
        return heard

    def _nothing_there(self) -> bool:
        """Whether the account holds nothing and nothing works there, ours or not."""
        held = any(one.qty for one in self.book.positions.values())
        works = any(not one.status.ended for one in self.book.foreign.values())
        return not (held or works or self.book.open_plans())

    async def _compare_on_and_on(self) -> None:
        looks = 0  # in a row that left something open
        while True:
            if not self._floor.hands_off or self._floor.stuck:
                heard = await self.reconcile()
            else:
                heard = ()
            looks = looks + 1 if self.standing.holds(UNRECONCILED) else 0
            pause = float(self._floor.rules.reconcile_s)
            if heard is None or looks > QUICK:
                pause = RETRY_S
            elif looks:
                pause = SOON_S
            if self._stream_down and self.book.open_plans():
                pause = SOON_S
            await self._reconcile_bell.wait(pause)

    # for a person

    async def flatten(self, reason: str) -> kill.Flattened:
        """Cancel all, close all, verify; the desk stays halted until a person resumes. Whoever
        throws it a second time waits until the first is through, and looks again.
        """
        floor = self._floor
        self.flatten_due = floor.flattening = True
        self.flattens += 1
        self.standing.halt("flatten", reason)
        floor.ledger.note(Flattening(reason, done=False))
        try:
            await floor.ledger.soon()
            async with self._flatten_turn:
                for hand in self._hands.values():
                    hand.drop()
                done = await flatten(floor, working=self._working)
                await floor.look(self._since_ns)
        finally:
            self.flattens -= 1
            floor.flattening = self.flattens > 0
        self.flatten_due = floor.flattening or not done.flat
        floor.ledger.note(Flattening(reason, done=done.flat, text=done.words))
        await floor.ledger.soon()
        self.reconcile_soon("flattened")
        return done


def _contract(order: Approved[Entry] | Reducing) -> str:
    if isinstance(order, Approved):
        return order.value.contract
    return order.contract if isinstance(order, CancelEntry) else order.position.contract
