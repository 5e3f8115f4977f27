"""What a session stands on before it can think: the login, the account, the contracts, the orders.

The orders come first. What the journal says was being done is finished, and what is open is looked
after, while history is still on its way.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from julie.core.calendar import Calendar, load_calendar
from julie.core.clock import MachineClock, VirtualClock
from julie.core.scribe import Scribe
from julie.core.tasks import Tasks
from julie.execution.executor import Executor
from julie.execution.floor import Traded
from julie.execution.venue import VenueEvent
from julie.gateway.skew import set_right
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.account_check import check_account
from julie.live.brokers import Broker, Counter
from julie.live.lines import History, Lines, find_lines, trading_day
from julie.live.place import Place
from julie.live.recall import Past
from julie.live.wanted import Wanted


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The ground of a session."""

    place: Place
    wanted: Wanted
    scribe: Scribe
    calendar: Calendar
    lines: Lines
    carried: Sequence[Traded]
    history: History
    rows: VenueRows
    broker: Broker
    executor: Executor


async def lay(wanted: Wanted, place: Place, scribe: Scribe) -> Ground:
    """Log in, see that account and contracts are right, open the broker."""
    calendar, clock, settings = load_calendar(), place.clock, wanted.settings
    row = await check_account(place.client, place.account_id, settings.live)
    place.agreed(row)
    if isinstance(clock, MachineClock):
        set_right(clock, place.client.line.skew)
    day = trading_day(calendar, clock.now_ns())
    lines = await find_lines(place.client, settings, place.served, day)
    history = History(place.client, lines, calendar, wanted.folder)
    rows = VenueRows(place.account_id, Ticks(settings.instrument_table().values()))

    def told(event: VenueEvent) -> None:  # not before the broker runs
        executor.on_venue(event)

    carried = lines.carried(day)
    counter = Counter(place.client, rows, carried, settings, wanted.folder, clock, told)
    broker = place.open_broker(counter)
    executor = Executor(broker.venue, scribe, clock, carried, settings.execution)
    return Ground(place, wanted, scribe, calendar, lines, carried, history, rows, broker, executor)


def tell_day(executor: Executor, calendar: Calendar, past: Past, now_ns: int) -> None:
    """Tell of the trading day that is under way, unless the journal has closed it."""
    place = calendar.begun(now_ns)
    closed = past.closed is not None and past.closed.day >= int(calendar.day[place])
    if not closed:
        executor.before.begin(int(calendar.open_ns[place]), int(calendar.close_ns[place]))


async def take_up(ground: Ground, past: Past, tasks: Tasks) -> None:
    """Take the orders up where the journal left them; from now on they are looked after."""
    tell_day(ground.executor, ground.calendar, past, ground.place.clock.now_ns())
    tasks.start("broker", ground.broker.run())
    recovery = tasks.start("recovery", ground.executor.recover(past.records, past.runs))
    if isinstance(ground.place.clock, VirtualClock):
        # A market that waits for us cannot fill a close before it goes on.
        await asyncio.sleep(0)
    else:
        await recovery
    tasks.start("executor", ground.executor.run())
