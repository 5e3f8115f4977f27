"""What a closed leg is written as: money, worst and best, the tie mark, fees of their date."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from julie.core.instruments import INSTRUMENTS, Fee
from julie.core.types import EntryKind
from julie.risk.rules import fee_rows
from tests.desk.standing import DAY, QUIET, SHORT, Played, bought, new_desk

STILL = (1000, 1001, 999, 1000)
LIMIT = {"entry_kind": EntryKind.LIMIT, "limit_tick": 990}


def leg(played: Played, place: int = 0) -> dict[str, int]:
    """A closed leg's integers by name."""
    row = played.trades[place]
    return {name: int(row[name]) for name in row.dtype.names}


class TestMoney:
    def test_a_target(self) -> None:
        played = bought(new_desk(section={"contracts": 3}))
        played.bar((1001, 1014, 1000, 1010))
        found = leg(played)
        assert (found["gross"], found["fees"]) == (12 * 3 * 125, 2 * 3 * 61)
        assert int(played.account["balance"]) == 5_000_000 + found["gross"] - found["fees"]

    def test_a_stop_slips_on_both_ends(self) -> None:
        played = bought()
        played.bar((997, 998, 990, 995))
        found = leg(played)
        assert (found["entry_tick"], found["exit_tick"]) == (1001, 992)
        assert (found["gross"], found["slips"]) == (-9 * 125, 2)

    def test_a_short_earns_when_it_falls(self) -> None:
        played = bought(side=SHORT)
        played.bar((998, 999, 986, 990))
        assert leg(played)["gross"] == 12 * 125

    def test_the_entry_is_paid_when_it_fills(self) -> None:
        played = bought()
        assert int(played.account["balance"]) == 5_000_000 - 61

    def test_fees_are_those_of_each_fill_s_own_date(self) -> None:
        """A position held over a change of fees pays the old one in, the new one out."""
        record = new_desk(account="plain")
        dear = Fee(date.fromordinal(date(1970, 1, 1).toordinal() + DAY + 1), 80)
        table = fee_rows([replace(INSTRUMENTS["MES"], fees=(*INSTRUMENTS["MES"].fees, dear))])
        played = bought(record._replace(fees=table))
        played.at("18:00", day=DAY + 1).bar((1001, 1014, 1000, 1010))
        found = leg(played)
        assert found["fees"] == 61 + 80
        assert int(played.account["balance"]) == 5_000_000 + found["gross"] - found["fees"]


class TestWorstAndBest:
    """In cents against the entry, over the points of the path while the leg was open."""

    @pytest.mark.parametrize(
        ("bars", "worst", "best"),
        [
            ([(1001, 1014, 1000, 1010)], -2, 12),  # 999 on the entry bar, out at the target
            ([(1001, 1005, 996, 1000), (1001, 1014, 1000, 1010)], -5, 12),
            ([(1004, 1010, 1000, 1008), (1000, 1001, 990, 995)], -9, 9),
            ([(1004, 1020, 990, 1015)], -9, 3),  # stopped before the high
            ([(980, 1020, 970, 1015)], -22, 1),  # a gap: nothing of the bar but its open
            ([(1030, 1040, 970, 1015)], -2, 29),  # a better open
        ],
    )
    def test_long(self, bars: list[tuple[int, int, int, int]], worst: int, best: int) -> None:
        played = bought()  # its entry bar went down to 999 and up to 1002
        for bar in bars:
            played.bar(bar)
        found = leg(played)
        assert (found["mae"], found["mfe"]) == (worst * 125, best * 125)

    def test_a_limit_has_not_seen_what_lay_before_it(self) -> None:
        """The bar fell: its high came before the entry."""
        played = Played(new_desk())
        played.bar(STILL, ask=[LIMIT | {"tp": 60}])
        played.bar((1000, 1010, 985, 988))
        played.bar((989, 995, 984, 990), seen=QUIET._replace(exits=1))
        played.bar((990, 991, 989, 990))
        found = leg(played)
        assert found["entry_tick"] == 990
        assert (found["mae"], found["mfe"]) == (-6 * 125, 5 * 125)

    def test_from_a_better_open_the_walk_is_that_of_a_position(self) -> None:
        """Filled at the open of 985, the low comes first and the target behind it."""
        played = Played(new_desk())
        played.bar(STILL, ask=[LIMIT])
        played.bar((985, 999, 980, 984))  # closed down: a flat account would see the high first
        found = leg(played)
        assert (found["entry_tick"], found["exit_tick"]) == (985, 997)
        assert (found["mae"], found["mfe"]) == (-5 * 125, 12 * 125)

    def test_each_leg_has_its_own(self) -> None:
        played = bought(new_desk(section={"contracts": 2}), tp1=6, tp=12)
        played.bar((1004, 1008, 1003, 1006))
        played.bar((1000, 1001, 990, 995))
        first, second = leg(played), leg(played, 1)
        assert (first["mae"], first["mfe"]) == (-2 * 125, 6 * 125)
        assert (second["mae"], second["mfe"]) == (-9 * 125, 7 * 125)


class TestTies:
    """Stop and target both lay in the bar, and the rule of the path chose."""

    @pytest.mark.parametrize(
        ("bar", "tie"),
        [
            ((1001, 1014, 993, 1000), 1),
            ((1001, 1013, 993, 1000), 0),  # the target was only touched
            ((1001, 1014, 994, 1000), 0),  # the stop was not
            ((985, 1014, 984, 1000), 0),  # the open was beyond the stop: nothing to choose
            ((1020, 1021, 990, 1000), 0),  # the open was beyond the target
        ],
    )
    def test_long(self, bar: tuple[int, int, int, int], tie: int) -> None:
        played = bought()
        played.bar(bar)
        assert leg(played)["tie"] == tie

    def test_short(self) -> None:
        played = bought(side=SHORT)  # from 999: stop 1007, target 987
        played.bar((999, 1007, 986, 990))
        found = leg(played)
        assert (found["tie"], found["exit_tick"]) == (1, 1008)

    def test_a_market_close_is_none(self) -> None:
        played = bought()
        played.bar(STILL, seen=QUIET._replace(exits=1))
        played.bar((1001, 1020, 980, 1000))
        found = leg(played)
        assert (found["tie"], found["exit_tick"]) == (0, 1000)

    def test_the_moved_stop_counts(self) -> None:
        played = bought(new_desk(management={"break_even": {"after": "r", "r": 1.0}}))
        played.bar((1009, 1010, 1008, 1009))
        played.bar((1005, 1014, 1001, 1010))
        found = leg(played)
        assert (found["tie"], found["stop_tick"], found["stop_at_exit"]) == (1, 993, 1001)


class TestTheRow:
    def test_what_is_written(self) -> None:
        played = bought(session=2)
        played.bar((1001, 1014, 1000, 1010))
        found: dict[str, Any] = leg(played)
        assert found["trade_id"] == found["leg"] == found["candidate"] == 0
        assert (found["stop_tick"], found["target_tick"]) == (993, 1013)
        assert (found["entry_row"], found["exit_row"], found["session"]) == (1, 2, 2)
        assert found["decided_ns"] == found["entry_ns"]
        assert found["exit_ns"] - found["entry_ns"] == 60_000_000_000

    def test_equity_is_the_sum_of_nets(self) -> None:
        played = Played(new_desk(section={"contracts": 2}))
        rng = np.random.default_rng(3)
        for _ in range(40):
            o = 1000 + int(rng.integers(-3, 4))
            played.bar((o, o + 9, o - 9, o), ask=[{"tp1": 5}], asked=(0, 0, 0))
        nets = sum(int(t["gross"] - t["fees"]) for t in played.trades)
        open_fees = 61 * int(played.plan["held"].sum())
        assert len(played.trades) > 20
        assert int(played.account["balance"]) == 5_000_000 + nets - open_fees
