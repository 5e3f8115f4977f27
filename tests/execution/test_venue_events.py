"""What the venue, somebody else or a person does meanwhile: races, found positions, flatten."""

from dataclasses import replace

import pytest

from julie.core.permits import CancelEntry
from julie.core.tasks import Tasks
from julie.core.types import DeskState, ExitReason, Reason, Side
from julie.execution.floor import Traded
from julie.execution.venue import Unreadable, VenueOrder
from julie.risk.approval import approve
from tests.execution.bench import MES, run
from tests.execution.test_executor import fills, halted, nothing_left


def test_a_fill_that_wins_the_race_against_a_cancel_is_a_fill():
    async def case(bench):
        bench.executor.submit([bench.entry(limit=995)])
        await bench.turn()
        bench.deaf = True
        bench.venue.trade_at(994)
        bench.executor.submit([CancelEntry("MES:0:0", MES)])
        await bench.turn()
        bench.deaf = False
        await bench.wait(1)
        assert fills(bench) == ([(0, 2, 995)], 0)
        assert len(bench.venue.stops()) == 1

    run(case)


def test_closed_by_somebody_else_is_booked_from_the_trades():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        await bench.wait(10)
        nothing_left(bench)
        assert fills(bench) == ([(0, 2, 1000), (6, 2, 1000)], 1 + ExitReason.RECONCILE)
        assert "phantom_trade" in bench.alarms()

    run(case)


@pytest.mark.parametrize(
    ("choice", "held", "fate"),
    [
        ("adopt", 1, "it is adopted, with a stop 40 ticks away"),
        ("flatten", 0, "it is being closed"),
        ("leave", 1, "it is left alone"),
    ],
)
def test_a_position_that_is_not_ours(choice, held, fate):
    async def case(bench):
        bench.venue.foreign_market(MES, Side.LONG, 1)
        await bench.wait(10)
        assert bench.venue.net[MES] == held
        assert len(bench.venue.stops()) == (1 if choice == "adopt" else 0)
        assert fills(bench) == ([], 0)
        told = [text for kind, text in bench.alarm_words() if kind == "unknown_position"]
        assert [text.rpartition("; ")[2] for text in told] == [fate]
        if choice == "leave":
            assert bench.executor.gate("MES") is not Reason.NONE

    run(case, unknown_position=choice)


def test_doubled_and_shuffled_events_change_nothing():
    async def case(bench):
        bench.deaf = True
        bench.executor.submit([bench.entry()])
        await bench.turn()
        for event in [*reversed(bench.venue.events), *bench.venue.events, *bench.venue.events]:
            bench.executor.on_venue(event)
        await bench.turn()
        assert bench.executor.book.net(MES) == 2
        assert fills(bench) == ([(0, 2, 1000)], 0)
        assert bench.executor.book.dropped["order, repeated"] > 0

    run(case)


def test_nothing_is_entered_while_another_month_is_held():
    async def case(bench):
        old = Traded("MES", "CON.F.US.MES.M26", 0.25, 125)
        bench.executor._floor.traded[old.contract] = old
        entry = replace(bench.entry().value, contract=old.contract)
        bench.executor._hands[old.contract] = bench.executor._hand(old.contract)
        async with Tasks() as group:
            hand = group.start("old month", bench.executor._hands[old.contract].run())
            bench.executor.submit([approve(entry)])
            await bench.turn()
            bench.executor.submit([bench.entry(plan=1)])
            await bench.turn()
            assert [one.plan for one in bench.executor.take_dropped()] == ["MES:1"]
            assert [one.contract for one in bench.venue.stops()] == [old.contract]
            hand.cancel()

    run(case)


@pytest.mark.parametrize("contract", [MES, None])
def test_a_row_that_nobody_understands_halts_where_something_is_open(contract):
    async def case(bench):
        row = Unreadable("GatewayUserOrder: Invalid enum value 99 at $.status", contract, "{...}")
        bench.executor.on_venue(row)
        await bench.wait(3)
        assert not halted(bench)
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.executor.on_venue(Unreadable("type 42", "CON.F.US.ENQ.U26"))
        await bench.wait(3)
        assert not halted(bench)
        bench.executor.on_venue(row)
        await bench.wait(3)
        assert halted(bench)
        assert [o.price_tick for o in bench.venue.stops()] == [992]
        assert "{...}" in str(bench.journal.records)

    run(case)


def test_flatten_is_final_and_may_be_thrown_twice():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.foreign_market("CON.F.US.ENQ.U26", Side.SHORT, 1)

        async def flatten():
            async with Tasks() as group:
                done = group.start("flatten", bench.executor.flatten("test"))
                while not done.done():
                    await bench.wait(0.5)
            return done.result()

        assert (await flatten()).flat
        assert (await flatten()).flat
        assert bench.venue.alive() == []
        assert not any(bench.venue.net.values())
        assert bench.executor.state is DeskState.HALTED
        bench.executor.submit([bench.entry(plan=1)])
        await bench.wait(3)
        assert bench.venue.net[MES] == 0
        bench.executor.standing.resume("seen")
        await bench.wait(6)
        assert bench.executor.gate("MES") is Reason.NONE

    run(case)


def test_the_last_throttle_holds():
    async def case(bench):
        for plan in range(4):
            bench.executor.submit([bench.entry(plan=plan)])
            await bench.turn()
            bench.venue.trade_at(bench.venue.last + 13)
            await bench.turn()
        assert len(bench.venue.accepted) == 2
        dropped = {one.reason for one in bench.executor.take_dropped()}
        assert dropped == {Reason.ENTRY_RATE}

    run(case, entries_a_minute=2)


def test_what_was_missed_while_all_was_compared_is_compared_before_an_entry():
    async def case(bench):
        account = bench.venue.account

        async def slow():
            row = await account()
            await bench.executor._floor.until(lambda: False, 1.0)
            return row

        bench.venue.account = slow
        bench.executor.reconcile_soon("a first doubt")
        await bench.wait(0.5)
        bench.executor.stream(alive=False)
        bench.executor.stream(alive=True)
        await bench.wait(1)
        assert bench.executor.gate("MES") is Reason.NOT_RECONCILED
        await bench.wait(3)
        assert bench.executor.gate("MES") is Reason.NONE

    run(case)


@pytest.mark.parametrize("seen", ["working first", "filled at once"])
def test_an_entry_that_was_given_up_and_came_after_all_is_closed(seen):
    async def case(bench):
        asked, door = [], bench.venue.place

        async def place(order):
            asked.append(order)
            return await door(order)

        bench.venue.place = place
        bench.venue.faults["place"] = ["lose_request"]
        bench.executor.submit([bench.entry()])
        await bench.wait(10)
        assert [one.reason for one in bench.executor.take_dropped()] == [Reason.NOT_SENT]
        bench.venue._place(asked[0])
        if seen == "filled at once":
            said, bench.told = bench.venue.events[bench.told :], len(bench.venue.events)
            for row in said:
                if not isinstance(row, VenueOrder) or row == bench.venue.orders[row.id]:
                    bench.executor.on_venue(row)
        await bench.wait(5)
        assert "late_order" in bench.alarms()
        assert bench.venue.net[MES] == 0
        nothing_left(bench)

    run(case)
