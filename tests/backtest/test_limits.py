"""Distances to the limits against days worked out by hand."""

import numpy as np
import pytest

from julie.backtest.limits import day_lows, limit_days, limits
from julie.backtest.result import AccountFacts, Breach
from tests.backtest.drawn import START, book, days

ACCOUNT = AccountFacts("topstepx_50k", START, 200_000, None, 75_000, 0.03)


def test_floor_follows_the_highest_close_and_stops_at_the_start() -> None:
    legs = [
        {"day": 0, "net": 500.0},
        {"day": 1, "net": -300.0},
        {"day": 2, "net": 3000.0},
        {"day": 3, "net": -100.0},
    ]
    made = limits(book(legs, count=5), ACCOUNT, ())
    assert [day.floor for day in made.days] == [48_000.0, 48_500.0, 48_500.0, 50_000.0, 50_000.0]
    assert [day.opening for day in made.days] == [50_000.0, 50_500.0, 50_200.0, 53_200.0, 53_100.0]
    assert (made.least_room, made.least_room_day) == (1_700.0, made.days[1].day)


def test_low_of_the_day_lays_the_worst_on_what_was_realised() -> None:
    legs = [
        {"day": 0, "net": -100.0, "minute": 10, "mae": -120.0},
        {"day": 0, "net": 400.0, "minute": 60, "mae": -250.0},
    ]
    made = limits(book(legs), ACCOUNT, ()).days[0]
    assert made.day_low == -350.0
    assert made.low == 49_650.0
    assert made.day_room == 400.0  # 750 less 350


def test_trades_open_together_are_worst_together() -> None:
    legs = [
        {"day": 0, "net": 10.0, "minute": 10, "held": 30, "mae": -200.0},
        {"day": 0, "net": 20.0, "minute": 20, "held": 30, "mae": -100.0},
        {"day": 1, "net": 20.0, "minute": 20, "held": 30, "mae": -70.0},
    ]
    assert day_lows(book(legs)).tolist() == [-30_000, -7_000, 0]


def test_nearer_of_fixed_and_share_is_the_day_limit() -> None:
    poor = AccountFacts("plain", 1_000_000, None, None, 75_000, 0.03)
    made = limits(book([{"day": 0, "net": -200.0}]), poor, ())
    assert made.days[0].day_limit == 300.0
    assert made.days[1].day_limit == 294.0
    assert made.days[0].room is None
    assert made.least_room is None


def test_days_at_limit_come_from_the_net_or_from_the_run() -> None:
    books = book([{"day": 0, "net": -750.0}, {"day": 1, "net": -749.99}])
    assert limit_days(books, ACCOUNT, None) == 1
    day, _ = days(3)
    assert limit_days(books, ACCOUNT, day[:2].astype(np.int64)) == 2


def test_a_breached_account_begins_anew() -> None:
    day, _ = days(3)
    legs = [{"day": 0, "net": -2_000.0}, {"day": 1, "net": 50.0}]
    breach = Breach(int(day[0]), "maximum_loss", "equity touched the floor")
    made = limits(book(legs), ACCOUNT, (breach,))
    assert made.days[1].opening == 50_000.0
    assert made.breaches[0]["day"] == "2025-01-02"
    kept = limits(book(legs), ACCOUNT, (Breach(int(day[0]), "x", "y", restarts=False),))
    assert kept.days[1].opening == 48_000.0


def test_best_day_is_a_share_of_the_whole_profit() -> None:
    legs = [{"day": 0, "net": 300.0}, {"day": 1, "net": 100.0}, {"day": 2, "net": 100.0}]
    assert limits(book(legs), ACCOUNT, ()).best_day_share == pytest.approx(0.6)
    assert limits(book([{"day": 0, "net": -1.0}]), ACCOUNT, ()).best_day_share is None
