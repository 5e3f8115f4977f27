"""Minutes of history: whole or refused; and the market by them, where streams are blocked."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from julie.core.calendar import load_calendar
from julie.core.clock import ScaledClock, VirtualClock
from julie.core.tasks import Tasks
from julie.gateway.client import Client
from julie.gateway.config import FreshnessSection
from julie.gateway.errors import BadAnswer
from julie.gateway.freshness import Freshness
from julie.gateway.history import minutes
from julie.gateway.poll import BarPoll
from julie.gateway.reach import Trouble
from julie.gateway.wire import BarRow
from tests.gateway.hub_server import until
from tests.gateway.venue import NOW_S, Say, Venue, ok, play

BARS = "/api/History/retrieveBars"
MES = "CON.F.US.MES.Z26"
MNQ = "CON.F.US.MNQ.Z26"
FRESHNESS = Freshness(load_calendar(), FreshnessSection())


def bar(minute: int, close: float = 6335.0) -> dict[str, Any]:
    return {
        "t": f"2026-11-20T15:{minute:02d}:00+00:00",
        "o": 6335.0, "h": 6336.0, "l": 6334.0, "c": close, "v": 10,
    }  # fmt: skip


def test_history_is_sorted_or_refused() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(BARS, ok(bars=[bar(3), bar(1), bar(2), bar(2)]))
        rows = await minutes(client, MES, 0, 10**18)
        assert [row.t.minute for row in rows] == [1, 2, 3]
        assert await minutes(client, MES, 5, 4) == ()
        venue.says(BARS, ok(bars=[bar(1), {**bar(2), "h": None}]))
        with pytest.raises(BadAnswer):
            await minutes(client, MES, 0, 10**18)

    play(scene)


def test_each_minute_is_told_once_and_again_when_it_changed() -> None:
    told: list[tuple[str, BarRow]] = []

    async def scene(venue: Venue, client: Client) -> None:
        poll = BarPoll(
            client,
            venue.clock,
            lambda: (MES,),
            lambda c, row: told.append((c, row)),
            10,
            FRESHNESS,
        )
        venue.says(
            BARS,
            ok(bars=[bar(2), bar(1)]),
            ok(bars=[bar(2), bar(1)]),
            Say(404),
            ok(bars=[bar(3), bar(2, 6335.25), bar(1)]),
        )
        for _ in range(4):
            await poll.look(MES)
        assert poll.failed == 1
        assert [(row.t.minute, row.c) for _, row in told] == [
            (1, 6335.0), (2, 6335.0), (2, 6335.25), (3, 6335.0),
        ]  # fmt: skip
        asked = json.loads(json.dumps(venue.asked[-1].body))
        assert asked["includePartialBar"] is False
        assert asked["endTime"] < "2026-11-19"

    assert NOW_S == 1_795_000_000
    play(scene)


def test_it_goes_on_by_itself_and_within_the_budget() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(BARS, ok(bars=[]))
        poll = BarPoll(client, venue.clock, lambda: (MES,), lambda *_: None, 10, FRESHNESS)
        task = asyncio.ensure_future(poll.run())  # noqa: TID251 - no group is at hand
        for expected in (1, 2, 3):
            async with asyncio.timeout(8):
                while venue.count(BARS) < expected:  # noqa: ASYNC110 - the venue is asked
                    await asyncio.sleep(0.005)
            await asyncio.sleep(0.02)
            assert venue.count(BARS) == expected
            venue.clock.advance(10)
        task.cancel()

    play(scene)


def test_three_readings_missed_forbid_entries_until_bars_come_again() -> None:
    told: list[Trouble] = []

    async def scene(venue: Venue, client: Client) -> None:
        clock = ScaledClock(NOW_S * 10**9, 1000.0)
        poll = BarPoll(
            client, clock, lambda: (MES,), lambda c, row: None, 10, FRESHNESS, told.append
        )
        venue.says(BARS, ok(bars=[bar(1)]), Say(404))
        async with asyncio.timeout(10), Tasks() as tasks:
            task = tasks.start("poll", poll.run())
            await until(lambda: bool(told))
            was_stale = poll.unread
            venue.says(BARS, ok(bars=[bar(2)]))
            await until(lambda: len(told) == 2)
            assert (was_stale, poll.unread) == (True, False)
            task.cancel()

    play(scene)
    assert {one.name for one in told} == {"market_stale"}
    assert [one.over for one in told] == [False, True]


class At(VirtualClock):
    """An exchange time that a test sets."""

    def __init__(self, text: str) -> None:
        super().__init__(round(datetime.fromisoformat(text).timestamp()) * 10**9)


@pytest.mark.parametrize(
    ("ended", "now", "stale"),
    [  # a Thursday; New York is five hours behind
        ("15:03", "15:04:44", False),
        ("15:03", "15:04:45", True),  # a minute, three readings, and the 15 s of a stream
        ("11:03", "11:05:59", False),
        ("11:03", "11:06:00", True),  # in thin hours a minute may go without a trade
        ("21:59", "22:30", False),  # the break
        ("21:59", "23:01:30", False),  # and the first minute after it counts for nothing
        ("21:59", "23:04:00", True),
    ],
)
def test_bars_that_do_not_go_on_are_stale(ended: str, now: str, stale: bool) -> None:
    told: list[Trouble] = []

    async def scene(venue: Venue, client: Client) -> None:
        clock = At("2026-11-19T10:00:00+00:00")
        poll = BarPoll(
            client, clock, lambda: (MES, MNQ), lambda c, row: None, 10, FRESHNESS, told.append
        )
        last = bar(0) | {"t": f"2026-11-19T{ended}:00+00:00"}
        clock.advance_to(At(f"2026-11-19T{ended}:30+00:00").now_ns() + 60 * 10**9)
        venue.says(BARS, ok(bars=[last]))
        for contract in (MES, MNQ):
            await poll.look(contract)
        clock.advance_to(At(f"2026-11-19T{now}+00:00").now_ns() + 60 * 10**9)
        await poll.look(MES)  # the venue answers, with the same
        await poll.look(MNQ)
        poll._say()
        poll._say()
        assert (poll.stale(MES), poll.all_stale) == (stale, stale)
        fresh = bar(0) | {"t": datetime.fromtimestamp(clock.now_ns() / 1e9, UTC).isoformat()}
        venue.says(BARS, ok(bars=[fresh]))
        await poll.look(MES)
        poll._say()
        assert (poll.stale(MES), poll.stale(MNQ), poll.all_stale) == (False, stale, False)

    play(scene)
    assert [one.over for one in told] == ([False, True] if stale else [])
    assert all("ended" in one.text or one.over for one in told)
