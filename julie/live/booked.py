"""Closed legs as rows of the trade list, the same as a backtest writes of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from julie.core.bookings import EquityMarked, TradeClosed
from julie.core.instruments import Instrument
from julie.core.record import DeskRecord
from julie.core.sessions import bucket_index, bucket_key
from julie.core.types import EntryKind, ExitReason, Mode, Session, Style, VolRegime
from julie.desk.pipeline import Judged
from julie.strategies.base import Strategy


class Booker:
    """Turns what the desk's record closed since the last time into trades."""

    def __init__(self, traded: Sequence[Instrument], strategies: Sequence[Strategy]) -> None:
        self._traded = tuple(traded)
        self._strategies = tuple(strategies)
        self._regimes: dict[int, float] = {}  # volatility regime at each candidate's decision
        self._days: dict[int, int] = {}
        self._done = 0

    def judged(self, judged: Judged | None, first: int, day: int) -> None:
        """Candidates of a close, numbered from `first` on: keep what their trades will tell."""
        if judged is None:
            return
        for i, regime in enumerate(judged.candidates.bracket_vol_regime.tolist()):
            self._regimes[first + i], self._days[first + i] = regime, day

    def begin(self, record: DeskRecord) -> None:
        """Everything closed so far was told before."""
        self._done = int(record.account[0]["legs"])

    def closed(self, record: DeskRecord, contracts: Sequence[str]) -> list[TradeClosed]:
        """The legs that closed since the last time."""
        legs = int(record.account[0]["legs"])
        rows = record.trades[self._done : legs]
        self._done = legs
        return [self._trade(row, contracts[int(row["instrument"])]) for row in rows]

    def _trade(self, row: Any, contract: str) -> TradeClosed:
        one = self._traded[int(row["instrument"])]
        strategy = self._strategies[int(row["strategy"])]
        candidate, session = int(row["candidate"]), int(row["session"])
        gross, fees = int(row["gross"]) / 100, int(row["fees"]) / 100
        slip = int(row["slippage_ticks"])
        return TradeClosed(
            trade_id=int(row["trade_id"]),
            leg=int(row["leg"]) + 1,
            strategy=strategy.name,
            group=strategy.group,
            style=Style(strategy.style).name.lower(),
            mode=Mode(int(row["mode"])).name.lower(),
            instrument=one.symbol,
            contract=contract,
            side=int(row["side"]),
            qty=int(row["qty"]),
            decided_ts=int(row["decided_ns"]),
            entry_kind=EntryKind(int(row["entry_kind"])).name.lower(),
            entry_ts=int(row["entry_ns"]),
            entry_price=int(row["entry_tick"]) * one.tick,
            exit_ts=int(row["exit_ns"]),
            exit_price=int(row["exit_tick"]) * one.tick,
            exit_reason=ExitReason(int(row["exit_reason"])).word,
            stop_price=int(row["stop_tick"]) * one.tick,
            target_price=int(row["target_tick"]) * one.tick,
            stop_at_exit=int(row["stop_at_exit"]) * one.tick,
            slippage_ticks=slip,
            slippage=slip * one.tick_value_cents * int(row["qty"]) / 100,
            gross=gross,
            fees=fees,
            net=(int(row["gross"]) - int(row["fees"])) / 100,
            mae=int(row["mae"]) / 100,
            mfe=int(row["mfe"]) / 100,
            bars=int(row["exit_row"]) - int(row["entry_row"]),
            session=Session(session).name,
            bucket=self._bucket(candidate, session),
            vol_regime=self._regime(candidate),
            hmm_state=None,
            candidate_id=candidate,
            tie=bool(row["tie"]),
        )

    def _bucket(self, candidate: int, session: int) -> str:
        day = self._days.get(candidate)
        if day is None:
            return ""
        index = int(bucket_index(np.array([day]), np.array([session], np.int8))[0])
        return bucket_key(index) if index >= 0 else ""

    def _regime(self, candidate: int) -> str | None:
        regime = self._regimes.get(candidate, float("nan"))
        return None if np.isnan(regime) else VolRegime(int(regime)).name.lower()


def equity_of(record: DeskRecord) -> EquityMarked:
    """The account as the desk marks it."""
    account = record.account[0]
    return EquityMarked(int(account["balance"]), int(account["open_pnl"]), int(account["floor"]))
