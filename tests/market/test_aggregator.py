"""Prints and quotes to closed minutes: bars of a tape equal an independent group-by."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from julie.core.calendar import load_calendar
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.market.aggregator import Built, Course, MinuteAggregator, MinuteBar, MinuteBarrier

DATA = Path(os.environ.get("JULIE_DATA", Path(__file__).parents[3] / "shared" / "data"))
DAY = int(np.datetime64("2025-06-11T14:00", "ns").astype(np.int64))
MS = 1_000_000


def made() -> MinuteAggregator:
    return MinuteAggregator(0.25, load_calendar())


def fed(tape: list[tuple[int, float, int]]) -> tuple[MinuteAggregator, list[Built]]:
    """A tape through an aggregator that begins with its first minute, and all that it closed."""
    one = made()
    one.begin(tape[0][0] - tape[0][0] % MINUTE_NS - MINUTE_NS)
    closed = [built for ts, price, qty in tape for built in one.printed(ts, price, qty)]
    return one, closed + one.elapsed(tape[-1][0] + 2 * MINUTE_NS)


def grouped(tape: list[tuple[int, float, int]]) -> dict[int, MinuteBar]:
    """The same tape by numpy alone."""
    ts = np.array([row[0] for row in tape])
    price = np.array([row[1] for row in tape])
    qty = np.array([row[2] for row in tape])
    minute = ts // MINUTE_NS * MINUTE_NS
    found = {}
    for one in np.unique(minute):
        of = price[minute == one]
        volume = float(qty[minute == one].sum())
        found[int(one)] = MinuteBar(of[0], of.max(), of.min(), of[-1], volume)
    return found


steps = st.tuples(st.integers(1, 40_000), st.integers(-3, 3), st.integers(1, 9))


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=300))
def test_bars_of_a_tape_equal_a_group_by(drawn: list[tuple[int, int, int]]) -> None:
    at, price, tape = DAY, 6000.0, []
    for gap_ms, move, qty in drawn:
        at += gap_ms * MS
        price += 0.25 * move
        tape.append((at, price, qty))
    _, closed = fed(tape)
    assert {one.ts: one.bar for one in closed if one.bar is not None} == grouped(tape)


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, min_size=20, max_size=120), st.integers(0, 2**31))
def test_no_late_print_changes_a_bar(drawn: list[tuple[int, int, int]], seed: int) -> None:
    chance = np.random.default_rng(seed)
    one, at, closed = made(), DAY, []
    one.begin(DAY - MINUTE_NS)
    clean = []
    for gap_ms, move, qty in drawn:
        at += gap_ms * MS
        tick = (at, 6000.0 + 0.25 * move, qty)
        clean.append(tick)
        closed += one.printed(*tick)
        if one.open_from > DAY:
            late = one.open_from - int(chance.integers(1, 2 * MINUTE_NS))
            assert one.printed(late, 7000.0, 99) == []
    closed += one.elapsed(at + 2 * MINUTE_NS)
    assert {b.ts: b.bar for b in closed if b.bar is not None} == grouped(clean)
    assert one.counts.prints == len(clean)


def test_a_minute_closes_at_a_later_message_else_a_second_after_its_end() -> None:
    one = made()
    one.begin(DAY)
    assert one.printed(DAY + 5 * SECOND_NS, 6000.0, 1) == []
    assert one.elapsed(DAY + MINUTE_NS + SECOND_NS - 1) == []
    [by_clock] = one.elapsed(DAY + MINUTE_NS + SECOND_NS)
    assert by_clock.ts == DAY
    assert by_clock.bar == MinuteBar(6000.0, 6000.0, 6000.0, 6000.0, 1.0)
    assert one.printed(DAY + MINUTE_NS + 30 * SECOND_NS, 6001.0, 2) == []
    [by_quote] = one.quoted(DAY + 2 * MINUTE_NS)
    assert by_quote.ts == DAY + MINUTE_NS
    assert by_quote.whole


def test_minutes_without_trades_make_no_bar_and_are_marked() -> None:
    one = made()
    one.begin(DAY - MINUTE_NS)
    one.printed(DAY, 6000.0, 1)
    closed = one.printed(DAY + 10 * MINUTE_NS, 6001.0, 1)
    assert [built.ts for built in closed] == [DAY]
    assert (
        list(one.silent)
        == [DAY - MINUTE_NS, *range(DAY + MINUTE_NS, DAY + 10 * MINUTE_NS, MINUTE_NS)][1:]
    )
    assert one.counts.silent == 9


def test_the_daily_break_is_no_silence() -> None:
    last = int(np.datetime64("2025-06-11T20:59", "ns").astype(np.int64))
    one = made()
    one.begin(last)
    one.printed(last, 6000.0, 1)
    [closed] = one.printed(last + 61 * MINUTE_NS, 6000.0, 1)
    assert closed.ts == last
    assert not one.silent


def test_what_the_stream_did_not_bring_is_to_be_fetched() -> None:
    one = made()
    one.begin(DAY)
    one.quoted(DAY + MINUTE_NS)  # the first minute began before we listened
    one.printed(DAY + MINUTE_NS, 6000.0, 1)
    one.lost()
    closed = one.elapsed(DAY + 4 * MINUTE_NS + SECOND_NS)
    assert [(b.ts, b.bar is None, b.whole) for b in closed] == [
        (DAY + MINUTE_NS, False, False),
        (DAY + 2 * MINUTE_NS, True, False),
        (DAY + 3 * MINUTE_NS, True, False),
    ]
    one.found()
    one.printed(DAY + 4 * MINUTE_NS + 30 * SECOND_NS, 6000.0, 1)
    [partly] = one.quoted(DAY + 5 * MINUTE_NS)
    one.printed(DAY + 5 * MINUTE_NS + SECOND_NS, 6000.0, 1)
    [again] = one.quoted(DAY + 6 * MINUTE_NS)
    assert not partly.whole
    assert again.whole


def test_the_minute_of_the_first_message_behind_a_gap_may_lack_its_beginning() -> None:
    one = made()
    one.begin(DAY)
    one.quoted(DAY)
    one.lost()
    one.found()
    one.printed(DAY + MINUTE_NS + 20 * SECOND_NS, 6000.0, 1)  # were there any before it?
    [partly] = one.quoted(DAY + 2 * MINUTE_NS)
    one.printed(DAY + 2 * MINUTE_NS + SECOND_NS, 6000.0, 1)
    [whole] = one.quoted(DAY + 3 * MINUTE_NS)
    assert (partly.ts, partly.whole) == (DAY + MINUTE_NS, False)
    assert (whole.ts, whole.whole) == (DAY + 2 * MINUTE_NS, True)


def test_minutes_that_a_gap_swallowed_are_fetched_and_not_called_silent() -> None:
    one = made()
    one.begin(DAY, whole=True)
    one.printed(DAY + SECOND_NS, 6000.0, 1)
    one.lost()
    one.found()
    closed = one.printed(DAY + 3 * MINUTE_NS + 59 * SECOND_NS, 6000.0, 1)
    assert [(b.ts, b.bar is None, b.whole) for b in closed] == [
        (DAY, False, False),
        (DAY + MINUTE_NS, True, False),
        (DAY + 2 * MINUTE_NS, True, False),
    ]
    assert one.counts.silent == 0


def test_a_repeated_print_is_dropped_and_a_sweep_is_not() -> None:
    one = made()
    one.begin(DAY)
    for _ in range(3):  # one order of three contracts took three of one
        one.printed(DAY + SECOND_NS, 6000.0, 1, 1)
    one.printed(DAY + 2 * SECOND_NS, 6000.25, 1, 1)
    one.printed(DAY + SECOND_NS, 6000.0, 1, 1)
    [built] = one.quoted(DAY + MINUTE_NS)
    assert built.bar is not None
    assert built.bar.volume == 4.0
    assert one.counts.duplicates == 1


def test_a_fetched_bar_wins_when_it_differs_by_more_than_a_tick() -> None:
    one = made()
    one.begin(DAY)
    one.printed(DAY, 6000.0, 1)
    one.quoted(DAY + MINUTE_NS)
    near = MinuteBar(6000.0, 6000.25, 6000.0, 6000.0, 5.0)
    assert one.held_against(DAY, near) is None
    far = near._replace(high=6000.75)
    found = one.held_against(DAY, far)
    assert found is not None
    assert found.final == far
    assert one.counts.corrected == 1


def test_a_minute_decided_on_as_fetched_does_not_differ_from_itself() -> None:
    one = made()
    one.begin(DAY)
    one.lost()
    one.found()
    one.printed(DAY + 4 * SECOND_NS, 6000.0, 1)
    [built] = one.quoted(DAY + MINUTE_NS)
    assert not built.whole
    final = MinuteBar(5999.0, 6000.25, 5998.0, 6000.0, 5.0)
    one.fetched(replace(built, bar=final, whole=True, backfilled=True))
    assert one.held_against(DAY, final) is None
    later = final._replace(high=6001.0)
    found = one.held_against(DAY, later)
    assert found is not None
    assert (found.decided, one.counts.corrected) == (final, 1)


def test_the_tape_is_bounded() -> None:
    one = MinuteAggregator(0.25, load_calendar(), tape=10)
    one.begin(DAY)
    for k in range(50):
        one.printed(DAY + k * MS, 6000.0, k + 1)
    assert [tick.qty for tick in one.tape] == list(range(41, 51))


@pytest.mark.parametrize(
    ("low_first", "phases"), [(True, [0, 1, 1, 2, 2, 3]), (False, [0, 1, 1, 1, 1, 2])]
)
def test_phases_of_a_walk_to_the_low_and_to_the_high(low_first: bool, phases: list[int]) -> None:
    one = made()
    one.begin(DAY)
    for second, price in ((0, 6000.0), (10, 5999.0), (30, 6001.0), (50, 6000.0)):
        one.printed(DAY + second * SECOND_NS, price, 1)
    [built] = one.quoted(DAY + MINUTE_NS)
    course = built.course
    assert course is not None
    asked = (0, 5, 10, 20, 30, 40)
    assert [course.phase(DAY + s * SECOND_NS, low_first=low_first) for s in asked] == phases


def test_an_extreme_at_the_open_counts_again_behind_the_other() -> None:
    course = Course.begun(0)
    course.low(0, new=False)
    course.high(10, new=True)  # opened at its low, walked up, came back
    course.low(20, new=False)
    assert [course.phase(at, low_first=False) for at in (5, 10, 15, 20, 25)] == [1, 1, 2, 2, 3]


def test_the_barrier_waits_for_all_or_for_a_second() -> None:
    pair = (made(), made())
    for one in pair:
        one.begin(DAY)
    barrier = MinuteBarrier(pair)
    pair[0].printed(DAY, 6000.0, 1)
    pair[1].printed(DAY, 20000.0, 1)
    barrier.closed(0, pair[0].quoted(DAY + MINUTE_NS))
    assert barrier.ready(DAY + MINUTE_NS) == []
    barrier.closed(1, pair[1].quoted(DAY + MINUTE_NS))
    [both] = barrier.ready(DAY + MINUTE_NS)
    assert both.ts == DAY
    assert all(one is not None for one in both.minutes)
    pair[0].printed(DAY + MINUTE_NS, 6000.0, 1)
    pair[1].printed(DAY + MINUTE_NS, 20000.0, 1)
    barrier.closed(0, pair[0].quoted(DAY + 2 * MINUTE_NS))
    [alone] = barrier.ready(DAY + 2 * MINUTE_NS + SECOND_NS)
    assert alone.minutes[0] is not None
    assert alone.minutes[1] is None
    barrier.closed(1, pair[1].quoted(DAY + 2 * MINUTE_NS))
    assert barrier.ready(DAY + 9 * MINUTE_NS) == []
    assert barrier.left_behind == 1


@pytest.mark.skipif(
    not (DATA / "es_quotes_projectx.parquet").exists(), reason=f"no recorded quotes under {DATA}"
)
def test_recorded_quotes_give_the_bars_of_a_group_by() -> None:
    import pyarrow.parquet as parquet

    table = parquet.read_table(DATA / "es_quotes_projectx.parquet", columns=["ts", "last"])
    ts = table["ts"].cast("int64").to_numpy()
    last = table["last"].to_numpy()
    changed = np.flatnonzero(np.diff(last, prepend=np.nan) != 0)
    one, closed = made(), []
    one.begin(int(ts[0]) // MINUTE_NS * MINUTE_NS - MINUTE_NS)
    trades = set(changed.tolist())
    for row, (at, price) in enumerate(zip(ts.tolist(), last.tolist(), strict=True)):
        closed += one.printed(at, price, 1) if row in trades else one.quoted(at)
    closed += one.elapsed(int(ts[-1]) + 2 * MINUTE_NS)
    minute, price = ts[changed] // MINUTE_NS * MINUTE_NS, last[changed]
    order = np.lexsort((np.arange(len(minute)), minute))
    minute, price = minute[order], price[order]
    begin = np.flatnonzero(np.diff(minute, prepend=-1))
    stop = np.append(begin[1:], len(minute))
    expected = {
        int(minute[a]): MinuteBar(
            price[a], price[a:b].max(), price[a:b].min(), price[b - 1], float(b - a)
        )
        for a, b in zip(begin, stop, strict=True)
    }
    assert len(expected) > 500
    assert {b.ts: b.bar for b in closed if b.bar is not None} == expected
