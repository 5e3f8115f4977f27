"""Quotes that a bot recorded from the venue's hub, played again by the simulated gateway: what
arrives over the sockets makes the bars that a plain grouping of the file makes.

The recording has no trades. Every change of the last price is one, of one contract.
"""

import asyncio
import os
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from julie.core.calendar import load_calendar
from julie.core.instruments import INSTRUMENTS
from julie.core.market_events import MarketEvent, Print
from julie.core.zones import MINUTE_NS
from julie.live.sim import Ready
from julie.live.stream import Stream
from julie.live.warm import Watched
from julie.market.aggregator import MinuteBar, Together
from julie.market.aggregator.minute import minute_of
from tests.live.listening import Listener, listened

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("JULIE_DATA", ROOT.parent / "shared" / "data"))
FILE = REAL / "es_quotes_projectx.parquet"
WORDS = ("--data", str(FILE), "--symbol", "ES", "--serve", "ES", "--date", "2025-11-04")
SPAN = ("--from", "01:16", "--until", "11:00")  # Eastern: what was recorded


class Building(Listener):
    """Builds minutes of what the feed brings."""

    def __init__(self, ready: Ready) -> None:
        contract = ready.contracts["ES"]
        super().__init__(ready, contract)
        self.stream = Stream([Watched(INSTRUMENTS["ES"], contract)], load_calendar())
        self.stream.begin(minute_of(ready.clock), whole=True)
        self.bars: dict[int, MinuteBar] = {}
        self.prints = 0

    def heard(self, event: MarketEvent) -> None:
        self.prints += isinstance(event, Print)
        self.take(self.clock.now_ns(), event)

    def take(self, now_ns: int, event: MarketEvent | None = None) -> None:
        found = self.stream.elapsed(now_ns) if event is None else self.stream.heard(event, now_ns)
        for one in found:
            if isinstance(one, Together) and one.minutes[0] is not None:
                built = one.minutes[0]
                assert built.whole
                assert built.bar is not None
                self.bars[one.ts] = built.bar


async def whole_recording() -> Building:
    heard = await listened((*WORDS, *SPAN), Building)
    heard.take(heard.clock.now_ns() + 2 * MINUTE_NS)
    return heard


def grouped() -> dict[int, list[float]]:
    """Open, high, low, close and number of changes of the last price, by minute."""
    table = pq.read_table(FILE, columns=["ts", "last"]).sort_by("ts")
    stamps = table["ts"].cast("int64").to_pylist()
    found: dict[int, list[float]] = {}
    for (_, before), (ts, last) in pairwise(zip(stamps, table["last"].to_pylist(), strict=True)):
        if last == before:
            continue
        minute = ts // 60_000_000_000 * 60_000_000_000
        if minute not in found:
            found[minute] = [last, last, last, last, 0]
        bar = found[minute]
        bar[1], bar[2], bar[3] = max(bar[1], last), min(bar[2], last), last
        bar[4] += 1
    return found


@pytest.mark.skipif(not FILE.is_file(), reason=f"no real sets in {REAL} (JULIE_DATA names them)")
@pytest.mark.tier3
@pytest.mark.timeout(300)
def test_recorded_quotes_make_the_bars_of_a_plain_grouping() -> None:
    wanted = grouped()
    assert len(wanted) > 500
    heard = asyncio.run(whole_recording())
    assert heard.prints == sum(bar[4] for bar in wanted.values()) > 20_000
    assert heard.stream.aggregators[0].counts.duplicates == 0
    assert heard.stream.aggregators[0].counts.late == 0
    assert {ts: list(bar) for ts, bar in heard.bars.items()} == wanted
