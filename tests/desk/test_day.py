"""Times and holes: the end of the day, early closes, rolls, stale signals, what does not last."""

import pytest

from julie.core.types import EntryKind, Reason
from tests.desk.standing import DAY, QUIET, Played, bought, new_desk

STILL = (1000, 1001, 999, 1000)
FAR = {"sl": 8, "tp": 60}
LIMIT = {"entry_kind": EntryKind.LIMIT, "limit_tick": 990, **FAR}


def holding(clock: str, *, account: str = "topstepx_50k", length: int = 1380) -> Played:
    """A long that was decided on the bar which opened at `clock`."""
    played = Played(new_desk(account=account)).at(clock, length=length)
    played.bar(STILL, ask=[FAR])
    assert played.outcome() == "working"
    played.bar(STILL)
    return played


def until(played: Played, minutes: int) -> list[int]:
    """Places of the bars at whose close something was ordered."""
    return [place for place in range(minutes) if played.bar(STILL)]


class TestSessionEnd:
    def test_flat_at_15_05_chicago(self) -> None:
        played = holding("15:58")  # entered at 15:59 Eastern
        assert until(played, 6) == [4]  # the bar from 16:04 to 16:05
        assert played.exits() == [("session_end", 999)]
        open_minute = int(played.trades[0]["exit_ns"] // 60_000_000_000) % 1440
        assert open_minute == 22 * 60 + 5  # 22 hours and 5 minutes behind 18:00

    def test_a_plain_account_stays(self) -> None:
        assert until(holding("15:58", account="plain"), 6) == []

    def test_fifteen_minutes_before_an_early_close(self) -> None:
        played = holding("12:38", length=1140)  # the exchange closes at 13:00
        assert until(played, 7) == [4]  # closes at 12:45
        assert played.exits() == [("session_end", 999)]

    def test_coarse_bars_leave_before_the_time_not_after(self) -> None:
        played = Played(new_desk()).at("15:15")
        played.bar_min = 15
        played.bar(STILL, ask=[FAR])
        played.bar(STILL)
        assert played.bar(STILL) != []  # closes at 16:00, the next one only at 16:15
        played.bar(STILL)
        assert played.exits() == [("session_end", 999)]


class TestLastEntry:
    @pytest.mark.parametrize(
        ("clock", "outcome"), [("15:58", "working"), ("15:59", "last_entry_time")]
    )
    def test_no_entry_from_15_00_chicago(self, clock: str, outcome: str) -> None:
        played = Played(new_desk()).at(clock)
        played.bar(STILL, ask=[FAR])
        assert played.outcome() == outcome

    @pytest.mark.parametrize(
        ("clock", "outcome"), [("12:38", "working"), ("12:39", "last_entry_time")]
    )
    def test_twenty_minutes_before_an_early_close(self, clock: str, outcome: str) -> None:
        played = Played(new_desk()).at(clock, length=1140)
        played.bar(STILL, ask=[FAR])
        assert played.outcome() == outcome

    def test_a_plain_account_enters_late(self) -> None:
        played = Played(new_desk(account="plain")).at("16:40")
        played.bar(STILL, ask=[FAR])
        assert played.outcome() == "working"

    def test_a_working_limit_is_withdrawn(self) -> None:
        played = Played(new_desk()).at("15:57")
        played.bar(STILL, ask=[LIMIT])
        assert until(played, 3) == [1]  # the close at 16:00
        assert played.outcome() == "withdrawn"
        played.bar((985, 990, 980, 985))
        assert len(played.trades) == 0


class TestStaleSignals:
    @pytest.mark.parametrize(
        ("hole", "outcome"), [(0, "trade 0"), (1, "trade 0"), (2, "expired"), (60, "expired")]
    )
    def test_a_market_entry_older_than_90_s_is_dropped(self, hole: int, outcome: str) -> None:
        played = Played(new_desk())
        played.bar(STILL, ask=[FAR])
        played.minute += hole
        played.bar(STILL)
        assert played.outcome() == outcome

    def test_a_limit_works_through_a_hole(self) -> None:
        played = Played(new_desk())
        played.bar(STILL, ask=[LIMIT])
        played.minute += 60
        played.bar((995, 996, 989, 994))
        assert played.outcome() == "trade 0"


class TestOverTheNight:
    @pytest.mark.parametrize("account", ["topstepx_50k", "plain"])
    def test_no_limit_is_carried_into_the_next_day(self, account: str) -> None:
        played = Played(new_desk(account=account))
        played.bar(STILL, ask=[LIMIT])
        played.at("18:00", day=DAY + 1).bar((985, 990, 980, 985))
        assert played.outcome() == "withdrawn"

    def test_a_market_entry_of_yesterday_is_expired(self) -> None:
        played = Played(new_desk(account="plain")).at("16:59")
        played.bar(STILL, ask=[FAR])
        played.at("18:00", day=DAY + 1).bar(STILL)
        assert played.outcome() == "expired"

    @pytest.mark.parametrize(
        ("account", "outcome"), [("plain", "trade 0"), ("topstepx_50k", "expired")]
    )
    def test_where_signals_may_be_old_a_plain_account_enters_in_the_morning(
        self, account: str, outcome: str
    ) -> None:
        desk = new_desk(account=account, execution={"max_signal_age_s": 86_400})
        played = Played(desk).at("12:00")
        played.bar(STILL, ask=[FAR])
        played.at("18:00", day=DAY + 1).bar(STILL)
        assert played.outcome() == outcome

    def test_a_position_that_a_hole_carried_over_is_closed_at_the_open(self) -> None:
        played = bought(**FAR)
        played.at("18:00", day=DAY + 1).bar((1020, 1021, 1010, 1015))
        assert played.exits() == [("gap", 1019)]

    def test_also_when_its_exit_was_on_the_way(self) -> None:
        played = bought(**FAR)
        played.bar(STILL, seen=QUIET._replace(exits=1))
        played.at("18:00", day=DAY + 1).bar((1020, 1021, 1010, 1015))
        assert played.exits() == [("gap", 1019)]

    def test_a_plain_account_holds_on(self) -> None:
        played = bought(new_desk(account="plain"), **FAR)
        played.at("18:00", day=DAY + 1).bar((1020, 1021, 1010, 1015))
        assert (played.exits(), int(played.plan["state"])) == ([], 2)


class TestRoll:
    def test_flat_before_the_contract_ends(self) -> None:
        played = bought(**FAR)
        played.bar(STILL, seen=QUIET._replace(roll=True))
        played.bar(STILL, seen=QUIET._replace(roll=True))
        assert played.exits() == [("session_end", 999)]

    def test_no_entry_that_would_fill_in_the_next_contract(self) -> None:
        played = Played(new_desk())
        played.bar(STILL, ask=[FAR], barred=Reason.CONTRACT_INACTIVE)
        assert played.outcome() == "contract_inactive"

    def test_a_working_limit_is_withdrawn(self) -> None:
        played = Played(new_desk())
        played.bar(STILL, ask=[LIMIT])
        played.bar(STILL, seen=QUIET._replace(roll=True))
        assert played.outcome() == "withdrawn"

    def test_no_entry_behind_the_last_bar(self) -> None:
        played = Played(new_desk())
        played.bar(STILL, ask=[FAR], barred=Reason.NO_NEXT_BAR)
        assert played.outcome() == "no_next_bar"


class TestNews:
    @pytest.mark.parametrize(("news", "outcome"), [(0, "working"), (1, "withdrawn")])
    def test_a_working_limit_is_withdrawn_when_a_window_opens(
        self, news: int, outcome: str
    ) -> None:
        played = Played(new_desk())
        played.bar(STILL, ask=[LIMIT])
        played.bar(STILL, seen=QUIET._replace(news=news))
        assert played.outcome() == outcome
