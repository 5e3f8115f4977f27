"""The test order: protected before it counts, gone at the end, and refused like any entry."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from julie.core.errors import UsageError
from julie.core.events import Asked, Intent
from julie.core.instruments import instrument
from julie.core.record import DeskRecord
from julie.core.tasks import Tasks
from julie.core.types import Side
from julie.core.zones import SECOND_NS
from julie.execution.venue import VenueEvent, VenueTrade
from julie.live.replayed_orders import Sent, apart, by_hand
from julie.live.trial_order import Line, line_of, place_trial, read_trial
from tests.desk.standing import Played, new_desk
from tests.execution.bench import MES, Bench, run

ASKED = {
    "symbol": "mes", "side": "buy", "qty": "1", "stop_ticks": "10", "target_ticks": "12",
    "hold_s": "2",
}  # fmt: skip
LINE = Line(0, "MES", instrument("MES"), MES)
Told = tuple[bool, str]
NOTHING_ELSE: Mapping[str, str] = {}


def begun() -> DeskRecord:
    """A desk whose day has begun."""
    played = Played(new_desk())
    played.bar((24_000, 24_001, 23_999, 24_000))
    return played.record


def tried(prepare: Callable[[Bench], None] | None = None, record: DeskRecord | None = None,
          asked: Mapping[str, str] = NOTHING_ELSE) -> tuple[Bench, Told]:  # fmt: skip
    """A test order at the venue in memory; `prepare` spoils something before."""
    told: list[Told] = []

    async def case(bench: Bench) -> None:
        bench.venue.last = 24_000
        if prepare is not None:
            prepare(bench)
        trial = read_trial({**ASKED, **asked})
        desk = begun() if record is None else record
        price = lambda: bench.venue.last * 0.25  # noqa: E731
        async with Tasks() as tasks:
            task = tasks.start(
                "trial", place_trial(trial, LINE, desk, bench.executor, price, bench.clock)
            )
            for _ in range(600):
                if task.done():
                    break
                await bench.wait(0.1)
            told.append(task.result())

    return run(case), told[0]


def test_in_protected_and_out() -> None:
    bench, (good, text) = tried()
    assert good, text
    assert "bought 1 CON.F.US.MES.U26 at 6000" in text
    assert "stop 5997.5 and target 6003 working after" in text
    assert "out by close at 6000" in text
    assert "flat, no order left" in text
    assert (bench.venue.net[MES], bench.venue.alive()) == (0, [])
    assert len(bench.venue.accepted) == 1
    intents = [one.payload for one in bench.journal.records if isinstance(one.payload, Intent)]
    assert [one.role for one in intents] == ["entry", "close"]


def test_a_fill_that_comes_behind_the_position_is_waited_for() -> None:
    def late(bench: Bench) -> None:
        said, tell = bench.executor.on_venue, bench.clock.mono_ns

        def heard(event: VenueEvent) -> None:
            bought = isinstance(event, VenueTrade) and event.side is Side.LONG
            if bought or not isinstance(event, VenueTrade):
                said(event)
            else:
                held.append((tell() + SECOND_NS, event))

        held: list[tuple[int, VenueTrade]] = []
        waited = bench.wait

        async def wait(seconds: float) -> None:
            await waited(seconds)
            for due, event in list(held):
                if tell() >= due:
                    held.remove((due, event))
                    said(event)

        bench.executor.on_venue = heard  # type: ignore[method-assign]
        bench.wait = wait  # type: ignore[method-assign]

    bench, (good, text) = tried(late)
    assert good, text
    assert "out by close at 6000" in text
    fees = sum(row.fee_cents for row in bench.venue.trades) / 100
    assert f"flat, no order left; fees {fees:.2f} USD" in text


def test_before_the_first_whole_minute_no_limit_is_known() -> None:
    bench, (good, text) = tried(record=new_desk())
    words = "not sent: the limits are not known before the first whole minute; ask again"
    assert (good, text) == (False, words)
    assert bench.venue.calls == []


def test_the_desk_is_told_nothing_of_it() -> None:
    bench, (good, _) = tried()
    assert good
    end = bench.clock.now_ns() + 1
    assert bench.executor.take_fills("MES", 0, end) == ((), 0)


def test_a_replay_asks_no_desk_for_it() -> None:
    bench, _ = tried()
    facts = [one.payload for one in bench.journal.records]
    written = [one for one in facts if isinstance(one, Intent | Asked)]
    assert list(apart(Sent(("MES",)), written)) == []
    assert by_hand(written) == 1
    entry = next(one for one in written if isinstance(one, Intent) and one.role == "entry")
    ((_, told),) = apart(Sent(("MES",)), [*written, replace(entry, intent="MES:3")])
    assert told.startswith("an entry was sent that nobody asks for now: ('entry', 'MES:3'")


def test_a_missing_target_is_no_success() -> None:
    def spoil(bench: Bench) -> None:
        bench.venue.makes_targets = False
        bench.venue.faults["place"] = ["", *["refuse"] * 9]

    bench, (good, text) = tried(spoil)
    assert not good
    assert "NOT seen working" in text
    assert bench.venue.net[MES] == 0


def test_a_refused_entry_is_told() -> None:
    def spoil(bench: Bench) -> None:
        bench.venue.faults["place"] = ["refuse"]

    bench, (good, text) = tried(spoil)
    assert not good
    assert text.startswith("the entry did not come to the venue: rejected")
    assert bench.venue.trades == []


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"stop_ticks": "3"}, "the stop distance is outside its limits"),
        ({"target_ticks": "400"}, "lies too far from the last price"),
    ],
)
def test_the_gate_binds_it(asked: dict[str, str], why: str) -> None:
    bench, (good, text) = tried(asked=asked)
    assert not good
    assert why in text
    assert bench.venue.calls == []


def test_a_spent_account_and_a_halted_desk_refuse_it() -> None:
    spent = begun()
    spent.account[0]["halted"] = 1
    _, (good, text) = tried(record=spent)
    assert (good, text) == (False, "not sent: Gate: the desk is not active")

    def halt(bench: Bench) -> None:
        bench.executor.standing.halt("two_desks", "another desk")

    bench, (good, text) = tried(halt)
    assert "a person must look" in text
    assert bench.venue.calls == []


def test_not_beside_another_position() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry()])
        await bench.turn()
        told = await place_trial(
            read_trial(ASKED), LINE, begun(), bench.executor, lambda: 250.0, bench.clock
        )
        assert told == (False, "not sent: a position is open")

    run(case)


def test_without_a_price_nothing_is_sent() -> None:
    async def case(bench: Bench) -> None:
        async with Tasks() as tasks:
            asked = read_trial(ASKED), LINE, begun(), bench.executor
            task = tasks.start("trial", place_trial(*asked, lambda: float(np.nan), bench.clock))
            await bench.wait(6)
        good, text = task.result()
        assert (good, "no price" in text) == (False, True)
        assert bench.venue.calls == []

    run(case)


@pytest.mark.parametrize(
    "wrong", [{"qty": "4"}, {"qty": "x"}, {"side": "up"}, {"hold_s": "900"}, {"stop_ticks": "0"}]
)
def test_words_that_make_no_order(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="no test order"):
        read_trial({**ASKED, **wrong})
    with pytest.raises(UsageError, match="is not traded"):
        line_of(read_trial({**ASKED, "symbol": "CL"}), [LINE])
