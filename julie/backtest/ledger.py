"""The run's books: legs and trades in the order they closed, in whole cents, day by day.

A trade is all legs of one trade_id: it is won or lost by the sum of its legs, closes with its last
leg and belongs to the trading day on which it closed. Every statistic is taken from here.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from julie.backtest.result import Coded, Columns, FittedRange, RunResult

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Legs and trades in order of exit; money in cents, times in ns UTC."""

    columns: Columns  # the records, one row a leg, as the engine wrote them
    days: npt.NDArray[np.int32]
    leg_row: Ints  # row in `columns`
    leg_trade: Ints  # place in the trade arrays
    leg_net: Ints
    leg_day: Ints  # place in `days`
    first_row: Ints  # row in `columns` of a trade's first leg
    last_row: Ints  # and of the leg that closed it
    legs: Ints
    entry_ts: Ints
    exit_ts: Ints
    gross: Ints
    fees: Ints
    slippage: Ints
    net: Ints
    adverse: Ints  # sum of the legs' mae, <= 0
    favourable: Ints  # sum of their mfe, >= 0
    entry_day: Ints  # place in `days`
    day: Ints
    fitted: Flags
    fitted_day: Flags  # one a trading day

    def __len__(self) -> int:
        return len(self.net)

    def words(self, column: str) -> Coded:
        """A word column, one row a trade (as its first leg has it)."""
        found = self.columns[column]
        if not isinstance(found, Coded):
            found = Coded.of(found)
        return found.take(self.first_row)

    def values(self, column: str) -> npt.NDArray[Any]:
        """A number column, one row a trade (as its first leg has it)."""
        found = self.columns[column]
        if isinstance(found, Coded):
            raise TypeError(f"{column} is a column of words")
        return found[self.first_row]

    def daily(self) -> Ints:
        """Net cents of each trading day, realised; days without a trade are zero."""
        return by_group(self.leg_day, self.leg_net, len(self.days))

    def part(self, *, fitted: bool) -> "Ledger":
        """Only the trades and days inside (or outside) what tables and models were fitted on."""
        trades, days = self.fitted == fitted, self.fitted_day == fitted
        days = days.copy()
        legs = trades[self.leg_trade]
        for used in (self.entry_day[trades], self.day[trades], self.leg_day[legs]):
            days[used] = True  # a fitted range may end inside a trading day
        new_trade, new_day = np.cumsum(trades) - 1, np.cumsum(days) - 1
        per_trade = {
            name: getattr(self, name)[trades]
            for name in (
                *("first_row", "last_row", "legs", "entry_ts", "exit_ts", "gross", "fees"),
                *("slippage", "net", "adverse", "favourable", "fitted"),
            )
        }
        return replace(
            self,
            days=self.days[days],
            leg_row=self.leg_row[legs],
            leg_trade=new_trade[self.leg_trade[legs]],
            leg_net=self.leg_net[legs],
            leg_day=new_day[self.leg_day[legs]],
            entry_day=new_day[self.entry_day[trades]],
            day=new_day[self.day[trades]],
            fitted_day=self.fitted_day[days],
            **per_trade,
        )


def cents_of(dollars: npt.NDArray[Any]) -> Ints:
    """A column of dollars as whole cents; not applicable counts as nothing."""
    return np.rint(np.nan_to_num(np.asarray(dollars, dtype=np.float64)) * 100).astype(np.int64)


def by_group(place: Ints, cents: Ints, groups: int) -> Ints:
    """Sums of cents by group; exact, since sums stay far below 2**53."""
    sums = np.bincount(place, weights=cents.astype(np.float64), minlength=groups)
    return np.rint(sums).astype(np.int64)


def ledger_of(result: RunResult) -> Ledger:
    """The books of a run."""
    return make_ledger(result.trades, result.days, result.day_open, result.fitted)


def make_ledger(
    columns: Columns,
    days: npt.NDArray[np.int32],
    day_open: Ints,
    fitted: tuple[FittedRange, ...] = (),
) -> Ledger:
    """The books from columns of trades.parquet and the run's trading days."""
    trade_id, leg = _ints(columns, "trade_id"), _ints(columns, "leg")
    exit_ts = _ints(columns, "exit_ts")
    leg_row = np.lexsort((leg, trade_id, exit_ts))
    place, last = _trades_by_last_exit(trade_id[leg_row])
    trades = len(last)
    first = np.full(trades, len(leg_row), dtype=np.int64)
    np.minimum.at(first, place, leg_row)  # legs of a trade are written in order
    money = {
        name: cents_of(_floats(columns, name))[leg_row]
        for name in ("gross", "fees", "slippage", "net", "mae", "mfe")
    }
    sums = {name: by_group(place, cents, trades) for name, cents in money.items()}
    leg_day = _day_of(exit_ts[leg_row], day_open)
    entry_ts, decided = (_ints(columns, name)[first] for name in ("entry_ts", "decided_ts"))
    return Ledger(
        columns=columns,
        days=days,
        leg_row=leg_row,
        leg_trade=place,
        leg_net=money["net"],
        leg_day=leg_day,
        first_row=first,
        last_row=leg_row[last],
        legs=np.bincount(place, minlength=trades).astype(np.int64),
        entry_ts=entry_ts,
        exit_ts=exit_ts[leg_row[last]],
        gross=sums["gross"],
        fees=sums["fees"],
        slippage=sums["slippage"],
        net=sums["net"],
        adverse=-np.abs(sums["mae"]),
        favourable=np.abs(sums["mfe"]),
        entry_day=_day_of(entry_ts, day_open),
        day=leg_day[last],
        fitted=_inside(decided, fitted),
        fitted_day=_inside(day_open, fitted),
    )


def _trades_by_last_exit(ids: Ints) -> tuple[Ints, Ints]:
    """For legs in exit order: the place of each leg's trade, and the last leg of each trade."""
    known, code = np.unique(ids, return_inverse=True)
    last = np.zeros(len(known), dtype=np.int64)
    last[code] = np.arange(len(ids))  # a later leg overwrites an earlier one
    order = np.argsort(last, kind="stable")
    rank = np.empty(len(known), dtype=np.int64)
    rank[order] = np.arange(len(known))
    return rank[code], last[order]


def _day_of(ts: Ints, day_open: Ints) -> Ints:
    if len(ts) and not len(day_open):
        raise ValueError("a run with trades must name its trading days")
    # an exit at the opening instant of the run belongs to the first day
    return np.maximum(np.searchsorted(day_open, ts, side="right") - 1, 0)


def _inside(ts: Ints, ranges: tuple[FittedRange, ...]) -> Flags:
    inside = np.zeros(len(ts), dtype=np.bool_)
    for fit in ranges:
        inside |= (ts >= fit.first_ns) & (ts <= fit.last_ns)
    return inside


def _ints(columns: Columns, name: str) -> Ints:
    return np.asarray(columns[name], dtype=np.int64)


def _floats(columns: Columns, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(columns[name], dtype=np.float64)
