"""Days, months and products: M8, M9, M11, M12, M13, M14, M15, M16, M17."""

import json
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from julie.core.bookings import DayClosed
from julie.core.calendar import load_calendar
from julie.core.errors import Exit
from julie.core.events import Alarm, BarClosed, Intent, StateChanged
from julie.core.sessions import session_table
from julie.core.taken import MinuteTaken
from julie.core.types import DeskState, Reason, Session
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.desk.moments import Moments
from julie.live.flat_guard import FlatTimes
from julie.settings import default_tree, load_settings
from julie.simgate.exchange.bodies import Truth
from julie.store.read import load_bars
from tests.fault import evening
from tests.fault.asking import ASKS_NEVER
from tests.fault.flat_market import PRICE, TICK
from tests.fault.frame import Scene
from tests.fault.gate import calls, flat, working
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault, row
from tests.fault.test_market_prices import heard, minutes

EVENING = "2025-06-12T22:00"
LATE = ("account.profile=plain", "defense.order=[session]")  # no flat time, no fixed news
CLOSE_ET = {  # checked by hand against the exchange's notices
    date(2025, 11, 27): "13:00",  # Thanksgiving
    date(2025, 11, 28): "13:15",  # the day after
    date(2025, 12, 24): "13:15",
    date(2025, 7, 3): "13:15",
    date(2025, 6, 19): "13:00",  # Juneteenth
    date(2025, 1, 9): "09:30",  # day of mourning, by notice
    date(2026, 4, 3): "09:15",  # a Good Friday on which the employment report comes
}


def ns(text: str) -> int:
    """A UTC time in ns."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND_NS


async def play_until(scene: Scene, text: str) -> None:
    """Play at once up to a UTC time."""
    await scene.gate.play((ns(text) - await scene.gate.now_ns()) / SECOND_NS)


@fault("M8", sets=(ASKS_NEVER,))
async def test_m8_minutes_that_were_missed_and_two_that_nobody_has(scene: Scene) -> None:
    await scene.ready()
    await heard(scene, 1)
    await scene.gate.play_to(10.0)
    first = (await scene.gate.now_ns()) // MINUTE_NS * MINUTE_NS
    lost = [first + 2 * MINUTE_NS, first + 4 * MINUTE_NS]
    for ts in lost:
        await scene.gate.market("revised", ts=ts, missing=True)
    await scene.gate.rule("mute", {"hub": "market"}, {"for_s": 7 * 60})
    await scene.message("market_stale", within_s=15)
    left = first + 7 * MINUTE_NS + 20 * SECOND_NS - await scene.gate.now_ns()
    await scene.gate.play(left / SECOND_NS)
    await scene.told("back", lambda: minutes(scene)[-1].ts >= first + 7 * MINUTE_NS)

    def filled(outcome: Outcome) -> None:
        taken = {one.ts: one.bars[0] for one in outcome.of(MinuteTaken)}
        assert not set(lost) & set(taken)
        again = [bar for ts, bar in taken.items() if first < ts < first + 7 * MINUTE_NS]
        assert len(again) == 4
        assert all(bar is not None and bar.backfilled for bar in again)
        assert sorted(taken) == [one.ts for one in outcome.of(MinuteTaken)]

    scene.checks.append(filled)


@fault("M9", sets=(ASKS_NEVER,))
async def test_m9_a_bar_of_the_venue_that_is_not_ours(scene: Scene) -> None:
    await scene.ready()
    await heard(scene, 1)
    await scene.gate.play_to(20.0)
    ts = (await scene.gate.now_ns()) // MINUTE_NS * MINUTE_NS
    await scene.gate.market("revised", ts=ts, high_ticks=3)
    await scene.gate.play_to(58.0)
    await scene.message("bar_differs")
    await heard(scene, 1)

    def marked(outcome: Outcome) -> None:
        (final,) = outcome.of(BarClosed)
        assert (final.ts, final.high) == (ts, PRICE + 4 * TICK)
        taken = {one.ts: one for one in outcome.of(MinuteTaken)}
        decided = taken[ts].bars[0]
        assert decided is not None
        assert decided.high == PRICE + TICK  # what was decided on stands
        corrected = [bar for one in taken.values() for bar in one.corrected if bar is not None]
        assert [(bar.ts, bar.high) for bar in corrected] == [(ts, final.high)]
        (kept,) = scene.data.glob("bars/live/*/MES.parquet")
        bars = load_bars(kept, "MES")  # what the next start holds the venue's history against
        assert float(bars.high[bars.ts == ts][0]) == final.high

    scene.checks.append(marked)


@row("M11")
@pytest.mark.parametrize(
    ("opens", "morning", "flat_at"),
    [  # 18:00, 09:30 and 16:05 Eastern, by hand
        ("2025-03-06T23:00", "2025-03-07T14:30", "2025-03-07T21:05"),  # the last winter day
        ("2025-03-09T22:00", "2025-03-10T13:30", "2025-03-10T20:05"),  # the clock went forward
        ("2025-03-20T22:00", "2025-03-21T13:30", "2025-03-21T20:05"),  # Europe has not yet
        ("2025-10-26T22:00", "2025-10-27T13:30", "2025-10-27T20:05"),  # Europe has gone back
        ("2025-11-02T23:00", "2025-11-03T14:30", "2025-11-03T21:05"),  # and so have we
    ],
)
def test_m11_the_hours_follow_new_york(opens: str, morning: str, flat_at: str) -> None:
    calendar = load_calendar()
    settings = load_settings(default_tree()).tree
    moments = Moments(calendar, session_table(settings.sessions.starts), MINUTE_NS)
    place = int(calendar.index_of(np.array([ns(morning)]))[0])
    assert int(calendar.open_ns[place]) == ns(opens)
    at = moments.at(ns(morning))
    assert (at.minute, at.session, at.length) == (930, Session.NY_AM, 23 * 60)
    assert moments.at(ns(opens)).session == Session.ASIA
    times = settings.management.times
    assert FlatTimes.at(times.flat, times.early_flat_min).of_day(calendar, place) == ns(flat_at)
    bounds = np.stack((calendar.open_ns, calendar.close_ns), axis=1).ravel()
    assert np.all(np.diff(bounds) > 0)


@row("M12")
@pytest.mark.parametrize(("day", "close"), CLOSE_ET.items(), ids=str)
def test_m12_flat_before_the_actual_close(day: date, close: str) -> None:
    calendar = load_calendar()
    place = calendar.place_of(day)
    closes = int(calendar.close_ns[place])
    hour, minute = map(int, close.split(":"))
    assert (closes - int(calendar.open_ns[place])) // MINUTE_NS == 6 * 60 + hour * 60 + minute
    times = load_settings(default_tree()).tree.management.times
    flat_ns = FlatTimes.at(times.flat, times.early_flat_min).of_day(calendar, place)
    assert closes - flat_ns >= 15 * MINUTE_NS


@row("M12")
@pytest.mark.parametrize("day", [date(2025, 4, 18), date(2025, 12, 25)])
def test_m12_a_day_on_which_nothing_trades(day: date) -> None:
    assert load_calendar().place_of(day) == -1


CLOSED_S = 660  # a stream that stays silent is made anew at 15, 315 and 615 s


@fault("M13", sets=(ASKS_NEVER,), speed=40)
async def test_m13_an_exchange_that_falls_silent_unplanned(scene: Scene) -> None:
    await scene.ready()
    before = await last_connection(scene)
    await scene.gate.market("halt", seconds=float(CLOSED_S))
    await scene.gate.rule("mute", {"hub": "market"}, {"for_s": CLOSED_S})
    began = await scene.gate.now_ns()
    await scene.state("REDUCING", within_s=60)
    await scene.message("market_stale")
    await scene.pass_s(CLOSED_S - 160)  # between two rebuilds, which are five minutes apart
    rebuilt = await last_connection(scene) - before
    assert 1 <= rebuilt <= 1 + CLOSED_S // 300, rebuilt
    told = [one.payload for one in read_journal(scene.data, "StateChanged")]
    states = [one.state for one in told if isinstance(one, StateChanged)]
    assert states[-1] is DeskState.REDUCING
    left = began + CLOSED_S * SECOND_NS - await scene.gate.now_ns()
    await scene.pass_s(max(left, 0) / SECOND_NS)
    await scene.state("ACTIVE", within_s=60)


async def last_connection(scene: Scene) -> int:
    """The number of the newest connection to any hub; only the market's is cut here."""
    listed: Any = await scene.gate.sim("connections", method="GET")
    return max(one["number"] for one in listed)


@fault("M14", sets=(ASKS_NEVER,), gate_words=evening.words("16:58"))
async def test_m14_the_daily_break_is_no_fault(scene: Scene) -> None:
    await scene.start()
    await scene.reconciled()
    await play_until(scene, "2025-06-12T21:30")
    days = scene.data / "reports" / "days"
    await scene.told("the report of the day", (days / "2025-06-12.txt").exists)
    await play_until(scene, "2025-06-12T22:01:05")
    evening_ns = ns("2025-06-12T22:00")
    await scene.told(
        "the first minute of the evening",
        lambda: bool(minutes(scene)) and minutes(scene)[-1].ts >= evening_ns,
    )

    def quietly(outcome: Outcome) -> None:
        assert {one.kind for one in outcome.of(Alarm)} <= {"flatten"}  # the row's own end
        (closed,) = outcome.of(DayClosed)
        assert closed.day == (evening.DAY - date(1970, 1, 1)).days
        told = [one.ts for one in outcome.of(MinuteTaken)]
        assert told == sorted(set(told))
        assert not [ts for ts in told if ns("2025-06-12T21:00") <= ts < evening_ns]
        reports = [json.loads(one.read_text("utf-8")) for one in sorted(days.glob("*.json"))]
        assert [one["day"] for one in reports] == ["2025-06-12", "2025-06-13"]
        assert sum(one["minutes"] for one in reports) == len(told)
        assert [one["flat"] for one in reports] == [True, True]

    scene.checks.append(quietly)


@fault(
    "M15", sets=(*LATE, "strategies.pulse.expires=2"),
    gate_words=evening.words("16:00"),
)  # fmt: skip
async def test_m15_nothing_of_ours_crosses_a_roll(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.market("roll", symbol="MES")
    await scene.gate.market("gap", points=-20.0)  # its stop works in the old month
    await scene.until("out of the old month", flat)
    await heard(scene, 2)
    await play_until(scene, "2025-06-12T22:01:57")
    await scene.told("in the new month", lambda: newest_contract(scene).endswith("U25"))
    await scene.until("protected in the new month", lambda truth: held_in(truth, "U25"))

    def each_in_its_month(outcome: Outcome) -> None:
        assert any("goes on in CON.F.US.MES.U25" in text for text in outcome.alarms("roll"))
        for fill in outcome.truth.fills:
            evening_ns = ns("2025-06-12T22:00")
            assert fill.contract.endswith("U25" if fill.ns >= evening_ns else "M25"), fill
        entries = [one for one in outcome.of(Intent) if one.role == "entry"]
        assert {one.contract[-3:] for one in entries} == {"M25", "U25"}

    scene.checks.append(each_in_its_month)


def held_in(truth: Truth, month: str) -> bool:
    """Whether a position of that month stands under its stop."""
    held = [one for one in truth.positions if one.net]
    return bool(held) and all(
        one.contract.endswith(month) and one.covered >= abs(one.net) for one in held
    )


def newest_contract(scene: Scene) -> str:
    """Whose bars the desk hears."""
    bars = [bar for one in minutes(scene)[-1:] for bar in one.bars if bar is not None]
    return bars[-1].contract if bars else ""


@fault(
    "M15", sets=(*LATE, "strategies.pulse.below=8", "strategies.pulse.expires=500"),
    gate_words=evening.words("16:00"),
)  # fmt: skip
async def test_m15_no_working_order_crosses_a_roll(scene: Scene) -> None:
    await scene.ready()
    await scene.until("at work", lambda truth: bool(working(truth, "entry")))
    await scene.gate.market("roll", symbol="MES")
    await play_until(scene, EVENING)
    await scene.pass_s(75)
    await play_until(scene, "2025-06-12T22:02:57")
    await scene.told("in the new month", lambda: newest_contract(scene).endswith("U25"))
    await scene.until("at work there", lambda truth: bool(working(truth, "entry")))

    def each_in_its_month(outcome: Outcome) -> None:
        assert outcome.truth.fills == []
        for one in outcome.truth.orders:
            if one.contract.endswith("M25"):
                assert one.status in (3, 4)
                assert one.updated_ns <= ns(EVENING) + 5 * SECOND_NS, one
            else:
                assert one.created_ns > ns(EVENING)

    scene.checks.append(each_in_its_month)


@fault(
    "M15", process=True, sets=LATE, gate_words=evening.words("16:00"),
)  # fmt: skip
async def test_m15_what_a_crash_left_in_the_old_month_is_closed_first(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.kill()
    await scene.gate.market("roll", symbol="MES")
    await scene.gate.play(20)
    truth = await scene.gate.truth()
    assert scene.protected(truth), "its stop works on in the old month"
    await scene.start()
    await scene.reconciled()
    await scene.until("out of the old month", lambda truth: not held_in(truth, "M25"))
    await scene.gate.play_to(56)  # the close is booked with one minute, the next one may enter
    await scene.pass_s(6)
    await scene.gate.play_to(56)
    await scene.until("protected in the new month", lambda truth: held_in(truth, "U25"), 240)

    def closed_before_anything_new(outcome: Outcome) -> None:
        old = [one for one in outcome.truth.fills if one.contract.endswith("M25")]
        new = [one for one in outcome.truth.fills if one.contract.endswith("U25")]
        assert sum(one.side * one.size for one in old) == 0
        assert max(one.ns for one in old) <= min(one.ns for one in new)

    scene.checks.append(closed_before_anything_new)


EARLY = date(2025, 6, 5)  # a week before either month may lead


@fault("M15", sets=(ASKS_NEVER,), gate_words=evening.words("16:58", EARLY))
async def test_m15_a_month_that_the_table_does_not_know_halts_at_the_turn(scene: Scene) -> None:
    await scene.start()
    await scene.reconciled()
    await scene.gate.market("roll", symbol="MES")
    await play_until(scene, "2025-06-05T22:00:05")
    told = await scene.message("contract_differs")
    assert "U25" in told.text
    await scene.state("HALTED", within_s=5)


@fault("M15", sets=(ASKS_NEVER,))
async def test_m15_a_month_that_the_table_does_not_know_halts(scene: Scene) -> None:
    await scene.gate.market("roll", symbol="MES")
    bot = scene.make()
    scene.bots.append(bot)
    scene.flat_at_end = False
    await bot.start()
    assert await bot.gone() not in (0, int(Exit.UNEXPECTED))
    assert not (await scene.gate.truth()).orders


@fault("M16", sets=("strategies.pulse.last=935",))
async def test_m16_a_contract_that_takes_no_orders(scene: Scene) -> None:
    await scene.ready()
    await scene.gate.market("roll", symbol="MES")
    await scene.message("entry_refused")
    await heard(scene, 2)

    def asked_once(outcome: Outcome) -> None:
        assert len(calls(outcome.truth, "/Order/place")) == 1
        assert not working(outcome.truth)
        later = {one.gates for one in outcome.of(MinuteTaken)[-1:]}
        assert later == {(int(Reason.CONTRACT_INACTIVE),)}

    scene.checks.append(asked_once)


@fault("M17", process=True, cases=("tick_size", "tick_value"))
async def test_m17_a_product_that_the_table_does_not_know(scene: Scene) -> None:
    await scene.gate.market("product", symbol="MES", **{scene.case: 0.5})
    bot = scene.make()
    scene.bots.append(bot)
    scene.flat_at_end = False
    await bot.start()
    assert await bot.gone() == int(Exit.ENVIRONMENT)
    said = scene.process.said.read_text("utf-8")
    assert "0.5" in said
    assert not (await scene.gate.truth()).orders
