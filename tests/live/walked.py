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
from julie.core.record import Rows
from julie.core.sessions import session_of_minute
from julie.core.taken import LegFill, MinuteTaken
from julie.core.ticks import grid
from julie.core.types import Reason, Side
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.desk.commands import Order
from julie.desk.desk import Closed, Desk, Opening, Traded
from julie.desk.pipeline import Judged
from julie.desk.seen import KEPT
from julie.desk.step import Bar, Moment, Seen
from julie.execution.matching import path
from julie.execution.simulated import MatchingBroker
from julie.live.portfolio import Portfolio
from julie.market.columns.raw import SHIFT

POINTS_S = (0, 15, 30, 45)  # seconds of a minute at which the path's points print


class SteppedDesk:
    """The event desk with its graph, one minute at a time."""

    def __init__(self, made: Portfolio, calendar: Calendar) -> None:
        self.made, self._calendar = made, calendar
        self.desk = Desk(made.record, made.pipeline.symbols)
        self.judged: list[Judged] = []

    @property
    def books(self) -> Rows:
        return self.desk.books

    def opening(self, k: int, ts: int) -> Sequence[Order]:
        if self.made.record.plans[k]["state"] == 0:
            return []
        return self.desk.handle(Opening(k, ts, self._at(ts).day))

    def close(self, taken: MinuteTaken) -> Sequence[Order]:
        graph, pipeline = self.made.graph, self.made.pipeline
        graph.begin_rows()
        for symbol, bar in zip(pipeline.symbols, taken.bars, strict=True):
            if bar is not None:
                names = ("open", "high", "low", "close")
                prices = {n: np.array([getattr(bar, n) + bar.shift]) for n in names}
                rest = {"ts": bar.ts, "volume": bar.volume, "shift": bar.shift}
                rows = {n: np.array([v]) for n, v in rest.items()}
                graph.append(symbol, prices | rows)
        graph.advance()
        tables = []
        for symbol, bar in zip(pipeline.symbols, taken.bars, strict=True):
            if bar is not None:
                fill = graph.frame(symbol).fill
                tables += pipeline.candidates(graph, symbol, fill - 1, fill)
        judged = pipeline.judge(tables, MINUTE_NS) if tables else None
        if judged is not None:
            self.judged.append(judged)
        return self._trade(taken, judged)

    def _trade(self, taken: MinuteTaken, judged: Judged | None) -> Sequence[Order]:
        at, bars = self._at(taken.ts), [self._bar(k, taken) for k in range(len(taken.bars))]
        for k, bar in enumerate(bars):
            if bar is not None and self.made.record.plans[k]["state"] != 0:
                self.desk.handle(Traded(k, bar, rows_of(taken.fills[k]), taken.sides[k], at))
        seen = [self._seen(k) if bar is not None else None for k, bar in enumerate(bars)]
        return self.desk.handle(Closed(bars, seen, taken.gates, judged, at))

    def _at(self, ts: int) -> Moment:
        place = int(self._calendar.index_of(np.array([ts]))[0])
        opened, closed = self._calendar.open_ns[place], self._calendar.close_ns[place]
        minute = int((ts - opened) // MINUTE_NS)
        length = int((closed - opened) // MINUTE_NS)
        day = int(self._calendar.day[place])
        return Moment(day, int(session_of_minute[minute]), minute, length, 1.0)

    def _bar(self, k: int, taken: MinuteTaken) -> Bar | None:
        bar = taken.bars[k]
        if bar is None:
            return None
        row = self.made.graph.frame(self.made.pipeline.symbols[k]).rows - 1
        prices = np.array([bar.open, bar.high, bar.low, bar.close])
        ticks = grid(prices, self.made.traded[k].tick).tolist()
        return Bar(row, bar.ts, bar.ts + MINUTE_NS, *ticks)

    def _seen(self, k: int) -> Seen | None:
        plan = self.made.record.plans[k]
        if plan["state"] == 0:
            return None
        frame = self.made.graph.frame(self.made.pipeline.symbols[k])
        at = frame.fill - 1
        swing = KEPT["swing_down" if plan["side"] > 0 else "swing_up"]
        return Seen(
            False,
            int(self.made.pipeline.blackout(frame, at, frame.fill)[0]),
            self._exit(k, at) if plan["state"] == 2 else 0,
            float(frame.buffers[KEPT["atr"]][at]),
            float(frame.buffers[swing][at] - frame.buffers[SHIFT][at]),
        )

    def _exit(self, k: int, at: int) -> int:
        plan, symbol = self.made.record.plans[k], self.made.pipeline.symbols[k]
        for speaker in self.made.pipeline.speakers[symbol]:
            if speaker.place == plan["strategy"]:
                frame = self.made.graph.frame(symbol)
                return int(speaker.exits(frame, int(plan["side"]), at, at + 1)[0])
        return 0


def rows_of(fills: Sequence[LegFill]) -> Rows:
    """Fills as the desk's rules read them."""
    names = [("slot", "i4"), ("qty", "i4"), ("tick", "i8"), ("slip", "i4"), ("phase", "i4")]
    found = np.zeros(len(fills), np.dtype(names, align=True))
    for row, fill in zip(found, fills, strict=True):
        for name, _ in names:
            row[name] = getattr(fill, name)
    return found


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

    def gate(self, symbol: str) -> Reason:
        del symbol
        return Reason.NONE

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
