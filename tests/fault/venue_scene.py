"""The live order path against a simulated gateway in a process of its own, without a desk.

Both hubs, the REST door, the executor and its journal are the bot's own; a test says what to enter,
what goes wrong, and then asks the gateway's truth and its oracle. The market stands still at 5,000
unless a script moves it. Seconds are the market's, and pass `SPEED` times faster than life.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import numpy as np

from julie.core.bus import Bus
from julie.core.calendar import load_calendar
from julie.core.clock import ScaledClock
from julie.core.events import Alarm, AuditRecord, Fill, Payload, StateChanged
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent
from julie.core.permits import Approved, Entry, Leg, Position, Reducing
from julie.core.scribe import Scribe
from julie.core.seal import SEAL
from julie.core.timers import sleep
from julie.core.types import EntryKind, Side
from julie.core.zones import SECOND_NS
from julie.execution import kill
from julie.execution.config import ExecutionSection
from julie.execution.executor import Executor
from julie.execution.floor import Traded
from julie.execution.venue import VenueEvent
from julie.gateway.client import Client
from julie.gateway.config import GatewaySection
from julie.gateway.feed import HubFeed
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.sim import Ready
from julie.live.venue_door import login_of, opened
from julie.simgate.exchange.bodies import Truth, Violation
from julie.store.journal import SqliteJournal
from tests.fault.gate import secrets_of
from tests.fault.invariants import FLATTEN_S, WITHOUT_A_DESK
from tests.fault.outcome import Outcome, read_journal
from tests.fault.pace import PACE
from tests.fault.rows import seed_of

SPEED: Final = 5.0 * PACE
TICK: Final = 0.25
LIMIT_S: Final = 60.0  # of the market, for anything that must come
LONG: Final = Side.LONG
SHORT: Final = Side.SHORT
ENDED: Final = (2, 3, 4, 5)  # statuses of orders to which nothing more happens


class Scene:
    """What stands while a test acts."""

    def __init__(self, ready: Ready, folder: Path, rules: ExecutionSection) -> None:
        self.ready = ready
        self.folder = folder
        self.contract = ready.contracts["MES"]
        self.account_id = ready.account_id
        self.clock = ScaledClock(ready.clock, SPEED)
        self.said: list[AuditRecord] = []
        self.http = httpx.AsyncClient(base_url=ready.url, timeout=10.0, trust_env=False)
        chance = np.random.default_rng(3)
        login = login_of(ready)
        self.client = Client(login.url, login.credentials, self.clock, chance)
        rows = VenueRows(self.account_id, Ticks())
        self.venue = GatewayVenue(self.client, rows)
        self.journal = SqliteJournal.open(folder / "data", "fault", self.clock)
        self.scribe = _Pen(self.said, self.journal, self.clock)
        line = Traded("MES", self.contract, TICK, 125, 61)
        self.executor = Executor(self.venue, self.scribe, self.clock, [line], rules)
        self.feed = HubFeed(
            self.client,
            login.addresses,
            rows,
            (self.contract,),
            GatewaySection(),
            load_calendar(),
            _Ears(self),
            quiet=lambda: self.executor.idle,
            exposed=lambda: bool(self.executor.book.open_plans()),
        )
        self._plans = 0
        self.judged = False

    # what happens to the venue

    async def sim(self, name: str, *bodies: dict[str, Any], method: str = "POST") -> Any:
        """A control call."""
        body: Any = list(bodies) if len(bodies) > 1 else next(iter(bodies), None)
        answer = await self.http.request(method, f"/_sim/{name}", json=body)
        assert answer.status_code == 200, (name, answer.status_code, answer.text)
        return answer.json()

    async def rule(self, do: str, match: dict[str, Any] | None = None, **action: Any) -> None:
        """Something goes wrong from now on."""
        scope = action.pop("scope", {})
        body = {"match": match or {}, "action": {"do": do, **action}, "scope": scope}
        await self.sim("rules", body)

    async def account(self, kind: str, **body: Any) -> None:
        """Something happens to the account."""
        await self.sim("account", {"kind": kind, **body})

    async def gap(self, points: float) -> None:
        """From the next print on the price is another."""
        await self.sim("market", {"kind": "gap", "points": points})

    async def prints(self, *ticks: tuple[float, float, int]) -> None:
        """The price jumps: seconds from now, price, volume."""
        await self.sim("market", {"kind": "ticks", "ticks": ticks})

    # what the venue knows

    async def truth(self) -> dict[str, Any]:
        """The gateway's own record."""
        found: dict[str, Any] = await self.sim("truth", method="GET")
        return found

    async def orders(self, role: str | None = None, *, working: bool = False) -> list[Any]:
        """Orders by the gateway's own record."""
        return [
            one
            for one in (await self.truth())["orders"]
            if role in (None, one["role"]) and not (working and one["status"] in ENDED)
        ]

    async def net(self) -> int:
        """Contracts held."""
        rows = (await self.truth())["positions"]
        return sum(int(row["net"]) for row in rows if row["contract"] == self.contract)

    async def flat(self) -> bool:
        """Nothing held and nothing working."""
        truth = await self.truth()
        held = any(row["net"] for row in truth["positions"])
        return not held and all(one["status"] in ENDED for one in truth["orders"])

    async def covered(self) -> bool:
        """Something is held, and stops stand for all of it."""
        held = (await self.truth())["positions"]
        return bool(held) and all(one["covered"] >= abs(one["net"]) for one in held)

    async def requests(self, path: str, since: int = 0) -> list[Any]:
        """Requests that came."""
        rows = (await self.truth())["requests"]
        return [row for row in rows if row["path"].endswith(path) and row["ns"] >= since]

    # what we do

    def entry(
        self,
        side: Side = LONG,
        legs: Sequence[tuple[int, int]] = ((1, 40),),
        stop: int = 20,
        limit: float | None = None,
        age_s: float = 0.0,
    ) -> Approved[Entry]:
        """An approved entry: contracts and target distance of each leg."""
        plan, self._plans = self._plans, self._plans + 1
        kind = EntryKind.MARKET if limit is None else EntryKind.LIMIT
        return Approved(
            Entry(
                f"MES:{plan}:0",
                "MES",
                self.contract,
                side,
                kind,
                stop,
                tuple(Leg(qty, target) for qty, target in legs),
                self.clock.now_ns() - round(age_s * SECOND_NS),
                limit_tick=None if limit is None else round(limit / TICK),
            ),
            SEAL,
        )

    def submit(self, *orders: Approved[Entry] | Reducing) -> None:
        """The desk's orders."""
        self.executor.submit(orders)

    def position(self, qty: int, side: Side = LONG) -> Position:
        """What the desk believes to hold."""
        return Position("MES", self.contract, side, qty)

    async def open(self, **given: Any) -> None:
        """A position that stands with its bracket."""
        entry = self.entry(**given)
        self.submit(entry)
        net = int(entry.value.side) * entry.value.qty
        legs = 2 * len(entry.value.legs)

        async def stands() -> bool:
            return await self.net() == net and len(await self.orders(working=True)) == legs

        await self.until(stands)
        await self.until(lambda: self.executor.idle and self.book_net() == net)

    def book_net(self) -> int:
        """What our own book holds."""
        return self.executor.book.net(self.contract)

    # what was said

    def of(self, kind: type[Any]) -> list[Any]:
        """Payloads of one kind that were written."""
        return [one.payload for one in self.said if isinstance(one.payload, kind)]

    def alarms(self, kind: str) -> list[str]:
        """What a person was told under one name."""
        return [one.text for one in self.of(Alarm) if one.kind == kind]

    def causes(self) -> set[str]:
        """Why the desk may not do everything."""
        return {cause.name for cause in self.executor.standing.causes}

    def states(self) -> list[str]:
        """The desk's states in their order."""
        return [one.state.name for one in self.of(StateChanged)]

    # time

    async def pause(self, seconds: float) -> None:
        """Let the market's time pass."""
        await sleep(self.clock, seconds)

    async def until(
        self, reached: Callable[[], bool | Awaitable[bool]], within_s: float = LIMIT_S
    ) -> float:
        """Wait for a condition; the market's seconds that it took."""
        began = self.clock.now_ns()
        while True:
            found = reached()
            if not isinstance(found, bool):
                found = await found
            took = (self.clock.now_ns() - began) / SECOND_NS
            if found:
                return took
            assert took < within_s, f"not within {within_s} s; {await self.story()}"
            await asyncio.sleep(0.01)

    async def story(self) -> str:
        """What to read when a test fails."""
        truth = await self.truth()
        lines = [f"causes {self.causes()}", *(str(one.payload) for one in self.said[-40:])]
        lines += [str(one) for one in truth["orders"][-8:]] + [str(truth["positions"])]
        return "\n".join(lines)

    # the end

    async def settled(self) -> None:
        """Nothing is under way, and what the venue did was heard here."""

        async def equal() -> bool:
            truth = await self.truth()
            ours = sum(fill.qty for fill in self.of(Fill) if fill.qty > 0)
            theirs = sum(one["size"] for one in truth["fills"] if not one["foreign"])
            return self.executor.idle and self.book_net() == await self.net() and ours >= theirs

        await self.until(equal)

    async def violations(self) -> list[Any]:
        """What the oracle found."""
        found: list[Any] = await self.sim("violations", method="GET")
        return found

    async def must_hold(self, *, foreign: bool = False) -> None:
        """All invariants that need no desk: I1, I2, I6 and I7 by the gateway's oracle, and what
        `books_hold` says.
        """
        await self.settled()
        found = await self.violations()
        assert found == [], f"the oracle found {found}\n{await self.story()}"
        await self.books_hold(foreign=foreign)

    async def books_hold(self, *, foreign: bool = False) -> None:
        """I3 by our journal against the venue's record, I5 by every byte that was written."""
        self.judged = True
        await self.settled()
        await self.scribe.commit()
        found = await self.outcome(foreign=foreign)
        try:
            for check in WITHOUT_A_DESK:
                check(found)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{await self.story()}") from error

    async def outcome(self, *, foreign: bool = False) -> Outcome:
        """All that is there now."""
        answers = [await self.http.get(f"/_sim/{name}") for name in ("truth", "violations")]
        return Outcome(
            seed_of(),
            self.folder / "data",
            msgspec.json.decode(answers[0].content, type=Truth),
            msgspec.json.decode(answers[1].content, type=list[Violation]),
            "",
            secrets_of(self.ready),
            read_journal(self.folder / "data"),
            foreign=foreign,
        )

    async def close_all(self) -> None:
        """I8: at the end of a scene everything can be closed from outside, as `julie flatten` does
        it.
        """
        await self.sim("rules", method="DELETE")
        began = asyncio.get_running_loop().time()
        async with opened(login_of(self.ready)) as door:
            await door.client.session.for_acting()
            await kill.flatten(door.venue(), self.clock)
        await self.until(self.flat)
        took = asyncio.get_running_loop().time() - began
        assert took <= FLATTEN_S, f"I8: flat only after {took:.1f} s"


class _Pen(Scribe):
    """The scribe, with what it wrote at hand."""

    def __init__(self, said: list[AuditRecord], journal: SqliteJournal, clock: ScaledClock) -> None:
        super().__init__(journal, Bus(), "fault", clock, journal.next_seq)
        self._said = said

    def note(self, payload: Payload, ts_exchange: int | None = None) -> AuditRecord:
        record = super().note(payload, ts_exchange)
        self._said.append(record)
        return record


class _Ears:
    """Hands on what the streams bring."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def market(self, event: MarketEvent) -> None:
        self._scene.clock.advance_to(event.ts_exchange)

    def user(self, event: VenueEvent) -> None:
        self._scene.executor.on_venue(event)

    def hub(self, change: HubChanged) -> None:
        if change.hub is Hub.USER and change.state in (HubState.LIVE, HubState.DOWN):
            self._scene.executor.stream(change.state is HubState.LIVE)

    def alarm(self, alarm: Alarm) -> None:
        self._scene.scribe.note(alarm)
