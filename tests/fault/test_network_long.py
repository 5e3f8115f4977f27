"""A minute of five thousand events a second, and a whole day on one login. N11, N31."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from julie.core.clock import VirtualClock
from julie.core.types import Side
from julie.core.zones import SECOND_NS
from julie.execution.venue import NewOrder, OrderKind
from tests.fault.flat_market import write_flat
from tests.fault.gate import Gate, calls
from tests.fault.network_feed import feeding, reached
from tests.fault.network_seen import LOGIN
from tests.fault.rows import row

BURST_S = 60
ORDERS = 150
LAG_S = 0.1
SPEED = 10
STEPS_H = (12.5, 13.0)  # each is longer than half of a token's life
GAP_S = 2.0
SPANS = (  # minutes of UTC: the day before, then 26 hours round the daily break
    (datetime(2025, 6, 4, 13, 0, tzinfo=UTC), 240),
    (datetime(2025, 6, 5, 13, 0, tzinfo=UTC), 8 * 60),
    (datetime(2025, 6, 5, 22, 0, tzinfo=UTC), 18 * 60),
)


@row("N31")
@pytest.mark.tier2
@pytest.mark.timeout(180)
def test_n31_five_thousand_events_a_second_for_a_minute(tmp_path: Path) -> None:
    async def played() -> None:
        async with (  # ten times life: a tenth of a second's events come at a time, as in life
            await Gate.start(tmp_path, seed=1, speed=SPEED) as gate,
            feeding(gate, within_s=150) as (feed, heard, venue),
        ):
            loop = asyncio.get_running_loop()
            seconds = float(BURST_S * SPEED)
            await gate.market("burst", per_second=5000 // SPEED, seconds=seconds)
            began, before, lags = loop.time(), heard.prints, []
            for k in range(ORDERS):
                await asyncio.sleep(max(began + k * BURST_S / ORDERS - loop.time(), 0.0))
                asked = loop.time()
                await venue.place(limit(f"n31-{k}", gate.contract))
                await reached(lambda tag=f"n31-{k}": tag in heard.orders)
                lags.append(heard.orders[f"n31-{k}"] - asked)  # with the order's own way there
            took = loop.time() - began
            events = heard.prints - before + feed.counts()["coalesced_quotes"]
            assert events >= 0.9 * 5000 * took, f"only {events / took:.0f} events a second came"
            assert feed.counts()["records_waiting_most"] <= 20_000
            lags.sort()
            assert lags[int(0.99 * ORDERS) - 1] < LAG_S, lags[-5:]

    asyncio.run(played())


def limit(tag: str, contract: str) -> NewOrder:
    """An order that works and does not fill."""
    return NewOrder(tag, contract, Side.LONG, 1, OrderKind.LIMIT, 19_900, None, None)


def whole_day(folder: Path) -> tuple[str, ...]:
    """Words of `julie simgate` for a flat market of more than a day."""
    file = write_flat(folder / "day.csv", SPANS, spread=0.0)
    hours = ("--date", "2025-06-05", "--days", "2", "--from", "09:30", "--until", "11:50")
    return ("--data", str(file), "--symbol", "MES", *hours)


@row("N11")
@pytest.mark.tier2
@pytest.mark.timeout(180)
def test_n11_a_whole_day_with_the_sockets_open(tmp_path: Path) -> None:
    async def played() -> None:
        gate = await Gate.start(tmp_path, seed=1, speed=1, words=whole_day(tmp_path))
        clock = VirtualClock(gate.ready.clock)
        async with gate, feeding(gate, clock, within_s=90) as (_, heard, _):
            for hours in STEPS_H:
                before = dict(heard.lives)
                await gate.play(hours * 3600)
                await reached(lambda old=before: all(heard.lives[hub] > old[hub] for hub in old))
            truth = await gate.truth()
            assert truth.clock - gate.ready.clock >= 25 * 3600 * SECOND_NS
            assert len(calls(truth, LOGIN)) == 1
            renewed = len(calls(truth, "/api/Auth/validate"))
            assert renewed == len(STEPS_H), "a token is renewed from half of its life on"
            assert not [one for one in truth.requests if one.status == 401]
            assert min(heard.lives.values()) == max(heard.lives.values()) == 1 + renewed
            assert max(heard.gaps) <= GAP_S, heard.gaps

    asyncio.run(played())
