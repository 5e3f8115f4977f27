"""A look at the bot: what it says of a position is what the account holds."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from julie.cli.status import LAST_HEARD, lines
from julie.core.calendar import load_calendar
from julie.core.events import Alarm
from julie.core.types import DeskState, Side
from julie.execution.config import ExecutionSection
from julie.execution.state import Standing
from julie.execution.venue import VenueAccount
from julie.live.look import Look, Looks, entry_price, strange
from julie.settings import Settings
from julie.store.status import AccountNow, HeldNow, Status, StrangeNow, TradingNow
from tests.execution.bench import MES, Bench, run

BARE = Status("2025-04-15T10:00:00-04:00", True, "sim-1", "sim", "ACTIVE", "")


def test_a_position_that_was_taken_over_has_the_venues_entry():
    async def case(bench):
        bench.venue.foreign_market(MES, Side.LONG, 3)
        await bench.wait(10)
        book = bench.executor.book
        (plan,) = book.open_plans(MES)
        held = book.positions[MES]
        assert held.average > 0
        assert entry_price(plan, held, 0.25) == pytest.approx(held.average)
        assert entry_price(plan, None, 0.25) is None

    run(case, unknown_position="adopt")


def test_a_position_of_ours_has_its_own():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        (plan,) = bench.executor.book.open_plans(MES)
        assert entry_price(plan, None, 0.25) == 1000 * 0.25

    run(case)


def test_the_status_lists_what_is_not_ours():
    async def case(bench):
        bench.venue.foreign_market(MES, Side.SHORT, 3)
        await bench.wait(10)
        session: Any = SimpleNamespace(
            executor=bench.executor,
            wanted=SimpleNamespace(settings=Settings()),
            calendar=load_calendar(),
            lines=SimpleNamespace(traded=(SimpleNamespace(contract=MES),)),
            not_ours={MES: -3},
        )
        by_hand: Any = SimpleNamespace(paused="")
        found = Look(session, by_hand)._trading(())
        assert [(one.side, one.quantity) for one in found.not_ours] == [("SHORT", 3)]

    run(case, unknown_position="leave")


def test_the_days_money_is_in_accord_with_the_accounts_balance():
    async def case(bench):
        desk = {"balance": 4_000_000, "open_pnl": -500, "day_start": 3_990_000}
        session: Any = SimpleNamespace(
            executor=bench.executor,
            wanted=SimpleNamespace(settings=Settings()),
            calendar=load_calendar(),
            desk=SimpleNamespace(record=SimpleNamespace(account=[desk])),
        )
        by_hand: Any = SimpleNamespace(paused="")
        look = Look(session, by_hand)

        def shown() -> tuple[float | None, float | None]:
            account = look._account(0)
            return account.balance, account.daily_pnl

        def balance(cents: int) -> None:
            bench.executor.on_venue(VenueAccount(1, cents, can_trade=True))

        balance(5_000_000)
        assert shown() == (50_000, 95)  # nobody knows yet where both began
        assert bench.executor.governing(4_000_000) is None
        desk["open_pnl"] = 0
        assert shown() == (50_000, 100)
        bench.venue.foreign_market(MES, Side.LONG, 1)
        bench.venue.foreign_market(MES, Side.SHORT, 1)
        await bench.turn()
        assert shown()[1] == 100  # the venue has not said what it brought
        balance(5_000_128)
        assert shown() == (50_001.28, 101.28)
        assert (
            bench.executor.governing(4_000_000) == 4_000_128
        )  # and the desk hears of it all the same
        bench.executor.submit([bench.entry()])
        await bench.turn()
        desk |= {"balance": 4_000_054, "open_pnl": 2_500}
        assert shown()[1] == 125.54  # while something is open the desk's own figure stands

    run(case)


@pytest.mark.parametrize("traded", [True, False])
def test_a_position_that_is_left_alone_stands_in_a_line_of_its_own(traded):
    async def case(bench):
        bench.venue.foreign_market(MES, Side.SHORT, 3)
        await bench.wait(10)
        executor = bench.executor
        net = executor.book.venue_net(MES) - executor.book.net(MES)
        rules = ExecutionSection(unknown_position="leave" if traded else "adopt")
        found = strange(executor, rules, MES, net, traded=traded)
        price = executor.book.positions[MES].average
        assert (found.side, found.quantity, found.average) == ("SHORT", 3, price)
        assert found.fate == "left alone, no stop of ours protects it"

    run(case, unknown_position="leave")


@pytest.mark.parametrize(
    ("choice", "word"), [("adopt", "adopted, with a stop"), ("flatten", "closed")]
)
def test_before_it_is_compared_the_status_tells_what_will_be_done(choice, word):
    async def case(bench):
        rules = ExecutionSection(unknown_position=choice)
        found = strange(bench.executor, rules, MES, 2, traded=True)
        assert found.fate.startswith(word)
        assert found.fate.endswith("as soon as a comparison with the venue finds it again")

    run(case, unknown_position=choice)


def test_a_position_beside_ours_has_no_price_of_its_own():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        found = strange(bench.executor, ExecutionSection(), MES, 1, traded=True)
        assert found.average is None
        assert "the next comparison with the venue settles it" in found.fate

    run(case)


def test_no_position_of_ours_is_not_flat_while_the_account_holds_another():
    status = replace(BARE, account=AccountNow(50_000.0), reconciled_ts=1)
    assert "position  flat" in lines(status, "socket")
    other = StrangeNow(MES, "LONG", 2, 20354.75, "left alone, no stop of ours protects it")
    told = lines(replace(status, trading=TradingNow(not_ours=(other,))), "socket")
    assert "position  flat" not in told
    assert "position  none of ours" in told
    assert f"not ours  LONG 2 {MES} at 20354.75: {other.fate}" in told


@pytest.mark.parametrize("source", ["socket", "file, 3 s old"])
def test_who_knows_no_account_does_not_say_flat(source):
    told = lines(replace(BARE, is_alive=source == "socket", reconciled_ts=1), source)
    assert "position  unknown" in told
    assert "position  flat" not in told


def test_nobody_is_flat_before_the_venue_was_compared():
    status = replace(BARE, account=AccountNow(50_000.0))
    assert "position  unknown, not compared with the venue yet" in lines(status, "socket")
    held = HeldNow("MES", MES, "LONG", 2, 250.0, stop_price=248.0, stop_quantity=2)
    (told,) = position_lines(replace(status, trading=TradingNow(positions=(held,))))
    assert told.endswith("(by the journal; not compared with the venue yet)")


def test_before_the_account_was_read_its_money_is_unknown():
    async def case(bench):
        bench.venue.unreachable = True
        await bench.restart()
        found = seen(bench)._account(0)
        assert (found.balance, found.daily_pnl) == (None, None)
        bench.venue.unreachable = False
        await bench.wait(10)
        assert seen(bench)._account(0).balance == 50_000

    run(case)


def position_lines(status: Status) -> list[str]:
    return [one for one in lines(status, "socket") if one.startswith("position")]


def seen(bench: Bench) -> Look:
    """A look at what the bench's executor holds."""
    row = {"balance": 4_000_000, "open_pnl": 0, "day_start": 4_000_000}
    session: Any = SimpleNamespace(
        executor=bench.executor,
        wanted=SimpleNamespace(settings=Settings()),
        calendar=load_calendar(),
        lines=SimpleNamespace(traded=(), symbols=("MES",), ticks={MES: 0.25}),
        minutes=SimpleNamespace(quotes=SimpleNamespace(last={MES: 251.0})),
        desk=SimpleNamespace(symbols=(), plan_numbers=(), record=SimpleNamespace(account=[row])),
    )
    by_hand: Any = SimpleNamespace(paused="")
    return Look(session, by_hand)


def stop_words(bench: Bench) -> str:
    """What the status says of the stop of the one position."""
    trading = TradingNow(positions=tuple(seen(bench)._held()))
    (told,) = position_lines(replace(BARE, reconciled_ts=1, trading=trading))
    return told.partition(" at 250, ")[2].rpartition(", open ")[0].partition(", target")[0]


def test_a_stop_is_missing_only_where_the_venue_was_read_for_it():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        assert stop_words(bench) == "stop 248"
        bench.venue.unreachable = True
        await bench.restart()
        assert stop_words(bench) == "stop not seen yet"  # it stands, but nobody was asked
        bench.venue.unreachable = False
        await bench.wait(10)
        assert stop_words(bench) == "stop 248"
        bench.venue.refuse_stops = 99
        bench.venue.foreign_cancel(bench.venue.stops()[0].id)
        for event in bench.venue.events[bench.told :]:
            bench.executor.on_venue(event)
        assert stop_words(bench) == "NO STOP"  # by the venue's own word

    run(case)


def test_a_fill_is_told_before_its_stop_and_that_is_not_missing():
    async def case(bench):
        bench.deaf = True
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.unreachable = True
        stop = bench.venue.stops()[0].id
        for event in bench.venue.events:
            if getattr(event, "id", 0) != stop:
                bench.executor.on_venue(event)
        assert stop_words(bench) == "stop not seen yet"

    run(case)


def test_a_stop_for_a_part_is_told_as_that():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue._change(bench.venue.stops()[0].id, qty=1)
        for event in bench.venue.events[bench.told :]:
            bench.executor.on_venue(event)
        assert stop_words(bench) == "stop 248 for 1 of 2, the rest not seen yet"

    run(case)


def test_a_stop_that_nobody_laid_is_missing_once_the_venue_was_read():
    async def case(bench):
        bench.venue.makes_stops = False
        bench.venue.refuse_stops = 1
        bench.executor.submit([bench.entry()])
        await bench.turn()
        assert stop_words(bench) == "stop not seen yet"
        told = set()
        while bench.venue.net[MES]:
            await bench.wait(0.1)
            told |= {stop_words(bench)} if bench.executor.book.net(MES) else set()
        assert "NO STOP" in told

    run(case)


def test_a_position_of_an_instrument_that_is_not_traded_any_more_is_shown():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        other = SimpleNamespace(contract="CON.F.US.MNQ.U26", instrument=None)
        session: Any = SimpleNamespace(
            executor=bench.executor,
            wanted=SimpleNamespace(settings=Settings()),
            calendar=load_calendar(),
            lines=SimpleNamespace(traded=(other,), symbols=("MNQ",), ticks={}),
            minutes=SimpleNamespace(quotes=SimpleNamespace(last={MES: 251.0})),
            desk=SimpleNamespace(symbols=("MNQ",), plan_numbers=(0,)),
        )
        by_hand: Any = SimpleNamespace(paused="")
        (found,) = Look(session, by_hand)._held()
        assert (found.symbol, found.side, found.quantity) == ("MES", "LONG", 2)
        assert (found.entry_price, found.stop_price) == (250.0, 248.0)
        assert found.unrealized_pnl == 10.0

    run(case)


def test_a_bot_that_starts_says_nothing_of_what_nobody_looked_at():
    ground: Any = SimpleNamespace(
        executor=SimpleNamespace(standing=Standing(lambda *_: None), reconciled_ns=None),
        wanted=SimpleNamespace(run="sim-1"),
        place=SimpleNamespace(mode="sim"),
    )
    standing = ground.executor.standing
    standing.restore(("flatten",))
    standing.reduce("paused", "lunch")
    told = lines(Looks(ground)(), "socket")
    assert told[1] == (
        "desk      HALTED: it starts; the kill switch: from an earlier run, not yet resumed; "
        "paused: lunch"
    )
    assert not [one for one in told if one.startswith(("streams", "strategies"))]
    assert told[-1].startswith("as of ")


def test_of_a_bot_that_does_not_answer_it_is_said_that_all_is_old():
    status = replace(BARE, account=AccountNow(50_000.0), reconciled_ts=1)
    assert LAST_HEARD in lines(status, "file, 40 min old")
    assert LAST_HEARD not in lines(status, "socket")
    assert LAST_HEARD not in lines(replace(status, is_alive=False), "file, 40 min old")


def test_a_session_that_cannot_be_looked_at_goes_on_and_says_so():
    noted: list[object] = []
    cause = SimpleNamespace(name="unreconciled", text="not compared with the venue")
    ground: Any = SimpleNamespace(
        executor=SimpleNamespace(
            standing=SimpleNamespace(state=DeskState.ACTIVE, causes=(cause,)), reconciled_ns=1
        ),
        wanted=SimpleNamespace(run="sim-1"),
        place=SimpleNamespace(mode="sim"),
        scribe=SimpleNamespace(note=noted.append),
    )

    def fails() -> Status:
        raise ValueError("tuple.index(x): x not in tuple")

    looks = Looks(ground)
    looks.session = fails  # type: ignore[assignment]
    for _ in range(3):
        status = looks()
        assert status.is_alive
        assert "the status cannot be made (ValueError)" in status.reason
    assert noted == [Alarm("status_failed", "the status cannot be made: ValueError")]
    looks.session = lambda: BARE  # type: ignore[assignment]
    assert looks() is BARE
