"""An entry that was given up for lost and came after all, when the desk is in its next plan."""

import pytest

from julie.core.taken import MinuteTaken, TakenBar
from julie.core.zones import MINUTE_NS
from julie.execution.venue import NewOrder, Outcome, VenueAccount
from tests.execution.bench import MES, Bench, run
from tests.execution.test_executor import close, nothing_left

OURS = 5_000_000
FEE = 37  # of a trade


async def lost_and_next(bench: Bench) -> NewOrder:
    """The first plan's entry is lost, the second plan is in its position and told."""
    asked: list[NewOrder] = []
    door = bench.venue.place

    async def place(order: NewOrder) -> Outcome:
        asked.append(order)
        return await door(order)

    bench.executor.governing(OURS)  # both begin here
    bench.venue.place = place  # type: ignore[method-assign]
    bench.venue.faults["place"] = ["lose_request"]
    bench.executor.submit([bench.entry()])
    await bench.wait(10)
    assert taken(bench) == []
    bench.executor.submit([bench.entry(1)])
    await bench.wait(5)
    assert taken(bench) == [0]
    return asked[0]


def taken(bench: Bench) -> list[int]:
    """Slots of the fills of a minute that ends now; the journal has it."""
    end = bench.clock.now_ns() + 1
    fills, closing = bench.executor.take_fills("MES", 0, end)
    bench.executor.take_dropped()
    bar = TakenBar(MES, end - MINUTE_NS, 250.0, 250.0, 250.0, 250.0, 1.0)
    minute = MinuteTaken(end - MINUTE_NS, (bar,), (fills,), (0,), (closing,), (0,))
    bench.executor._floor.ledger.note(minute)
    return [one.slot for one in fills]


@pytest.mark.parametrize("again", [False, True])
def test_what_it_bought_is_not_booked_to_the_next_plan(again: bool) -> None:
    async def case(bench: Bench) -> None:
        bench.venue._place(await lost_and_next(bench))
        await bench.wait(10)
        assert "late_order" in bench.alarms()
        assert bench.venue.net[MES] == 2  # the second plan's
        assert taken(bench) == []
        if again:
            await bench.restart()
            await bench.wait(5)
        assert taken(bench) == []
        bench.executor.submit([close()])
        await bench.wait(5)
        nothing_left(bench)
        assert taken(bench) == [6]
        account = VenueAccount(1, OURS - 4 * FEE, can_trade=True)
        bench.executor.on_venue(account)
        ours = OURS - 2 * FEE  # by the second plan's fills, as the desk has them
        assert bench.executor.governing(ours) == account.balance_cents
        assert "balance_differs" not in bench.alarms()

    run(case)


def test_where_no_plan_came_since_it_is_told() -> None:
    async def case(bench: Bench) -> None:
        asked: list[NewOrder] = []
        door = bench.venue.place

        async def place(order: NewOrder) -> Outcome:
            asked.append(order)
            return await door(order)

        bench.venue.place = place  # type: ignore[method-assign]
        bench.venue.faults["place"] = ["lose_request"]
        bench.executor.submit([bench.entry()])
        await bench.wait(10)
        assert taken(bench) == []
        bench.venue._place(asked[0])
        await bench.wait(10)
        assert taken(bench) == [0, 6]

    run(case)
