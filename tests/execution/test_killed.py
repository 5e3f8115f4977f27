"""Killed at every named instant of an order's life and started again from the journal's records.

The venue goes on without us. Afterwards: no second entry, the book equals the venue, what is held
has its stop, and a flatten that was begun is finished.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from julie.core import failpoints
from julie.core.failpoints import VARIABLE, FailpointReached
from julie.core.permits import CancelEntry, Close, NearerStop, Position
from julie.core.tasks import Tasks
from julie.core.types import DeskState, ExitReason, Side
from julie.core.zones import SECOND_NS
from julie.execution.book import whole_number
from tests.execution.bench import HALVES, MES, START, Bench

POSITION = Position("MES", MES, Side.LONG, 2)
Act = Callable[[Bench], Awaitable[None]]


async def open_then_move(bench: Bench) -> None:
    bench.executor.submit([bench.entry()])
    await bench.turn()
    bench.executor.submit([NearerStop("MES:0:1", POSITION, 992, 996)])
    await bench.wait(3)


async def open_then_close(bench: Bench) -> None:
    bench.executor.submit([bench.entry()])
    await bench.turn()
    bench.executor.submit([Close(POSITION, 2, ExitReason.TIME)])
    await bench.wait(3)


async def work_then_cancel(bench: Bench) -> None:
    bench.executor.submit([bench.entry(limit=995)])
    await bench.turn()
    bench.executor.submit([CancelEntry("MES:0:0", MES)])
    await bench.wait(3)


async def open_without_stop(bench: Bench) -> None:
    bench.venue.makes_stops = False
    bench.executor.submit([bench.entry()])
    await bench.wait(4)


async def open_then_flatten(bench: Bench) -> None:
    bench.executor.submit([bench.entry()])
    await bench.turn()
    async with Tasks() as group:
        group.start("flatten", bench.executor.flatten("test"))
        await bench.wait(3)


async def open_two_then_flatten(bench: Bench) -> None:
    bench.executor.submit([bench.entry(legs=HALVES)])
    await bench.turn()
    async with Tasks() as group:
        group.start("flatten", bench.executor.flatten("test"))
        await bench.wait(3)


async def found_open(bench: Bench) -> None:
    bench.venue.foreign_market(MES, Side.LONG, 2)
    await bench.wait(6)


CASES = [
    ("K9", open_then_move),
    ("K10", open_then_close),
    ("K12", open_then_close),
    ("K10", work_then_cancel),
    ("K8", open_without_stop),
    ("K10", open_then_flatten),
    ("K11", open_then_flatten),
    ("K12", open_then_flatten),
    ("K10", open_two_then_flatten),
    ("K11", open_two_then_flatten),
    ("K12", open_two_then_flatten),
    ("K15", found_open),
    ("K7", open_then_move),
    ("K6", open_then_close),
]


@pytest.mark.parametrize("lost", ["", "lose_answer", "lose_request"])
@pytest.mark.parametrize(("point", "act"), CASES, ids=lambda one: getattr(one, "__name__", one))
def test_killed_and_started_again(
    point: str, act: Act, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_twice(point, act, lost, monkeypatch))


async def _twice(point: str, act: Act, lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    verb = {"K9": "modify", "K10": "cancel", "K12": "close"}.get(point, "none")
    bench.venue.faults[verb] = [lost]
    failpoints._read.cache_clear()
    with suppress(BaseExceptionGroup, FailpointReached):
        async with bench:
            monkeypatch.setenv(VARIABLE, f"{point}:1:raise")
            await act(bench)
    monkeypatch.delenv(VARIABLE)
    for _ in range(20):  # dead for two seconds
        bench.clock.advance(0.1)
    await _again(bench, act)


async def _again(bench: Bench, act: Act) -> None:
    stops = [order.price_tick or 0 for order in bench.venue.stops()]
    bench.venue.naked_ns = bench.venue._naked_since = 0
    bench.told = len(bench.venue.events)
    bench.executor = bench._executor()
    async with Tasks() as group:
        back = group.start("recover", bench.executor.recover(list(bench.journal.records)))
        while not back.done():
            await bench.wait(0.2)
    async with bench:
        await bench.wait(12)
        venue, book = bench.venue, bench.executor.book
        entered = [tag.rpartition("-")[2] for tag in venue.accepted if "-L" in tag]
        assert len(entered) == len(set(entered))
        assert book.net(MES) == venue.net[MES]
        assert venue.net[MES] >= 0
        assert venue.naked_ns <= 5 * SECOND_NS
        if venue.net[MES]:
            assert sum(o.qty for o in venue.stops()) == venue.net[MES]
            assert all((o.price_tick or 0) >= (stops or [0])[0] for o in venue.stops())
        else:
            assert venue.stops() == []
        if act is open_then_close and "-C1" in str(bench.journal.records):
            assert venue.net[MES] == 0
        if act in (open_then_flatten, open_two_then_flatten):
            assert not any(leg.held for plan in book.plans.values() for leg in plan.legs)
            assert "turned" not in bench.alarms()
            assert venue.alive() == []
            assert venue.net[MES] == 0
            assert bench.executor.state is DeskState.HALTED
        _books_agree(bench)


def _books_agree(bench: Bench) -> None:
    """Every trade of ours at the venue is told to the desk or held; none is told twice."""
    book = bench.executor.book
    known = Counter[int]()
    for trade in (t for plan in book.plans.values() for o in plan.orders for t in o.trades):
        known[whole_number(trade.id) if trade.id < 0 else trade.id] += trade.qty
    ours = [t for t in bench.venue.trades if t.order_id in book.by_id or t.id in known]
    assert known == {t.id: t.qty for t in ours}
    end = bench.clock.now_ns() + SECOND_NS
    taken, _ = bench.executor.take_fills("MES", START, end)
    assert len({fill.slot for fill in taken}) == len(taken)
    assert bench.executor.take_fills("MES", START, end) == ((), 0)
