"""What a finished run hands over: columns of its records and the facts to judge them by.

The engine fills one `RunResult`; records, statistics, summary and report read nothing else. Columns
are numpy arrays named as in the records; money is in dollars with whole cents, `mae` <= 0 <= `mfe`,
and `slippage` is what the fills lost against the undisturbed price (a cost is positive).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from julie.core.bars import Bars
from julie.core.instruments import Instrument, instrument

MISSING = -1  # a code that stands for "not applicable"


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of words: one small number a row and the list of words; -1 means not applicable."""

    codes: npt.NDArray[np.int32]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, words: npt.ArrayLike) -> "Coded":
        """Words as they stand, coded; empty words become not applicable."""
        names, codes = np.unique(np.asarray(words, dtype=str), return_inverse=True)
        listed = tuple(str(name) for name in names)
        if listed and listed[0] == "":
            return cls(codes.astype(np.int32) - 1, listed[1:])
        return cls(codes.astype(np.int32), listed)

    def take(self, rows: npt.NDArray[Any]) -> "Coded":
        """The same words at other rows (indices or a mask)."""
        return Coded(self.codes[rows], self.names)

    def words(self, missing: str = "") -> list[str]:
        """The words themselves, row by row."""
        spelled = (*self.names, missing)
        return [spelled[code] for code in self.codes.tolist()]


Column = npt.NDArray[Any] | Coded
Columns = Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The account of the run: where it starts and what may not be lost (None = no such limit)."""

    name: str
    start_cents: int
    maximum_loss_cents: int | None = None  # trailing: floor = min(start, highest end of day - this)
    daily_loss_cents: int | None = None  # the venue's
    own_day_loss_cents: int | None = None  # the circuit breaker's
    own_day_loss_share: float | None = None  # the same as a share of the day's opening balance


@dataclass(frozen=True, slots=True)
class FillVariant:
    """The same run under other fill rules."""

    name: str
    words: str
    trades: int
    net: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a judge cost or saved: its denied candidates, each run alone with one contract."""

    judge: str
    denied: int
    denied_alone: int
    trades: int = 0  # of them, those that would have been filled and did not overlap
    net: float | None = None  # positive: the judge cost this much; negative: it saved it
    hit_rate: float | None = None
    low: float | None = None  # interval of the net
    high: float | None = None
    scaled: int = 0
    scaled_cut: float | None = None  # net of the part cut off


@dataclass(frozen=True, slots=True)
class FittedRange:
    """A stretch of market time that a table or model was fitted on."""

    source: str
    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class Breach:
    """The account touched a limit on a trading day (days since 1970-01-01)."""

    day: int
    limit: str
    words: str
    restarts: bool = True  # the account begins anew the next day


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """A finished (or interrupted) run, before anything is written; of a live one see `mode`."""

    run_id: str
    started: str  # ISO time with offset
    trades: Columns  # trades.parquet, one row a closed leg
    decisions: Columns  # decisions.parquet without judges; `reason` and `trade_id` make `outcome`
    codes: Mapping[str, npt.NDArray[np.int8]]  # judge -> one Code a candidate, in the chain's order
    numbers: Columns  # verdict_numbers.parquet
    number_names: Mapping[str, tuple[str, ...]]  # judge -> what its n1..n4 are
    bars: Mapping[str, Bars]  # the series traded on, by the symbol traded (MES on ES data: "MES")
    days: npt.NDArray[np.int32]  # trading days of the run, days since 1970-01-01
    day_open: npt.NDArray[np.int64]  # when each of them opens, ns UTC
    account: AccountFacts
    config: Mapping[str, Any]
    config_hash: str
    strategies: tuple[str, ...]  # every enabled one, also those without a candidate
    versions: Mapping[str, str]
    fill_rules: tuple[str, ...]
    engine_seconds: float
    traded: Mapping[str, Instrument] = field(default_factory=dict)  # what the table lacks
    silent: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()  # sentences; made from the instrument table where empty
    fill_variants: tuple[FillVariant, ...] = ()
    attribution: tuple[Attribution, ...] = ()
    fitted: tuple[FittedRange, ...] = ()
    breaches: tuple[Breach, ...] = ()
    limit_days: npt.NDArray[np.int32] | None = None  # days stopped by a day limit; None = from net
    gaps: Mapping[str, int] = field(default_factory=dict)  # symbol -> missing stretches of the data
    notes: tuple[str, ...] = ()
    seed: int = 0
    trials: int = 1  # parameter sets tried before this one was shown
    trial_sharpe_sd: float | None = None  # spread of their daily Sharpe ratios
    mode: str = ""  # SIM, PAPER or LIVE; empty = a backtest
    not_shown: tuple[str, ...] = ()  # sentences; a backtest's own where empty
    failed: tuple[str, ...] = ()  # what raised in the run, and on how many closes
    interrupted: str = ""  # such as "stopped after 10 of 90 bars"; empty = it ran to its end

    @property
    def instruments(self) -> dict[str, Instrument]:
        """What was traded on each series."""
        found = {}
        for symbol, series in self.bars.items():
            own = series.instrument if series.instrument.symbol == symbol else None
            found[symbol] = self.traded.get(symbol) or own or instrument(symbol)
        return found

    @property
    def simulated(self) -> bool:
        """Whether any of the series was generated."""
        return any(series.simulated for series in self.bars.values())
