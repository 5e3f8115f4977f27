"""The fields of report.json, once: what is computed, stored, shown and drawn.

Money is in dollars, shares are fractions of one, days are ISO dates, null = cannot be said (no
trade, no loss, one day). A change of a name raises `SCHEMA`.
"""

from typing import Any, Final

import msgspec

SCHEMA: Final = 1


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The one JSON object of `julie backtest --json`; covers the whole run.

    `interrupted` is there only when the run was, and says how far it came.
    """

    run_id: str
    start: str
    end: str
    bars: int
    candidates: int
    verdicts: int
    trades: int
    legs: int
    wins: int
    losses: int
    win_rate: float | None
    gross: float
    fees: float
    slippage: float
    net: float
    roi: float
    profit_factor: float | None
    max_drawdown: float
    drawdown_days: int
    sharpe: float | None
    sortino: float | None
    largest_win: float
    largest_loss: float
    avg_minutes: float | None
    trades_a_day: float
    days_at_limit: int
    fitted_share: float
    silent: dict[str, str]
    engine_seconds: float
    report: str
    interrupted: str = ""


class DayResult(msgspec.Struct, frozen=True, kw_only=True):
    """A trading day and what it made."""

    day: str
    net: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one part of a run: everything, in sample, or out of sample."""

    trades: int
    legs: int
    wins: int
    losses: int
    scratches: int
    win_rate: float | None
    gross: float
    fees: float
    slippage: float
    net: float
    roi: float
    expectancy: float | None
    expectancy_r: float | None
    average_win: float | None
    average_loss: float | None
    win_loss_ratio: float | None
    profit_factor: float | None
    largest_win: float
    largest_loss: float
    win_streak: int
    loss_streak: int
    max_drawdown: float
    max_drawdown_share: float
    drawdown_from: str
    drawdown_to: str
    drawdown_days: int
    longest_drawdown_days: int
    under_water: float
    sharpe: float | None
    sortino: float | None
    avg_minutes: float | None
    median_minutes: float | None
    days: int
    days_traded: int
    days_up: int
    days_down: int
    trades_a_day: float
    best_day: DayResult | None
    worst_day: DayResult | None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a table: a strategy, an hour, a way out."""

    key: str
    trades: int
    wins: int
    win_rate: float | None
    gross: float
    fees: float
    net: float
    average: float | None
    profit_factor: float | None


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A figure and where it may well have been, had the days come otherwise."""

    point: float | None
    low: float | None
    high: float | None
    level: float
    resamples: int
    block_days: int


class SharpeOdds(msgspec.Struct, frozen=True, kw_only=True):
    """How likely the true Sharpe ratio is above zero, and above the best of luck of all trials."""

    probabilistic: float | None
    deflated: float | None
    trials: int


class MonteCarlo(msgspec.Struct, frozen=True, kw_only=True):
    """Drawdowns of the same trades in other orders, and a fan of curves from resampled days."""

    shuffles: int
    drawdown_5: float
    drawdown_50: float
    drawdown_95: float
    drawdown_worst: float
    share_as_deep: float | None
    histogram_low: float
    histogram_step: float
    histogram: list[int]
    fan_days: list[int]
    fan: dict[str, list[float]]


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """The same fills with another slippage, by arithmetic."""

    slippage_times: float
    net: float
    profit_factor: float | None
    win_rate: float | None


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """What a bracket must hit to break even after cost, and what it did hit."""

    strategy: str
    instrument: str
    stop_ticks: float
    target_ticks: float
    varies: bool
    trades: int
    cost: float
    break_even: float | None
    hit_rate: float | None


class Ties(msgspec.Struct, frozen=True, kw_only=True):
    """Legs whose bar held both stop and target, so that the rule decided which came first."""

    legs: int
    share: float
    net: float
    warning: str


class DenialRow(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy's way through the judges: each denial counts at every judge that spoke it."""

    strategy: str
    candidates: int
    denied: int
    by_judge: dict[str, int]
    refused: dict[str, int]
    trades: int
    net: float
    silent: str


class LimitDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day's distances to the limits; its low has all open trades at their worst together."""

    day: str
    opening: float
    net: float
    closing: float
    low: float
    floor: float | None
    room: float | None
    day_low: float
    day_limit: float | None
    day_room: float | None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The prop-firm view."""

    account: str
    start: float
    maximum_loss: float | None
    daily_loss: float | None
    own_day_loss: float | None
    least_room: float | None
    least_room_day: str
    least_day_room: float | None
    least_day_room_day: str
    best_day_share: float | None
    breaches: list[dict[str, str]]
    days: list[LimitDay]


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """A month of the table."""

    month: str
    net: float
    trades: int
    days: int


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day of the table."""

    day: str
    trades: int
    wins: int
    net: float
    equity: float
    drawdown: float


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """A series that was traded on."""

    symbol: str
    traded: str
    file: str
    hash: str
    rows: int
    first: str
    last: str
    gaps: int | None
    bar_seconds: int
    volume: bool
    rolls: int
    rolls_estimated: int
    simulated: bool
    notes: list[str]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """Realised equity after every leg, in order of exit."""

    ms: list[int]
    cents: list[int]
    drawdown: list[int]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """report.json."""

    schema: int
    title: str
    warnings: list[str]
    started: str
    interrupted: str
    simulated: bool
    summary: Summary
    parts: dict[str, Figures]
    headline: str
    fitted: list[dict[str, str]]
    data: list[Data]
    config: dict[str, Any]
    versions: dict[str, str]
    costs: list[str]
    fill_rules: list[str]
    fill_variants: list[dict[str, Any]]
    tables: dict[str, list[Row]]
    buckets: dict[str, Row]
    hours: dict[str, Row]
    attribution: list[dict[str, Any]]
    judges: list[str]
    denials: list[DenialRow]
    refusals: dict[str, int]
    intervals: dict[str, Interval]
    sharpe_odds: SharpeOdds
    montecarlo: MonteCarlo | None
    costs_times: list[Scenario]
    brackets: list[Bracket]
    ties: Ties
    limits: Limits
    months: list[Month]
    days: list[Day]
    notes: list[str]
    not_shown: list[str]
    curve: Curve
    kind: str = "Backtest"  # or SIM, PAPER, LIVE


def encode(report: Report) -> bytes:
    """The report as JSON."""
    return msgspec.json.encode(report)


def decode(text: bytes) -> Report:
    """The report from JSON; raises msgspec.ValidationError if it is none."""
    return msgspec.json.decode(text, type=Report)
