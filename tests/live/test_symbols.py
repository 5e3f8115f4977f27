"""What is listened to and traded, by the configuration and by what the market has."""

import pytest

from julie.live.symbols import heard_and_traded
from julie.settings import LiveSection

BOTH = ("ES", "NQ")


@pytest.mark.parametrize(
    ("symbols", "named", "served", "traded"),
    [
        (BOTH, (), (), ["MES", "MNQ"]),
        (("6E",), (), (), ["6E"]),  # its micro is traded only where it is named
        (BOTH, ("ES", "MNQ"), (), ["ES", "MNQ"]),
        (BOTH, (), ("ES", "NQ", "MNQ"), ["ES", "MNQ"]),
    ],
)
def test_each_is_traded_by_its_word_else_as_its_micro(
    symbols: tuple[str, ...], named: tuple[str, ...], served: tuple[str, ...], traded: list[str]
) -> None:
    section = LiveSection(symbols=symbols, trade=named)
    assert heard_and_traded(section, served) == (list(symbols), traded)


def test_of_a_market_of_its_own_everything_is_heard() -> None:
    assert heard_and_traded(LiveSection(symbols=("ES",)), ("MNQ",)) == (["MNQ"], ["MNQ"])
