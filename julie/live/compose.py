"""The bot, wired once: a simulated gateway in lockstep, from the login to the end of the market.

The mode is chosen here and nowhere else; what stands behind a door does not know it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from julie.core.bus import Bus
from julie.core.calendar import Calendar, load_calendar
from julie.core.clock import VirtualClock
from julie.core.events import Alarm, AuditRecord
from julie.core.instruments import DEFAULT_TRADED
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent
from julie.core.scribe import Scribe
from julie.core.sessions import session_table
from julie.core.tasks import Tasks
from julie.core.timers import Bell
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.desk.minutes import DeskMinutes
from julie.desk.moments import Moments
from julie.execution.executor import Executor
from julie.execution.floor import Traded as Carried
from julie.execution.venue import VenueEvent
from julie.gateway.client import Client
from julie.gateway.feed import Addresses, HubFeed
from julie.gateway.front_month import front_month
from julie.gateway.history import minutes as minutes_of_venue
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.gateway.wire import BarRow
from julie.live.minutes import Minutes, Traded
from julie.live.portfolio import asked_for, days_remembered, portfolio
from julie.live.sim import Lockstep, Ready, Seen, SimControl, until_finished
from julie.live.stream import Stream
from julie.live.venue_door import login_of
from julie.live.warm import Watched, history, rows_of, stored, window_start
from julie.market.aggregator import MinuteBar
from julie.market.aggregator.minute import minute_of
from julie.settings import Settings
from julie.store.journal import JournalReader, SqliteJournal, Wanted, journal_of
from julie.store.rows import Rows

PATIENT_S: Final = 3600.0


class Over(Exception):
    """The session has come to its end."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a session left."""

    run: str
    minutes: int
    candidates: int
    legs: int
    balance_cents: int
    pieces: int
    ready_s: float


class Ears:
    """Hands on what the streams bring."""

    def __init__(self, clock: VirtualClock, scribe: Scribe, stream: Stream) -> None:
        self._clock, self._scribe, self._stream = clock, scribe, stream
        self.minutes: Minutes | None = None
        self.executor: Executor | None = None
        self.wake: Callable[[], None] = _nobody
        self.bell = Bell(clock)

    def market(self, event: MarketEvent) -> None:
        """A print or a quote."""
        self._clock.advance_to(event.ts_exchange)
        if self.minutes is not None:
            self.minutes.heard(event)
            if not self.minutes.idle:
                self.bell.ring()
        self.wake()

    def user(self, event: VenueEvent) -> None:
        """A row of our account."""
        if self.executor is not None:
            self.executor.on_venue(event)
        self.wake()

    def hub(self, change: HubChanged) -> None:
        """A stream is in another state."""
        alive = change.state is HubState.LIVE
        if change.hub is Hub.USER:
            if self.executor is not None and change.state in (HubState.LIVE, HubState.DOWN):
                self.executor.stream(alive)
        elif alive:
            self._stream.found()
        elif change.state is not HubState.WAITING:
            self._stream.lost()
        self.wake()

    def alarm(self, alarm: Alarm) -> None:
        """Something for a person."""
        self._scribe.note(alarm)


def _nobody() -> None:
    """Nobody waits for us."""


async def simulated(ready: Ready, settings: Settings, data_dir: Path, run: str) -> Ended:
    """Trade a simulated gateway's market to its end."""
    clock, wall = VirtualClock(ready.clock), asyncio.get_running_loop().time
    began, chance = wall(), np.random.default_rng(1)
    login = login_of(ready)
    client = Client(login.url, login.credentials, clock, chance)
    control = SimControl(ready.url)
    journal = SqliteJournal.open(data_dir, run, clock)
    try:
        scribe = Scribe(journal, Bus(), run, clock, journal.next_seq)
        session = await _session(ready, settings, data_dir, client, scribe, clock)
        ended = await session.trade(ready, settings, control, chance, lambda: wall() - began)
    finally:
        await journal.close()
        await control.aclose()
        await client.aclose()
    return replace(ended, run=run)


@dataclass(slots=True)
class Session:
    """The parts of a running bot."""

    client: Client
    clock: VirtualClock
    scribe: Scribe
    calendar: Calendar
    rows: VenueRows
    contracts: tuple[str, ...]
    ears: Ears
    minutes: Minutes
    desk: DeskMinutes
    executor: Executor
    data_dir: Path

    async def trade(
        self,
        ready: Ready,
        settings: Settings,
        control: SimControl,
        chance: np.random.Generator,
        since: Callable[[], float],
    ) -> Ended:
        """From the reconciled start to the market's end."""
        lockstep = ready.speed == "lockstep"
        feed = HubFeed(
            self.client,
            Addresses(ready.url, ready.user_hub, ready.market_hub),
            self.rows,
            self.contracts,
            settings.gateway,
            self.calendar,
            self.clock,
            chance,
            self.ears,
            quiet=lambda: self.executor.idle,
            exposed=lambda: bool(np.any(self.desk.record.plans["state"])),
            lockstep=lockstep,
        )
        step = Lockstep(
            control,
            lambda: Seen(feed.seen(Hub.MARKET), feed.seen(Hub.USER)),
            lambda: self._at_rest(feed),
            self.scribe.commit,
        )
        self.ears.wake = step.wake
        with JournalReader(journal_of(self.data_dir)) as reader:
            records = [one for one in reader.records(Wanted()) if isinstance(one, AuditRecord)]
        ready_s = since()
        try:
            async with Tasks() as tasks:
                await self.executor.recover(records)
                tasks.start("executor", self.executor.run())
                tasks.start("minutes", self._catch_up())
                feed.start(tasks)
                await (step.run() if lockstep else until_finished(control))
                raise Over  # the group's other members end with it
        except* Over:
            pass
        await self.scribe.commit()
        account = self.desk.record.account[0]
        return Ended(
            "",
            self.minutes.taken,
            self.minutes.candidates,
            int(account["legs"]),
            int(account["balance"]),
            step.pieces,
            ready_s,
        )

    def _at_rest(self, feed: HubFeed) -> bool:
        live = all(feed.state(hub) is HubState.LIVE for hub in Hub)
        return live and not feed.intake.waiting and self.minutes.idle and self.executor.idle

    async def _catch_up(self) -> None:
        while True:
            await self.ears.bell.wait(PATIENT_S)
            await self.minutes.catch_up()
            self.ears.wake()


async def _session(
    ready: Ready,
    settings: Settings,
    data_dir: Path,
    client: Client,
    scribe: Scribe,
    clock: VirtualClock,
) -> Session:
    """Log in, look the contracts up, load the history, make the desk."""
    calendar = load_calendar()
    watched, traded = await _contracts(ready, settings, client, _day(calendar, clock.now_ns()))
    now = minute_of(clock.now_ns())

    async def fetch(contract: str, first: int, last: int) -> Sequence[BarRow]:
        return await minutes_of_venue(client, contract, first, last)

    named = [one.instrument.symbol for one in traded]
    asked = asked_for(settings, [one.instrument for one in watched], named)
    start = window_start(calendar, now, days_remembered(asked))
    kept = [stored(data_dir, one.instrument.symbol) for one in watched]
    series = [
        await history(one, calendar, start, now, fetch, rows)
        for one, rows in zip(watched, kept, strict=True)
    ]
    made = portfolio(replace(asked, series=tuple(series)), calendar)
    stream = Stream(watched, calendar)
    stream.begin(now)
    ears = Ears(clock, scribe, stream)
    rows = VenueRows(ready.account_id, Ticks(settings.instrument_table().values()))
    executor = Executor(
        GatewayVenue(client, rows), scribe, clock, _carried(watched, traded), settings.execution
    )
    desk = DeskMinutes(
        made.pipeline,
        made.graph,
        made.record,
        made.traded,
        made.strategies,
        Moments(calendar, session_table(settings.sessions.starts), MINUTE_NS),
        contracts=[one.contract for one in traded],
    )

    async def missing(k: int, ts: int) -> MinuteBar | None:
        found = rows_of(watched[k].contract, await fetch(watched[k].contract, ts, ts))
        return _first_bar(found) if len(found) else None

    lines = [
        Traded(one.instrument, other.instrument, one.contract, float(bars.shift[-1]))
        for one, other, bars in zip(watched, traded, series, strict=True)
    ]
    age = settings.execution.max_signal_age_s * SECOND_NS
    minutes = Minutes(desk, executor, stream, lines, scribe.note, clock.now_ns, missing, age)
    ears.minutes, ears.executor = minutes, executor
    every = tuple(dict.fromkeys(one.contract for one in (*watched, *traded)))
    return Session(
        client, clock, scribe, calendar, rows, every, ears, minutes, desk, executor, data_dir
    )


def _first_bar(rows: Rows) -> MinuteBar:
    """The first row as a minute's bar."""
    volume = 0.0 if rows.volume is None else float(rows.volume[0])
    opened, high, low, close = (
        float(one[0]) for one in (rows.open, rows.high, rows.low, rows.close)
    )
    return MinuteBar(opened, high, low, close, volume)


def _day(calendar: Calendar, now_ns: int) -> date:
    place = max(int(np.searchsorted(calendar.open_ns, now_ns, side="right")) - 1, 0)
    return date(1970, 1, 1) + timedelta(days=int(calendar.day[place]))


async def _contracts(
    ready: Ready, settings: Settings, client: Client, day: date
) -> tuple[list[Watched], list[Watched]]:
    """What is listened to and what is traded on it, each under its contract of the day."""
    table = settings.instrument_table()
    symbols = [one for one in settings.live.symbols if one in ready.contracts]
    if not symbols:  # a market of its own: whatever it has
        symbols = list(ready.contracts)
    named = settings.live.trade if len(settings.live.trade) == len(symbols) else ()
    trades = [named[k] if named else _micro(one, ready.contracts) for k, one in enumerate(symbols)]
    found = {one: await front_month(client, table[one], day) for one in {*symbols, *trades}}
    return (
        [Watched(table[one], found[one].id) for one in symbols],
        [Watched(table[one], found[one].id) for one in trades],
    )


def _micro(symbol: str, served: dict[str, str]) -> str:
    micro = DEFAULT_TRADED.get(symbol, symbol)
    return micro if micro in served else symbol


def _carried(watched: Sequence[Watched], traded: Sequence[Watched]) -> list[Carried]:
    """The executor's lines: by the symbol that the desk knows, the contract that is traded."""
    return [
        Carried(
            one.instrument.symbol,
            other.contract,
            other.instrument.tick,
            other.instrument.tick_value_cents,
        )
        for one, other in zip(watched, traded, strict=True)
    ]
