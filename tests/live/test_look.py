"""A look at the bot: what it says of a position is what the account holds."""

import pytest

from julie.core.types import Side
from julie.live.look import entry_price
from tests.execution.bench import MES, run


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
