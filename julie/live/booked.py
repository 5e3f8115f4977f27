"""Closed legs as rows of the trade list, the same as a backtest writes of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from julie.core.bookings import EquityMarked, TradeClosed
from julie.core.instruments import Instrument
from julie.core.record import DeskRecord
from julie.desk.pipeline import Judged
from julie.desk.told import PlanFacts, Rule, trade_closed
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
        candidate = int(row["candidate"])
        regime = self._regimes.get(candidate, float("nan"))
        facts = PlanFacts(
            self._days.get(candidate, 0), -1 if np.isnan(regime) else int(regime), contract
        )
        one = self._traded[int(row["instrument"])]
        return trade_closed(row, one, Rule.of(self._strategies[int(row["strategy"])]), facts)


def equity_of(record: DeskRecord) -> EquityMarked:
    """The account as the desk marks it."""
    account = record.account[0]
    return EquityMarked(int(account["balance"]), int(account["open_pnl"]), int(account["floor"]))
