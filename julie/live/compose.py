"""The bot, wired once: from the journal and the login to the end of the market.

The mode is chosen in `place` and nowhere else; what stands behind a door does not know it.
"""

import asyncio
from dataclasses import dataclass

from julie.core.bus import Bus
from julie.core.calendar import load_calendar
from julie.core.scribe import Scribe
from julie.core.tasks import Tasks
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.lines import History, find_lines, trading_day
from julie.live.place import Place, simulated_place
from julie.live.recall import read_past
from julie.live.session import make_desk, make_session
from julie.live.sim import Ready
from julie.live.wanted import Wanted
from julie.store.journal import SqliteJournal


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
    reconnects: int = 0


async def simulated(wanted: Wanted, ready: Ready) -> Ended:
    """Trade a simulated gateway's market to its end."""
    async with simulated_place(ready, wanted.seed) as place:
        return await trade(wanted, place)


async def trade(wanted: Wanted, place: Place) -> Ended:
    """One session, from what the journal knows to the market's end."""
    wall = asyncio.get_running_loop().time
    began, calendar = wall(), load_calendar()
    past = read_past(wanted.folder)
    journal = SqliteJournal.open(wanted.folder, wanted.run, place.clock)
    try:
        scribe = Scribe(journal, Bus(), wanted.run, place.clock, journal.next_seq)
        day = trading_day(calendar, place.clock.now_ns())
        lines = await find_lines(place.client, wanted.settings, place.served, day)
        history = History(place.client, lines, calendar, wanted.folder)
        rows = VenueRows(place.account_id, Ticks(wanted.settings.instrument_table().values()))
        venue = GatewayVenue(place.client, rows)
        now_ns = place.clock.now_ns()
        thinking = await make_desk(wanted, calendar, lines, history, past, now_ns)
        session = make_session(
            place, wanted, scribe, calendar, lines, history, venue, rows, thinking
        )
        pieces, ready_s = 0, 0.0
        try:
            async with Tasks() as tasks:
                await session.start(past, tasks)
                ready_s = wall() - began
                pieces = await session.market()
                raise Over  # the group's other members end with it
        except* Over:
            pass
        await scribe.commit()
        account = session.desk.record.account[0]
        return Ended(
            wanted.run,
            session.minutes.taken,
            session.minutes.candidates,
            int(account["legs"]),
            int(account["balance"]),
            pieces,
            ready_s,
            session.ears.reconnects,
        )
    finally:
        await journal.close()
