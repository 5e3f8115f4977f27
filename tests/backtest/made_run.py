"""A made-up run with known books: seeded trades on a random walk, in the records' own columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from julie.backtest.result import AccountFacts, Attribution, Coded, FillVariant, RunResult
from julie.core.bars import Bars
from julie.core.calendar import load_calendar
from julie.core.instruments import instrument
from julie.core.sessions import bucket_index, bucket_keys, session_of_minute
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS

JUDGES = ("session", "news", "chop", "penalty_box", "circuit_breaker")
STRATEGIES = ("orb", "liquidity_sweep", "value_area_breakout", "sma_cross")
FIRST_DAY = 20_089  # 2025-01-01


def made_bars(symbol: str = "MES", days: int = 30, seed: int = 7) -> tuple[Bars, Any, Any]:
    """Minute bars of so many trading days, with the days and their opens."""
    calendar = load_calendar()
    first = int(np.searchsorted(calendar.day, FIRST_DAY))
    opens, closes = calendar.open_ns[first : first + days], calendar.close_ns[first : first + days]
    minutes = [np.arange(a, b, MINUTE_NS) for a, b in zip(opens, closes, strict=True)]
    ts = np.concatenate(minutes)
    chance = np.random.default_rng(seed)
    tick = instrument(symbol).tick
    steps = np.rint(chance.standard_t(4, len(ts)) * 1.6)
    close = 23_600 + np.cumsum(steps)
    opened = np.concatenate(([23_600.0], close[:-1])) + chance.integers(-1, 2, len(ts))
    high = np.maximum(opened, close) + chance.integers(0, 5, len(ts))
    low = np.minimum(opened, close) - chance.integers(0, 5, len(ts))
    zeros = np.zeros(len(ts))
    bars = Bars(
        instrument=instrument(symbol),
        base_s=60,
        ts=ts,
        open=(opened * tick).astype(np.float64),
        high=(high * tick).astype(np.float64),
        low=(low * tick).astype(np.float64),
        close=(close * tick).astype(np.float64),
        volume=chance.integers(1, 900, len(ts)).astype(float),
        shift=zeros,
        contract=("MESH5",),
        contract_of=zeros.astype(np.int16),
        rolls=np.empty(0, np.int64),
        roll_estimated=np.empty(0, np.bool_),
        source=f"made_{symbol.lower()}.parquet",
        sha256="ab" * 32,
    )
    return bars, calendar.day[first : first + days], opens


def made_run(
    *, trades: int = 300, days: int = 30, seed: int = 7, symbol: str = "MES", **changes: Any
) -> RunResult:
    """A run of so many trades (some of two legs) with candidates, verdicts and numbers."""
    bars, day, day_open = made_bars(symbol, days, seed)
    chance = np.random.default_rng(seed + 1)
    columns = _trades(bars, day, day_open, trades, chance)
    decisions, codes, numbers = _decisions(columns, bars, chance)
    made = RunResult(
        run_id=f"made-{seed}",
        started="2025-08-09T10:00:00-04:00",
        trades=columns,
        decisions=decisions,
        codes=codes,
        numbers=numbers,
        number_names={"chop": ("range", "threshold"), "penalty_box": ("gap", "least")},
        bars={symbol: bars},
        days=day,
        day_open=day_open,
        account=AccountFacts("topstepx_50k", 5_000_000, 200_000, None, 75_000, 0.03),
        config={"risk": {"per_trade": 0.0025, "brackets": "dynamic"}, "names": list(STRATEGIES)},
        config_hash="c0ffee" * 10,
        strategies=STRATEGIES,
        versions={"julie": "0.1.0", "python": "3.11", "numpy": "2"},
        fill_rules=("Market orders fill at the first price of the next bar, one tick worse.",),
        engine_seconds=0.42,
        silent={"flow_imbalance": "needs ticks; the data has none"},
        fill_variants=(
            FillVariant("next open, stop first", "as this run", trades, 120.5),
            FillVariant("signal close", "fills at the close of the signal bar", trades, -88.25),
        ),
        attribution=(
            Attribution("chop", 240, 60, 55, -312.5, 0.41, -600.0, 12.0),
            Attribution("penalty_box", 130, 22, 20, 96.0, 0.52, -110.0, 290.0),
        ),
        seed=seed,
    )
    return replace(made, **changes)


def _trades(bars: Bars, day: Any, day_open: Any, trades: int, chance: Any) -> dict[str, Any]:
    table, n = bars.instrument, trades
    rows = np.sort(chance.choice(np.arange(100, len(bars) - 400), n, replace=False))
    held = chance.integers(2, 60, n)
    held = np.minimum(held, _bars_left_today(bars, day_open, rows))
    two = chance.random(n) < 0.2
    legs = np.repeat(np.arange(n), 1 + two)
    second = np.diff(legs, prepend=-1) == 0
    side = chance.choice([-1, 1], n)[legs]
    entry_row, exit_row = rows[legs] + 1, rows[legs] + held[legs] + second
    stop_ticks, target_ticks = chance.choice([8, 12], n)[legs], chance.choice([12, 18], n)[legs]
    entry = bars.open[entry_row] + side * table.tick
    won = chance.random(len(legs)) < 0.42
    worst = np.where(won, stop_ticks * 0.5, stop_ticks + 1)
    best = np.where(won, target_ticks, target_ticks * 0.3)
    moved = np.where(won, target_ticks, -stop_ticks - 1)
    qty = chance.integers(1, 4, n)[legs]
    gross = moved * qty * table.tick_value_cents / 100
    fees = 2 * qty * table.fees[0].side_cents / 100
    slip = 1 + ~won
    place = np.searchsorted(day_open, bars.ts[rows[legs]], side="right") - 1
    minute = ((bars.ts[rows[legs]] - day_open[place]) // MINUTE_NS).astype(int)
    session = session_of_minute[np.minimum(minute, 1439)]
    bucket = bucket_index(day[place], session).astype(np.int32)
    return {
        "trade_id": legs + 1,
        "leg": np.where(second, 2, 1),
        "strategy": Coded(chance.integers(0, 3, n)[legs].astype(np.int32), STRATEGIES),
        "style": Coded((np.arange(n) % 3)[legs].astype(np.int32), ("trend", "breakout", "sweep")),
        "group": Coded(np.zeros(len(legs), np.int32), ("Opening",)),
        "mode": Coded((chance.random(n) < 0.1)[legs].astype(np.int32), ("standard", "rescued")),
        "instrument": Coded(np.zeros(len(legs), np.int32), (table.symbol,)),
        "contract": Coded(np.zeros(len(legs), np.int32), bars.contract),
        "side": side,
        "qty": qty,
        "decided_ts": bars.ts[rows[legs]] + bars.base_ns,
        "entry_kind": Coded(np.zeros(len(legs), np.int32), ("market", "limit")),
        "entry_ts": bars.ts[entry_row],
        "entry_price": entry,
        "exit_ts": bars.ts[exit_row],
        "exit_price": entry + side * moved * table.tick,
        "exit_reason": Coded((~won).astype(np.int32), ("target", "stop")),
        "stop_price": entry - side * stop_ticks * table.tick,
        "target_price": entry + side * target_ticks * table.tick,
        "stop_at_exit": entry - side * stop_ticks * table.tick,
        "slippage_ticks": slip.astype(float),
        "slippage": slip * qty * table.tick_value_cents / 100,
        "gross": gross,
        "fees": fees,
        "net": np.round(gross - fees, 2),
        "mae": -worst * qty * table.tick_value_cents / 100,
        "mfe": best * qty * table.tick_value_cents / 100,
        "bars": exit_row - entry_row,
        "session": Coded(session.astype(np.int32), ("ASIA", "LONDON", "NY_AM", "NY_PM", "CLOSED")),
        "bucket": Coded(bucket, bucket_keys()),
        "vol_regime": Coded((np.arange(n) % 3)[legs].astype(np.int32), ("low", "normal", "high")),
        "hmm_state": Coded(np.full(len(legs), -1, np.int32), ()),
        "candidate_id": legs * 4,
        "tie": chance.random(len(legs)) < 0.03,
    }


def _bars_left_today(bars: Bars, day_open: Any, rows: Any) -> Any:
    ends = np.append(np.searchsorted(bars.ts, day_open[1:]), len(bars))
    place = np.searchsorted(day_open, bars.ts[rows], side="right") - 1
    return np.maximum(ends[place] - rows - 4, 1)


def _decisions(trades: dict[str, Any], bars: Bars, chance: Any) -> tuple[Any, Any, Any]:
    n = int(trades["trade_id"].max(initial=0)) * 4
    trade_id = np.full(n, -1)
    first = trades["leg"] == 1
    trade_id[trades["candidate_id"][first]] = trades["trade_id"][first]
    strategy = chance.integers(0, 3, n).astype(np.int32)
    strategy[trades["candidate_id"][first]] = trades["strategy"].codes[first]
    rows = np.sort(chance.integers(0, len(bars), n))
    codes = {judge: np.ones(n, np.int8) for judge in JUDGES}
    codes["news"][:] = 0
    refused = trade_id == -1
    judge = chance.choice(["chop", "penalty_box", "session"], n)
    reason = np.where(refused, Reason.POSITION_OPEN, Reason.NONE)
    reasons = {
        "chop": Reason.IN_CHOP,
        "penalty_box": Reason.PENALTY_BOX,
        "session": Reason.SESSION_CLOSED,
    }
    denied = refused & (chance.random(n) < 0.8)
    for name, word in reasons.items():
        mine = denied & (judge == name)
        codes[name][mine] = 3
        reason[mine] = word
    numbered = np.flatnonzero(denied & (judge != "session"))
    decisions = {
        "candidate_id": np.arange(n),
        "ts": bars.ts[rows],
        "instrument": Coded(np.zeros(n, np.int32), (bars.instrument.symbol,)),
        "strategy": Coded(strategy, STRATEGIES),
        "style": Coded(np.zeros(n, np.int32), ("trend",)),
        "side": chance.choice([-1, 1], n),
        "confidence": np.where(chance.random(n) < 0.5, np.nan, 0.7),
        "ref_close": bars.close[rows],
        "sl_ticks": np.where(reason == Reason.SESSION_CLOSED, np.nan, 8.0),
        "tp_ticks": np.full(n, 12.0),
        "note": Coded(np.full(n, -1, np.int32), ()),
        "reason": reason,
        "trade_id": trade_id,
    }
    numbers = {
        "candidate_id": numbered,
        "judge": Coded.of(judge[numbered]) if len(numbered) else Coded(np.empty(0, np.int32), ()),
        "reason": reason[numbered],
        "n1": chance.random(len(numbered)),
        "n2": np.full(len(numbered), 3.5),
        "n3": np.full(len(numbered), np.nan),
        "n4": np.full(len(numbered), np.nan),
    }
    return decisions, codes, numbers
