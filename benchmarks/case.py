"""The rule of the benchmark: the bars it runs on, our run of it, and the file that peers read."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from julie.backtest.runner import Request
from julie.core.bars import Bars
from julie.core.ticks import ticks_down, ticks_up
from julie.settings import Settings, default_tree, load_settings
from julie.strategies.base import Strategy
from julie.strategies.catalogue import named

HERE: Final = Path(__file__).parent
STRATEGY: Final = f"{HERE / 'ema_cross.py'}:ema_cross"
ROWS: Final = 350_000  # about a year of one-minute bars
ATR_BARS: Final = 14

# A plain account whose gate is asked and has nothing to object: what is left is the rule itself.
SETTINGS: Final = (
    "account.profile=plain",
    "defense.order=[]",
    "execution.slippage_ticks=0",
    "execution.max_signal_age_s=1000000000",  # a signal before a hole fills behind it, as elsewhere
    "instruments.MNQ.fee=0.37",
    "instruments.MNQ.day_margin=0",
    "risk.sltp_min.points=0",
    "risk.sltp_min.ticks=1",
    "risk.gate.stop_ticks_low=1",
    "risk.gate.stop_pts_high=0",
    "risk.gate.collar_pct=0",
    "risk.gate.entries_a_day=0",
    "risk.gate.entries_a_minute=0",
    "risk.gate.duplicate_s=0",
    "risk.viability.atr_floor=0",
    "risk.viability.need.trend=0",
)


@dataclass(frozen=True, slots=True)
class ParamSet:
    """One set of the rule's numbers."""

    fast: int = 20
    slow: int = 50
    stop_atr: float = 1.5
    target_atr: float = 3.0

    def params(self) -> dict[str, float]:
        """As the strategy's own numbers."""
        return {
            "fast": self.fast,
            "slow": self.slow,
            "stop_atr": self.stop_atr,
            "target_atr": self.target_atr,
        }


RULE: Final = ParamSet()
SWEEP: Final = tuple(
    ParamSet(fast, slow, stop, 2.0 * stop)
    for fast, slow in ((20, 50), (10, 30), (15, 60), (30, 90), (50, 200))
    for stop in (1.5, 2.0)
)


def data_folder() -> Path:
    """Where the market data lies: JULIE_DATA, else ../shared/data beside the repository."""
    named_folder = os.environ.get("JULIE_DATA")
    return Path(named_folder) if named_folder else HERE.parent.parent / "shared" / "data"


def long_file() -> Path:
    """Twelve years of NQ minutes."""
    return data_folder() / "nq_1m_long.parquet"


def one_contract(bars: Bars) -> Bars:
    """The series as one continuous contract: no rolls, prices as they stand."""
    n = len(bars)
    return replace(
        bars, shift=np.zeros(n), contract=("",), contract_of=np.zeros(n, np.int16),
        rolls=np.zeros(0, np.int64), roll_estimated=np.zeros(0, np.bool_),
    )  # fmt: skip


def year_of(bars: Bars) -> Bars:
    """The last 350,000 rows."""
    return bars.rows(len(bars) - ROWS, len(bars))


def rule_settings() -> tuple[Settings, Strategy]:
    """The configuration of the rule's run, and the strategy from its file."""
    one = named(STRATEGY)
    return load_settings(default_tree({one.name: one}), (), SETTINGS, True).tree, one


def rule_request(bars: Bars) -> Request:
    """The rule over these bars."""
    settings, one = rule_settings()
    return Request((bars,), (settings.instrument_table()["MNQ"],), (one,), settings)


def write_case(file: Path, sets: tuple[ParamSet, ...], bars: Bars) -> None:
    """Prices and rounded distances as the peers read them."""
    atr = average_range(bars)
    tick = bars.instrument.tick
    stops = [np.nan_to_num(ticks_up(one.stop_atr * atr, tick)) * tick for one in sets]
    targets = [np.nan_to_num(ticks_down(one.target_atr * atr, tick)) * tick for one in sets]
    arrays: dict[str, Any] = {
        "ts": bars.ts, "open": bars.open, "high": bars.high, "low": bars.low, "close": bars.close,
        "tick": np.float64(tick), "fast": np.array([one.fast for one in sets]),
        "slow": np.array([one.slow for one in sets]),
        "stop": np.array(stops), "target": np.array(targets),
    }  # fmt: skip
    np.savez(file, **arrays)


def average_range(bars: Bars) -> Any:
    """ATR(14) as our column computes it."""
    from julie.market.columns.averages import ATR

    n = len(bars)
    before = [np.concatenate(([np.nan], getattr(bars, name))) for name in ("high", "low", "close")]
    out = np.full(n + 1, np.nan)
    if ATR.advance is None:
        raise TypeError("atr has no loop")
    ATR.advance(np.zeros(2), *before, float(ATR_BARS), out, 1, n + 1)
    return out[1:]
