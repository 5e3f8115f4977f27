"""Resampling, shuffling and odds on the Sharpe ratio: seeded, right where the answer is known."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from julie.backtest.ledger import ledger_of
from julie.backtest.resample import (
    BLOCK_DAYS,
    day_draws,
    intervals,
    luckiest_sharpe,
    monte_carlo,
    sharpe_odds,
    shuffled_drawdowns,
)
from tests.backtest.drawn import START, book
from tests.backtest.made_run import made_run


def test_days_are_drawn_in_blocks_that_wrap_round() -> None:
    draws = day_draws(23, seed=3, resamples=200)
    assert draws.shape == (200, 23)
    steps = (np.diff(draws.astype(int), axis=1) % 23) == 1
    inside = np.ones(22, dtype=bool)
    inside[BLOCK_DAYS - 1 :: BLOCK_DAYS] = False
    assert steps[:, inside].all()
    assert not steps[:, ~inside].all()
    assert set(draws.ravel().tolist()) == set(range(23))


def test_same_seed_same_intervals() -> None:
    books = ledger_of(made_run(trades=300))
    assert intervals(books, 5)[0] == intervals(books, 5)[0]
    assert intervals(books, 5)[0] != intervals(books, 6)[0]


def test_intervals_hold_the_point_and_narrow_with_more_days() -> None:
    widths = []
    for days in (30, 240):
        found = intervals(ledger_of(made_run(trades=days * 8, days=days)), 1)[0]["expectancy"]
        assert found.low is not None
        assert found.high is not None
        assert found.point is not None
        assert found.low < found.point < found.high
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] * 0.6


def test_equal_days_leave_no_doubt() -> None:
    legs = [{"day": k, "net": 10.0} for k in range(20)]
    found, _ = intervals(book(legs, count=20), 1)
    assert (found["expectancy"].low, found["expectancy"].high) == (10.0, 10.0)
    assert found["sharpe"].point is None


def test_too_few_days_give_no_interval() -> None:
    found, drawn = intervals(book([{"day": 0, "net": 10.0}], count=3), 1)
    assert found["expectancy"].low is None
    assert drawn is None


def test_probabilistic_sharpe_follows_the_published_formula() -> None:
    chance = np.random.default_rng(4)
    daily = np.rint(chance.standard_t(4, 250) * 9_000 + 900).astype(np.int64)
    ratio = daily.mean() / daily.std(ddof=1)
    z = (daily - daily.mean()) / daily.std()
    skew, kurtosis = (z**3).mean(), (z**4).mean()
    spread = math.sqrt(1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2)
    expected = NormalDist().cdf(ratio * math.sqrt(249) / spread)
    found = sharpe_odds(daily, 1, None)
    assert found.probabilistic == pytest.approx(expected, rel=1e-9)
    assert found.deflated is None


def test_more_trials_deflate_more() -> None:
    daily = np.array([400, -300, 500, -100, 200, 300, -250, 600] * 20)
    few, many = sharpe_odds(daily, 10, 0.1).deflated, sharpe_odds(daily, 1000, 0.1).deflated
    plain = sharpe_odds(daily, 1, None).probabilistic
    assert few is not None
    assert many is not None
    assert plain is not None
    assert many < few < plain


def test_luckiest_of_many_is_near_the_mean_of_the_maximum() -> None:
    chance = np.random.default_rng(1)
    best = chance.standard_normal((4000, 100)).max(axis=1).mean()
    assert luckiest_sharpe(100, 1.0) == pytest.approx(best, rel=0.02)


def test_shuffled_drawdowns_lie_between_what_orders_allow() -> None:
    net = np.array([10_000, -4_000, 10_000, -4_000, -4_000, 10_000, -4_000])
    falls = shuffled_drawdowns(net, seed=2)
    assert falls.min() == 40.0  # never less than the largest loss
    assert falls.max() == 160.0  # never more than all losses running
    assert np.array_equal(falls, shuffled_drawdowns(net, seed=2))


def test_drawdowns_that_are_equal_to_the_cent_are_equal_to_the_bit() -> None:
    net = np.array([-1_110, -2_220, -333, -4_407, -91], dtype=np.int64)  # losses in any order
    assert set(shuffled_drawdowns(net, seed=4).tolist()) == {81.61}
    legs = [{"day": k, "net": cents / 100} for k, cents in enumerate(net.tolist())]
    losses = book(legs, count=20)
    drawn = monte_carlo(losses, START, 1, intervals(losses, 1)[1])
    assert drawn is not None
    assert sum(drawn.histogram) == drawn.shuffles


def test_monte_carlo_ends_where_the_run_could_have_ended() -> None:
    books = ledger_of(made_run(trades=300))
    _, drawn = intervals(books, 1)
    made = monte_carlo(books, START, 1, drawn)
    assert made is not None
    assert made.drawdown_5 <= made.drawdown_50 <= made.drawdown_95 <= made.drawdown_worst
    assert sum(made.histogram) == made.shuffles
    assert made.fan["p5"][-1] < made.fan["p50"][-1] < made.fan["p95"][-1]
    end = (START + int(books.net.sum())) / 100
    assert made.fan["p5"][-1] < end < made.fan["p95"][-1]
