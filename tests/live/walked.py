"""Bars played as a stream of prints, with a broker that fills on the way, in one process.

The bars are walked along the one path, four prints each, and every fill lies between two of them at
a time of its own; so whoever hears only prints and fills must find the bars and phases again.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from julie.core.bars import Bars
from julie.core.calendar import Calendar
from julie.core.market_events import MarketEvent, Print, QuoteNow
from julie.core.permits import Approved
from julie.core.sessions import session_of_minute
from julie.core.taken import LegFill, MinuteTaken
from julie.core.ticks import grid
from julie.core.types import Reason, Side
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.desk.commands import Order
from julie.desk.minutes import DeskMinutes
from julie.desk.moments import Moments
from julie.desk.pipeline import Judged
from julie.desk.told import Told
from julie.execution.fills import Dropped
from julie.execution.matching import path
from julie.execution.simulated import MatchingBroker
from julie.live.portfolio import Portfolio

POINTS_S = (0, 15, 30, 45)  # seconds of a minute at which the path's points print


class ListeningDesk(DeskMinutes):
    """The live desk, whose verdicts are kept."""

    def __init__(self, made: Portfolio, calendar: Calendar) -> None:
        moments = Moments(calendar, session_of_minute, MINUTE_NS)
        super().__init__(
            made.pipeline, made.graph, made.record, made.traded, made.strategies, moments
        )
        self.judged: list[Judged] = []

    def close(self, taken: MinuteTaken) -> Told:
        told = super().close(taken)
        if told.judged is not None:
            self.judged.append(told.judged)
        return told


@dataclass
class FillingHands:
    """A broker that tells a fill's order, price and time, and nothing of phase or slippage."""

    broker: MatchingBroker
    fills: dict[str, list[LegFill]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0

    def submit(self, orders: Sequence[Order]) -> None:
        for order in orders:
            self.sent += 1
            if isinstance(order, Approved):
                self.broker.place(order)
            else:
                self.broker.reduce(order)

    def take_fills(
        self, symbol: str, minute_open: int, minute_end: int
    ) -> tuple[tuple[LegFill, ...], int]:
        del minute_open
        mine = tuple(fill for fill in self.fills[symbol] if fill.ts < minute_end)
        self.fills[symbol] = [fill for fill in self.fills[symbol] if fill.ts >= minute_end]
        return mine, 0

    def take_dropped(self) -> Sequence[Dropped]:
        return ()

    def gate(self, symbol: str) -> Reason:
        del symbol
        return Reason.NONE

    def governing(self, ours: int) -> int | None:
        del ours
        return None

    def walk(self, symbol: str, ts: int, prices: tuple[int, int, int, int]) -> int:
        """Fill along a bar that opens at `ts`; returns the side held on the way."""
        rows, side = self.broker.bar(symbol, *prices)
        for n, row in enumerate(rows):
            phase = int(row["phase"])
            at = ts if phase == 0 else ts + POINTS_S[phase - 1] * SECOND_NS + (2 + n) * 1_000_000
            slot, qty, tick = (int(row[name]) for name in ("slot", "qty", "tick"))
            self.fills[symbol].append(LegFill(slot, qty, tick, 0, 0, at))
        return side


def played(
    series: Sequence[Bars], contracts: Sequence[str], hands: FillingHands, first: int
) -> Iterator[MarketEvent]:
    """The bars from `first` on as messages: first prints of a minute, its fills, then the rest.

    Every contract has a message at each minute's start, a quote where nothing trades.
    """
    ticks = [
        {n: grid(getattr(b, n), b.instrument.tick) for n in ("open", "high", "low", "close")}
        for b in series
    ]
    for ts in np.unique(np.concatenate([b.ts[b.ts >= first] for b in series])).tolist():
        rows = [int(np.searchsorted(b.ts, ts)) for b in series]
        there = [r < len(b) and b.ts[r] == ts for r, b in zip(rows, series, strict=True)]
        for k, contract in enumerate(contracts):
            if there[k]:
                price, size = float(series[k].open[rows[k]]), int(series[k].volume[rows[k]])
                yield Print(contract, price, size, ts, ts, Side.LONG)
            else:
                yield QuoteNow(contract, np.nan, np.nan, np.nan, ts, ts)
        for k, contract in enumerate(contracts):
            if not there[k]:
                continue
            one, row, tick = ticks[k], rows[k], series[k].instrument.tick
            o, h, low, c = (int(one[n][row]) for n in ("open", "high", "low", "close"))
            side = hands.walk(series[k].instrument.symbol, ts, (o, h, low, c))
            for second, price in zip(POINTS_S[1:], (*path(side, o, h, low, c), c), strict=True):
                at = ts + second * SECOND_NS
                yield Print(contract, price * tick, 0, at, at, Side.LONG)
