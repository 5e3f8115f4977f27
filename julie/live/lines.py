"""What a session listens to and trades: contracts of the day, their history, and the data's shift.

Each instrument is listened to under one contract and traded under its own or its micro's; the venue
names both and the table of rolls must agree. History reaches as far back as the columns remember.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from julie.core.bars import Bars
from julie.core.calendar import Calendar
from julie.core.instruments import MONTH_CODES
from julie.core.tasks import Tasks
from julie.core.zones import MINUTE_NS
from julie.execution.floor import Traded
from julie.gateway.client import Client
from julie.gateway.front_month import front_month
from julie.gateway.history import minutes as minutes_of_venue
from julie.gateway.wire import BarRow
from julie.live.minutes import DeskLine
from julie.live.symbols import heard_and_traded
from julie.live.warm import NEAR, Watched, history, rows_of, stored, window_start
from julie.market.aggregator import MinuteBar
from julie.settings import Settings
from julie.store.contracts import delivery


@dataclass(frozen=True, slots=True)
class Lines:
    """Instruments in the run's order: heard, and traded on what is heard."""

    watched: tuple[Watched, ...]
    traded: tuple[Watched, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names of what is heard."""
        return tuple(one.instrument.symbol for one in self.watched)

    @property
    def contracts(self) -> tuple[str, ...]:
        """Every contract that the stream must bring."""
        return tuple(dict.fromkeys(one.contract for one in (*self.watched, *self.traded)))

    @property
    def ticks(self) -> Mapping[str, float]:
        """Points of a tick by contract, of the months beside today's too."""
        every = (*self.watched, *self.traded)
        return {contract: one.instrument.tick for one in every for contract in neighbours(one)}

    def carried(self, day: date) -> list[Traded]:
        """The executor's lines: by the desk's symbol, the contract that is traded, the month before
        it, in which something may be left, and the next one, into which it rolls; with the fee
        of a day.
        """
        pairs = zip(self.watched, self.traded, strict=True)
        return [
            Traded(
                one.instrument.symbol,
                contract,
                other.instrument.tick,
                other.instrument.tick_value_cents,
                other.instrument.fee_cents(day),
            )
            for one, other in pairs
            for contract in neighbours(other)
        ]

    def heard(self, series: Sequence[Bars]) -> list[DeskLine]:
        """The desk's lines, with the shift of today's contract."""
        rows = zip(self.watched, self.traded, series, strict=True)
        return [
            DeskLine(
                one.instrument,
                other.instrument,
                one.contract,
                float(bars.shift[-1]),
                other.contract,
            )
            for one, other, bars in rows
        ]


async def find_lines(
    client: Client, settings: Settings, served: Mapping[str, str], day: date
) -> Lines:
    """Ask the venue for the contracts of a trading day."""
    table = settings.instrument_table()
    symbols, trades = heard_and_traded(settings.live, served)
    found = {one: await front_month(client, table[one], day) for one in {*symbols, *trades}}
    return Lines(
        tuple(Watched(table[one], found[one].id) for one in symbols),
        tuple(Watched(table[one], found[one].id) for one in trades),
    )


def neighbours(one: Watched) -> tuple[str, ...]:
    """The contract of today, the month before it and the month behind it."""
    instrument, now = one.instrument, one.contract
    known = delivery(now, NEAR)
    if known is None or now != instrument.contract_id(now.rsplit(".", 1)[-1]):
        return (now,)
    months = [
        (year, MONTH_CODES.index(code) + 1)
        for year in range(known[0] - 1, known[0] + 2)
        for code in sorted(instrument.cycle, key=MONTH_CODES.index)
    ]
    at = months.index(known)
    codes = [f"{MONTH_CODES[month - 1]}{year % 100:02d}" for year, month in months[at - 1 : at + 2]]
    before, _, after = map(instrument.contract_id, codes)
    return now, before, after


def trading_day(calendar: Calendar, now_ns: int) -> date:
    """The trading day of a time; between two the one that ended."""
    return calendar.date_of(calendar.begun(now_ns))


class History:
    """Bars of the venue: the warm-up before a session, and minutes that it did not hear."""

    def __init__(self, client: Client, lines: Lines, calendar: Calendar, folder: Path) -> None:
        self._client, self._lines = client, lines
        self._calendar, self._folder = calendar, folder
        self._known: dict[tuple[int, int], MinuteBar] = {}
        self._asked: dict[int, int] = {}  # by instrument: asked for up to this open

    async def before(self, end_ns: int, days: int) -> list[Bars]:
        """Closed minutes of every instrument from so many trading days before to `end_ns`."""
        start = window_start(self._calendar, end_ns, days)
        async with Tasks() as tasks:
            found = [
                tasks.start(f"history {one.instrument.symbol}", self._one(one, start, end_ns))
                for one in self._lines.watched
            ]
        return [task.result() for task in found]

    async def _one(self, watched: Watched, start: int, end_ns: int) -> Bars:
        kept = stored(self._folder, watched.instrument.symbol)
        return await history(watched, self._calendar, start, end_ns, self.fetch, kept)

    def follow(self, lines: Lines) -> None:
        """The contracts are others from now on."""
        self._lines = lines
        self._known.clear()
        self._asked.clear()

    async def minute(self, k: int, ts: int, closed_to: int) -> MinuteBar | None:
        """One closed minute of an instrument; a hole is fetched at once, not minute by minute."""
        if ts > self._asked.get(k, 0):
            last = max(ts, closed_to - MINUTE_NS)
            rows = await self.fetch(self._lines.watched[k].contract, ts, last)
            self._known = {place: bar for place, bar in self._known.items() if place[1] >= ts}
            self._known |= {(k, at): bar for at, bar in _bars(self._lines.watched[k], rows)}
            self._asked[k] = last
        return self._known.get((k, ts))

    def forget(self, k: int, ts: int) -> None:
        """What was not there yet is asked for again."""
        self._asked[k] = min(self._asked.get(k, 0), ts - MINUTE_NS)

    async def final(self, k: int, ts: int) -> MinuteBar | None:
        """The venue's bar of a closed minute as it is now."""
        watched = self._lines.watched[k]
        rows = await self.fetch(watched.contract, ts, ts)
        return dict(_bars(watched, rows)).get(ts)

    async def fetch(self, contract: str, first: int, last: int) -> Sequence[BarRow]:
        """Closed minutes of a contract from the open of one to the open of another."""
        return await minutes_of_venue(self._client, contract, first, last)


def _bars(watched: Watched, bars: Sequence[BarRow]) -> list[tuple[int, MinuteBar]]:
    rows = rows_of(watched.contract, bars)
    volume = np.zeros(len(rows)) if rows.volume is None else rows.volume
    columns = (rows.open, rows.high, rows.low, rows.close, volume)
    values = np.stack(columns, axis=1).tolist()
    return [(ts, MinuteBar(*one)) for ts, one in zip(rows.ts.tolist(), values, strict=True)]
