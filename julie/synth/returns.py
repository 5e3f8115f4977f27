"""The moves of both legs, minute by minute: clusters of volatility, fat tails, news, gaps.

A minute's scale is the day's wildness x the clock of the day x slow clusters; every hour is then
levelled to its fitted range, so that a short run has the right shape too. Both legs share most of
each shock, more so on wild days. The tails are set last: the minutes when news breaks, and the
worst weekend, are as large as it takes to give the whole run the kurtosis of the real months.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.synth.chance import Stream, gaussian_field, stream
from julie.synth.curves import Curves
from julie.synth.days import Days
from julie.synth.plan import Plan

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

LEGS: Final = ("ES", "NQ")
BP: Final = 1e-4

# Targets measured on es_1m and nq_1m: kurtosis of minutes that follow one another, and of all rows.
MINUTE_KURTOSIS: Final = {"ES": 349.0, "NQ": 214.0}
ALL_KURTOSIS: Final = {"ES": 814.0, "NQ": 714.0}

_RANGE_PER_SIGMA: Final = 1.54  # mean range of a minute over its scale
_CLUSTERS: Final = ((0.04, 4.0), (0.055, 25.0), (0.085, 180.0))  # variance of ln scale, minutes
_TAIL_FREEDOM: Final = 9.0  # Student's degrees of freedom of one shock
_REVERSAL: Final = 0.02  # share of a move that the next minute takes back

# Tried on the joined real sets, by wildness of the day.
_WILDNESS_BP: Final = (1.0, 1.4, 1.85, 2.45, 3.3, 5.0, 12.0)
_CORRELATION: Final = (0.86, 0.92, 0.94, 0.952, 0.955, 0.963, 0.975)
_NQ_OVER_ES: Final = (1.50, 1.34, 1.28, 1.275, 1.24, 1.20, 1.10)

_NEWS_EVERY_DAYS: Final = 60
_NEWS_ECHO: Final = 1.2  # rise of ln scale right after the news
_NEWS_FADES: Final = 30.0  # minutes
_GAP_SCALE: Final = 2.15  # of the daily break, in minutes' moves
_WEEKEND_SCALE: Final = 13.9
_USUAL_WILDNESS_BP: Final = 2.1  # gaps grow with the root of wildness over this
_GAP_LIMIT: Final = 4.0  # scales; the worst weekend is set on its own
_NEXT_WORST: Final = 0.55  # of the minute of news, or the worst gap, at most
_KEPT_WAY: Final = 0.3  # of the rise or fall of the whole run
_TREND_MINUTES: Final = (60, 240)


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Log moves by leg: inside the minutes, and between one day's close and the next open."""

    scale: dict[str, Floats]  # standard deviation of the minute, its share of fat tail included
    minute: dict[str, Floats]
    gap: dict[str, Floats]  # one a day, 0 on the first


def solve_size(rest: Floats, shape: Floats, kurtosis: float) -> float:
    """How large `shape` must be to give `rest` and it that kurtosis; 0 where they have it."""
    n = len(rest) + len(shape)
    rest2, rest4 = float(np.sum(rest**2)), float(np.sum(rest**4))
    shape2, shape4 = float(np.sum(shape**2)), float(np.sum(shape**4))
    # n (rest4 + shape4 y^2) = kurtosis (rest2 + shape2 y)^2 with y = size^2
    a = n * shape4 - kurtosis * shape2**2
    b = -2 * kurtosis * rest2 * shape2
    c = n * rest4 - kurtosis * rest2**2
    if a <= 0 or c >= 0:
        return 0.0
    return float(np.sqrt((-b + np.sqrt(b * b - 4 * a * c)) / (2 * a)))


def _news_rows(plan: Plan, days: Days, rng: np.random.Generator) -> Rows:
    """When news breaks: a minute between 10:00 and 15:00 ET of the wildest full days."""
    count = max(1, round(len(plan.day) / _NEWS_EVERY_DAYS))
    wild = np.argsort(-np.where(plan.early, 0.0, days.wildness_bp), kind="stable")[:count]
    lengths = np.diff(plan.first, append=len(plan.ts))[wild]
    inside = rng.integers(16 * 60, 21 * 60, len(wild))
    return np.sort(plan.first[wild] + np.minimum(inside, lengths - 1))


def _clusters(plan: Plan, news: Rows, seed: int) -> Floats:
    """The slow part of ln scale inside the days, with the echo after news."""
    slow = gaussian_field(len(plan.ts), _CLUSTERS, stream(seed, Stream.CLUSTERS))
    for row in news:
        after = slow[row + 1 : row + 121]
        after += _NEWS_ECHO * np.exp(-np.arange(len(after)) / _NEWS_FADES)
    return slow


def level_hours(values: Floats, hour: Rows, target: Floats) -> Floats:
    """The values, scaled so that the mean of every hour is that of the target."""
    count = int(hour.max()) + 1
    has = np.bincount(hour, values, count)
    wants = np.bincount(hour, target, count)
    lift = np.divide(wants, has, out=np.ones(count), where=has > 0)
    return np.asarray(values * lift[hour])


def _scales(plan: Plan, days: Days, curves: Curves, slow: Floats) -> dict[str, Floats]:
    lift = np.exp(slow)
    leaning = np.interp(days.wildness_bp, _WILDNESS_BP, _NQ_OVER_ES)
    made = {}
    for leg in LEGS:
        by_day = days.wildness_bp * (leaning if leg == "NQ" else 1.0)
        target = curves.range_bp[leg][plan.minute] * (BP / _RANGE_PER_SIGMA)
        scale = by_day[plan.day_of] * target * lift
        made[leg] = level_hours(scale, plan.hour, target)
    return made


def _trend(plan: Plan, days: Days, seed: int) -> Floats:
    """Each day's drift, in minutes' moves, spread over one leg of one to four hours."""
    rng = stream(seed, Stream.LEGS)
    drift = np.zeros(len(plan.ts))
    lengths = np.diff(plan.first, append=len(plan.ts))
    for d, (first, length) in enumerate(zip(plan.first, lengths, strict=True)):
        spans = int(rng.integers(*_TREND_MINUTES))
        begins = int(rng.integers(0, max(1, length - spans)))
        rows = slice(first + begins, first + min(begins + spans, length))
        # The whole move is the drift times what an average day moves.
        drift[rows] = days.drift[d] * np.sqrt(length) / spans
    return drift


def _shocks(plan: Plan, days: Days, seed: int) -> tuple[Floats, dict[str, Floats]]:
    """Shared width of each minute's shock, and the shocks of both legs (unit variance)."""
    rng = stream(seed, Stream.SHOCKS)
    n = len(plan.ts)
    width = np.sqrt((_TAIL_FREEDOM - 2) / (2 * rng.standard_gamma(_TAIL_FREEDOM / 2, n)))
    together = np.interp(days.wildness_bp, _WILDNESS_BP, _CORRELATION)[plan.day_of]
    shared, own = rng.standard_normal(n), rng.standard_normal(n)
    shared[1:] -= _REVERSAL * shared[:-1]
    other = together * shared + np.sqrt(1 - together**2) * own
    return width, {"ES": width * shared, "NQ": width * other}


def _gaps(plan: Plan, days: Days, scale: dict[str, Floats], seed: int) -> dict[str, Floats]:
    """Moves between close and open, larger over weekends; capped until the tails are set."""
    rng = stream(seed, Stream.GAPS)
    count = len(plan.day)
    usual = np.where(plan.after_weekend, _WEEKEND_SCALE, _GAP_SCALE)
    usual = usual * np.sqrt(days.wildness_bp * _USUAL_WILDNESS_BP) * BP
    shock = np.clip(rng.standard_t(3, count), -_GAP_LIMIT, _GAP_LIMIT)
    own = 0.25 * rng.standard_normal(count)
    ratio = float(scale["NQ"].mean() / scale["ES"].mean())
    gaps = {"ES": usual * shock, "NQ": usual * (shock + own) * ratio}
    for leg in LEGS:
        gaps[leg][0] = 0.0
    return gaps


def _set_news(
    moves: Floats, news: Rows, sizes: Floats, usual: npt.NDArray[np.bool_], kurtosis: float
) -> None:
    """Make the minutes of news so large that all minutes have that kurtosis, and no other near
    them.
    """
    limit = _NEXT_WORST * float(moves.std()) * (kurtosis * len(moves) / len(news)) ** 0.25
    np.clip(moves, -limit, limit, out=moves)
    moves[news] = sizes * solve_size(moves[usual], sizes, kurtosis)


def _set_worst_gap(plan: Plan, moves: Floats, gap: Floats, worst: int, kurtosis: float) -> None:
    """Make one gap so large that all rows together have that kurtosis, and no other near it."""
    single, rows = np.ones(1), plan.first[1:]
    limit = _NEXT_WORST * solve_size(moves, single, kurtosis)
    gap[:] = np.clip(gap, -limit, limit)
    opening = moves.copy()
    opening[rows] += gap[1:]
    worst_row = int(plan.first[worst])
    size = solve_size(np.delete(opening, [0, worst_row]), single, kurtosis)
    gap[worst] = np.copysign(size, gap[worst]) - moves[worst_row]


def _held(moves: Floats, gap: Floats) -> Floats:
    """The moves less most of the way that the whole run went, so that prices keep their order."""
    way = float(moves.sum() + gap.sum())
    return np.asarray(moves - (1 - _KEPT_WAY) * way / len(moves))


def draw_moves(plan: Plan, days: Days, curves: Curves, seed: int) -> Moves:
    """The moves of both legs over the whole run."""
    rng = stream(seed, Stream.NEWS)
    news = _news_rows(plan, days, rng)
    sizes = rng.uniform(0.8, 1.0, len(news)) * rng.choice((-1.0, 1.0), len(news))
    scale = _scales(plan, days, curves, _clusters(plan, news, seed))
    width, shocks = _shocks(plan, days, seed)
    trend = _trend(plan, days, seed)
    gap = _gaps(plan, days, scale, seed)
    inside = np.ones(len(plan.ts), dtype=np.bool_)
    inside[plan.first] = False
    weekends = np.flatnonzero(plan.after_weekend[1:]) + 1
    minute: dict[str, Floats] = {}
    for leg in LEGS:
        moves = scale[leg] * (shocks[leg] + trend)
        usual = inside.copy()
        usual[news] = False
        _set_news(moves, news, sizes, usual, MINUTE_KURTOSIS[leg])
        if len(weekends):
            worst = int(weekends[np.argmax(days.wildness_bp[weekends])])
            _set_worst_gap(plan, moves, gap[leg], worst, ALL_KURTOSIS[leg])
        minute[leg] = _held(moves, gap[leg])
    return Moves({leg: scale[leg] * width for leg in LEGS}, minute, gap)
