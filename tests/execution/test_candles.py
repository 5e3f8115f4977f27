"""Which orders a bar fills, at what price and in what sequence: the rules as drawn candles."""

import pytest

from julie.execution.matching import AS_DRAWN, NEXT_BAR
from tests.execution.candles import BUY, SELL, Order, drawn

LONG, SHORT = Order(BUY), Order(SELL)  # stop 8, target 12, slippage 1
DIP = Order(BUY, limit=98)
RALLY = Order(SELL, limit=102)
HALVES = Order(BUY, targets=(6, 12), qty=(1, 2))

MARKET_ENTRIES = {
    "a buy fills at the open, a tick worse": (LONG, "100 102 99 101 : entry 101"),
    "a sale fills at the open, a tick worse": (SHORT, "100 102 99 101 : entry 99"),
    "a bar without range fills too": (LONG, "100 100 100 100 : entry 101"),
    "without slippage at the open itself": (Order(BUY, slip=0), "100 102 99 101 : entry 100"),
    "a market order fills once": (
        LONG,
        """100 102 99 101 : entry 101
           101 103 99 102 :""",
    ),
}

STOPS = {
    "a stop fills at its price, a tick worse": (
        LONG,
        """100 102 99 101 : entry 101
           97 98 93 95 : stop 92""",
    ),
    "a stop of a short fills above": (
        SHORT,
        """100 102 99 101 : entry 99
           103 107 102 105 : stop 108""",
    ),
    "a tick before the stop is no stop": (
        LONG,
        """100 102 99 101 : entry 101
           97 98 94 95 :""",
    ),
    "a gap through the stop fills at the open": (
        LONG,
        """100 102 99 101 : entry 101
           90 96 88 95 : stop 89""",
    ),
    "a gap through a short's stop fills at the open": (
        SHORT,
        """100 102 99 101 : entry 99
           110 111 105 106 : stop 111""",
    ),
    "an open on the stop is a stop": (
        LONG,
        """100 102 99 101 : entry 101
           93 99 91 95 : stop 92""",
    ),
    "three ticks of slippage in a crash": (
        Order(BUY, slip=3),
        """100 105 99 101 : entry 103
           97 98 94 95 : stop 92""",
    ),
}

TARGETS = {
    "a target only touched is not filled": (
        LONG,
        """100 102 99 101 : entry 101
           105 113 104 110 :""",
    ),
    "a tick through the target fills it at its price": (
        LONG,
        """100 102 99 101 : entry 101
           105 114 104 110 : target 113""",
    ),
    "a short's target lies below": (
        SHORT,
        """100 102 99 101 : entry 99
           95 96 86 90 : target 87""",
    ),
    "a gap through the target fills at the better open": (
        LONG,
        """100 102 99 101 : entry 101
           120 122 119 121 : target 120""",
    ),
    "a gap through a short's target fills at the better open": (
        SHORT,
        """100 102 99 101 : entry 99
           80 82 79 81 : target 80""",
    ),
    "an open on the target has only touched it": (
        LONG,
        """100 102 99 101 : entry 101
           113 113 110 111 :""",
    ),
}

THE_PATH = {
    "long: the low comes first, so a bar with both legs is a stop": (
        LONG,
        """100 102 99 101 : entry 101
           103 120 90 118 : stop 92""",
    ),
    "short: the high comes first": (
        SHORT,
        """100 102 99 101 : entry 99
           97 110 80 82 : stop 108""",
    ),
    "entry and stop on one bar": (LONG, "100 101 92 95 : entry 101, stop 92"),
    "entry and target on one bar": (LONG, "100 114 98 113 : entry 101, target 113"),
    "entry and both legs on one bar": (LONG, "100 114 92 113 : entry 101, stop 92"),
    "a short's entry and target on one bar": (SHORT, "100 103 86 90 : entry 99, target 87"),
    "one cancels the other: after the target the stop is gone": (
        LONG,
        """100 102 99 101 : entry 101
           105 114 104 110 : target 113
           100 101 80 85 :""",
    ),
    "one cancels the other: after the stop the target is gone": (
        LONG,
        """100 102 99 101 : entry 101
           97 98 92 95 : stop 92
           100 130 99 128 :""",
    ),
}

LIMITS = {
    "a limit only touched is not filled": (DIP, "100 101 98 99 :"),
    "a limit traded through by a tick fills at its price": (DIP, "100 101 97 99 : entry 98"),
    "a sale's limit traded through": (RALLY, "100 103 99 101 : entry 102"),
    "a better open fills at the open": (DIP, "95 97 94 96 : entry 95"),
    "a better open of a sale": (RALLY, "105 106 103 104 : entry 105"),
    "an open on the limit needs a trade through it": (DIP, "98 100 98 99 :"),
    "an open on the limit, then through": (DIP, "98 100 97 99 : entry 98"),
    "a limit waits": (
        DIP,
        """100 101 99 100 :
           100 101 97 99 : entry 98""",
    ),
    "flat and up: the low first, the target may follow": (
        Order(BUY, limit=98, targets=(4,)),
        "100 104 97 103 : entry 98, target 102",
    ),
    "flat and unchanged counts as up": (
        Order(BUY, limit=98, targets=(4,)),
        "100 104 97 100 : entry 98, target 102",
    ),
    "flat and down: the high lies before the entry": (
        Order(BUY, limit=98, targets=(4,)),
        "100 104 97 99 : entry 98",
    ),
    "flat and down: a sale at the high, the target below": (
        Order(SELL, limit=102, targets=(4,)),
        "101 103 97 99 : entry 102, target 98",
    ),
    "flat and up: a sale's target at the low lies before it": (
        Order(SELL, limit=102, targets=(4,)),
        "100 103 97 101 : entry 102",
    ),
    "entry and stop on the same fall": (DIP, "100 101 88 95 : entry 98, stop 89"),
    "from a better open the walk goes against the position first": (
        DIP,
        "95 108 86 90 : entry 95, stop 86",
    ),
    "a cancelled limit is not filled": (
        DIP,
        """100 101 99 100 : > cancel
           99 101 90 95 :""",
    ),
    "a limit whose time is up is bought at the open": (
        DIP,
        """100 101 99 100 : > market
           103 104 102 103 : entry 104""",
    ),
}

TWO_LEGS = {
    "the nearer target takes the first leg, the stop the second": (
        HALVES,
        """100 102 99 101 : entry1 101, entry2 101
           103 108 102 106 : target1 107
           100 101 92 95 : stop2 92""",
    ),
    "both legs stop together": (
        HALVES,
        """100 102 99 101 : entry1 101, entry2 101
           97 98 92 95 : stop1 92, stop2 92""",
    ),
    "both targets on one rise": (
        HALVES,
        """100 102 99 101 : entry1 101, entry2 101
           105 114 104 113 : target1 107, target2 113""",
    ),
    "both close at market": (
        HALVES,
        """100 102 99 101 : entry1 101, entry2 101 > close
           97 98 90 95 : close1 96, close2 96""",
    ),
    "both limits fill on one fall": (
        Order(BUY, limit=98, targets=(6, 12), qty=(1, 2)),
        "100 101 97 100 : entry1 98, entry2 98",
    ),
}

MANAGED = {
    "a nearer stop holds from the next bar on": (
        LONG,
        """100 102 99 101 : entry 101
           103 109 102 108 : > move 104
           107 108 104 105 : stop 103""",
    ),
    "a stop does not move away": (
        LONG,
        """100 102 99 101 : entry 101 > move 90
           97 98 92 95 : stop 92""",
    ),
    "a short's stop moves down only": (
        SHORT,
        """100 102 99 101 : entry 99 > move 110
           95 96 90 92 : > move 97
           93 97 91 95 : stop 98""",
    ),
    "a market close takes the next open": (
        LONG,
        """100 102 99 101 : entry 101 > close
           104 106 103 105 : close 103""",
    ),
    "a market close goes before a stop that the open would fill": (
        LONG,
        """100 102 99 101 : entry 101 > close
           85 88 84 86 : close 84""",
    ),
    "a market close goes before a target that the open would fill": (
        LONG,
        """100 102 99 101 : entry 101 > close
           120 121 118 119 : close 119""",
    ),
}

ALL = MARKET_ENTRIES | STOPS | TARGETS | THE_PATH | LIMITS | TWO_LEGS | MANAGED


@pytest.mark.tier1
@pytest.mark.parametrize("name", ALL)
def test_candles(name: str) -> None:
    wanted, found = drawn(*ALL[name])
    assert found == wanted


BRACKET_NEXT_BAR = {
    "the bracket sleeps on the entry bar": (LONG, "100 120 80 95 : entry 101"),
    "it wakes with the next bar": (
        LONG,
        """100 120 80 95 : entry 101
           95 96 92 94 : stop 92""",
    ),
    "a stop that the market has passed fills at the next open": (
        LONG,
        """100 101 80 85 : entry 101
           85 99 84 98 : stop 84""",
    ),
    "the bracket of a limit sleeps too": (
        DIP,
        """100 101 88 89 : entry 98
           95 96 90 94 : stop 89""",
    ),
    "the bracket of a better open sleeps too": (DIP, "95 120 80 90 : entry 95"),
    "a stop moved while it slept": (
        LONG,
        """100 120 80 118 : entry 101 > move 110
           112 113 110 111 : stop 109""",
    ),
}


@pytest.mark.tier1
@pytest.mark.parametrize("name", BRACKET_NEXT_BAR)
def test_brackets_alive_from_the_next_bar(name: str) -> None:
    wanted, found = drawn(*BRACKET_NEXT_BAR[name], fills_by=NEXT_BAR)
    assert found == wanted


DRAWN_AS_IS = {
    "the high comes first for a long too": (LONG, "100 114 92 95 : entry 101, target 113"),
    "and for a short": (SHORT, "100 108 86 87 : entry 99, stop 108"),
    "a flat market on an up bar": (
        Order(BUY, limit=98, targets=(4,)),
        "100 104 97 103 : entry 98, target 102",
    ),
}


@pytest.mark.tier1
@pytest.mark.parametrize("name", DRAWN_AS_IS)
def test_every_bar_walked_open_high_low_close(name: str) -> None:
    wanted, found = drawn(*DRAWN_AS_IS[name], fills_by=AS_DRAWN)
    assert found == wanted


def test_a_house_bar_and_its_drawn_twin_differ_only_in_the_walk() -> None:
    """The same bar is a stop by the house's rule and a target under the other engine's."""
    bar = "100 114 92 95 :"
    _, house = drawn(LONG, bar)
    _, twin = drawn(LONG, bar, fills_by=AS_DRAWN)
    assert house == ["100 114 92 95 : entry 101, stop 92"]
    assert twin == ["100 114 92 95 : entry 101, target 113"]
