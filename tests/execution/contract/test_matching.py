"""The matching engine passes the broker contract."""

import pytest

from julie.core.permits import Entry, Reducing
from julie.core.ports import Broker
from julie.execution.orders import CLOSES, FREE, STOP, WORKING
from julie.execution.simulated import MatchingBroker, Refused
from julie.risk.approval import approve
from tests.execution.contract.cases import CASES, SYMBOL, Filled


class MatchingVenue:
    """The matching broker, with the test as its market."""

    def __init__(self) -> None:
        self.engine = MatchingBroker((SYMBOL, "MNQ"), slippage_ticks=1)
        self.doors: Broker = self.engine  # a broker, for the type checker too
        self._side = 0

    def place(self, entry: Entry) -> bool:
        try:
            self.doors.place(approve(entry))
        except Refused:
            return False
        self._side = int(entry.side)
        return True

    def reduce(self, order: Reducing) -> bool:
        try:
            self.doors.reduce(order)
        except Refused:
            return False
        return True

    def bar(self, o: int, h: int, low: int, c: int) -> list[Filled]:
        fills, _ = self.engine.bar(SYMBOL, o, h, low, c)
        return [(self._sign(int(f["slot"])) * int(f["qty"]), int(f["tick"])) for f in fills]

    def _sign(self, slot: int) -> int:
        return self._side if slot < CLOSES and slot % 3 == 0 else -self._side

    def position(self) -> int:
        return self.engine.position(SYMBOL)

    def working(self) -> int:
        return len(self.engine.working(SYMBOL))

    def stops(self) -> list[tuple[int, int]]:
        found = self.engine.working(SYMBOL)
        found = found[(found["kind"] == STOP) & (found["state"] == WORKING)]
        return [(int(order["qty"]), int(order["price"])) for order in found]

    def lose_stop(self) -> None:
        self.engine._books[0]["state"] = FREE  # as a venue that lost the legs would stand there


@pytest.mark.parametrize("name", CASES)
def test_the_contract(name: str) -> None:
    CASES[name](MatchingVenue())


def test_the_cases_are_numbered_without_gaps() -> None:
    numbers = [int(name[3:5]) for name in CASES]
    assert numbers == list(range(1, len(CASES) + 1))


def test_what_is_not_approved_does_not_pass_the_door() -> None:
    with pytest.raises(AttributeError):
        MatchingVenue().doors.place("buy two")  # type: ignore[arg-type]


def test_books_of_two_contracts_are_apart() -> None:
    venue = MatchingVenue()
    CASES["BC-01 a market entry fills at the next price"](venue)
    fills, side = venue.engine.bar("MNQ", 500, 510, 490, 505)
    assert (len(fills), side, venue.engine.position("MNQ")) == (0, 0, 0)
