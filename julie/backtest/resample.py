"""How much may be luck: resampled days, shuffled trades, and the odds on the Sharpe ratio.

Days are drawn in blocks, so that a bad week stays a bad week; trades are only reordered, never
redrawn. All chance comes from the run's seed.
"""

from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.backtest.curve import TRADING_DAYS_A_YEAR, deepest, sharpe
from julie.backtest.ledger import Ledger, by_group
from julie.backtest.report.model import Interval, MonteCarlo, SharpeOdds

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RESAMPLES: Final = 1000
BLOCK_DAYS: Final = 5
LEVEL: Final = 0.95
_LEAST_DAYS: Final = 10  # fewer days than two blocks say nothing about other weeks
_SHUFFLED_TRADES: Final = 1_500_000  # bounds the work of the shuffles on long runs
_FAN_POINTS: Final = 120
_BINS: Final = 30
_EULER_GAMMA: Final = 0.5772156649015329


def day_draws(days: int, seed: int, resamples: int = RESAMPLES) -> npt.NDArray[np.int32]:
    """Resampled runs, one a row: blocks of following days, wrapping round the end of the run."""
    chance = np.random.default_rng([seed, 1])
    blocks = -(-days // BLOCK_DAYS)
    starts = chance.integers(0, days, (resamples, blocks, 1), dtype=np.int32)
    drawn = (starts + np.arange(BLOCK_DAYS)).reshape(resamples, -1)[:, :days]
    return (drawn % days).astype(np.int32)


def intervals(book: Ledger, seed: int) -> tuple[dict[str, Interval], Floats | None]:
    """Intervals of expectancy (dollars a trade) and Sharpe ratio; and the resampled days' net."""
    daily = book.daily().astype(np.float64)
    mean = float(book.net.mean()) / 100 if len(book) else None
    points = {"expectancy": mean, "sharpe": sharpe(book.daily())}
    if len(daily) < _LEAST_DAYS or not len(book):
        return {name: _interval(point, None) for name, point in points.items()}, None
    draws = day_draws(len(daily), seed)
    trades = np.bincount(book.day, minlength=len(daily)).astype(np.float64)
    made = by_group(book.day, book.net, len(daily)).astype(np.float64)
    count = trades[draws].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        expectancy = made[draws].sum(axis=1) / count / 100
        drawn = daily[draws]
        spread = drawn.std(axis=1, ddof=1)
        ratios = drawn.mean(axis=1) / spread * TRADING_DAYS_A_YEAR**0.5
    samples = {"expectancy": expectancy, "sharpe": ratios}
    return {name: _interval(points[name], samples[name]) for name in points}, drawn


def _interval(point: float | None, sample: Floats | None) -> Interval:
    low: float | None = None
    high: float | None = None
    known = sample[np.isfinite(sample)] if sample is not None else np.empty(0)
    if len(known) and point is not None:
        tail = (1 - LEVEL) / 2
        low, high = (float(edge) for edge in np.quantile(known, [tail, 1 - tail]))
    return Interval(
        point=point, low=low, high=high, level=LEVEL, resamples=len(known), block_days=BLOCK_DAYS
    )


def sharpe_odds(daily: Ints, trials: int, trial_sharpe_sd: float | None) -> SharpeOdds:
    """Odds that the true Sharpe ratio exceeds zero, and what the best of so many trials shows."""
    if len(daily) < 3 or int(daily.min()) == int(daily.max()):
        return SharpeOdds(probabilistic=None, deflated=None, trials=trials)
    centred = daily - daily.mean()
    spread = float(np.std(daily, ddof=1))
    ratio = float(daily.mean()) / spread
    sd = float(np.std(daily))
    skew, kurtosis = float(np.mean(centred**3)) / sd**3, float(np.mean(centred**4)) / sd**4
    variance = max(1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2, 1e-12)

    def above(benchmark: float) -> float:
        return NormalDist().cdf((ratio - benchmark) * ((len(daily) - 1) / variance) ** 0.5)

    deflated: float | None = None
    if trials > 1:
        # without the trials' own spread, that of the estimate itself stands in for it
        known = trial_sharpe_sd if trial_sharpe_sd is not None else (len(daily) - 1) ** -0.5
        deflated = above(luckiest_sharpe(trials, known))
    return SharpeOdds(probabilistic=above(0.0), deflated=deflated, trials=trials)


def luckiest_sharpe(trials: int, spread: float) -> float:
    """The Sharpe ratio that the best of `trials` worthless rules is expected to show."""
    normal = NormalDist()
    upper, rarer = normal.inv_cdf(1 - 1 / trials), normal.inv_cdf(1 - 1 / (trials * np.e))
    return spread * ((1 - _EULER_GAMMA) * upper + _EULER_GAMMA * rarer)


def monte_carlo(
    book: Ledger, start_cents: int, seed: int, drawn_days: Floats | None
) -> MonteCarlo | None:
    """Drawdowns of shuffled trades, and the fan of equity curves of the resampled days."""
    if len(book) < 2 or drawn_days is None:
        return None
    falls = shuffled_drawdowns(book.net, seed)
    actual = deepest(book.net, start_cents)
    counts, edges = np.histogram(falls, bins=_BINS)
    days, fan = _fan(drawn_days, start_cents)
    low, middle, high = (float(value) for value in np.quantile(falls, [0.05, 0.5, 0.95]))
    return MonteCarlo(
        shuffles=len(falls),
        drawdown_5=low,
        drawdown_50=middle,
        drawdown_95=high,
        drawdown_worst=float(falls.max()),
        share_as_deep=float(np.mean(falls >= actual.cents / 100)) if actual else None,
        histogram_low=float(edges[0]),
        histogram_step=float(edges[1] - edges[0]),
        histogram=counts.tolist(),
        fan_days=days,
        fan=fan,
    )


def shuffled_drawdowns(net: Ints, seed: int) -> Floats:
    """The maximum drawdown in dollars of the same trades in random orders."""
    shuffles = int(np.clip(_SHUFFLED_TRADES // len(net), 200, RESAMPLES))
    chance = np.random.default_rng([seed, 2])
    falls = np.empty(shuffles, np.int64)
    for k in range(shuffles):
        # whole cents: sums of dollars differ in the last bits with the order
        equity = np.cumsum(chance.permutation(net))
        falls[k] = (np.maximum(np.maximum.accumulate(equity), 0) - equity).max()
    return falls / 100


def _fan(drawn_days: Floats, start_cents: int) -> tuple[list[int], dict[str, list[float]]]:
    days = drawn_days.shape[1]
    shown = np.unique(np.linspace(0, days - 1, min(days, _FAN_POINTS)).astype(np.int64))
    levels = (np.cumsum(drawn_days, axis=1)[:, shown] + start_cents) / 100
    edges = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
    lines = np.quantile(levels, list(edges.values()), axis=0)
    return (shown + 1).tolist(), {
        name: np.round(line, 2).tolist() for name, line in zip(edges, lines, strict=True)
    }
