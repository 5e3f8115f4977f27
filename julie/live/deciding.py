"""The event desk with its graph: a minute in, orders out, and what was decided beside them.

It is the backtest's desk, fed row by row. An order names the contract of the day; the columns read
adjusted prices.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from julie.core.calendar import Calendar
from julie.core.candidates import Candidates
from julie.core.events import Decision, JudgedCandidate, Payload
from julie.core.record import DeskRecord, Rows
from julie.core.sessions import session_of_minute
from julie.core.taken import LegFill, MinuteTaken, TakenBar
from julie.core.ticks import grid
from julie.core.types import Code, Reason, Side
from julie.core.zones import MINUTE_NS
from julie.desk.commands import Order
from julie.desk.desk import Closed, Desk, Opening, Traded
from julie.desk.pipeline import Judged
from julie.desk.seen import KEPT
from julie.desk.step import Bar, Moment, Seen
from julie.execution.orders import new_fills
from julie.live.booked import Booker, equity_of
from julie.live.portfolio import Portfolio
from julie.market.columns.frame import Frame
from julie.market.columns.raw import SHIFT

_OF_FILL: Final = ("slot", "qty", "tick", "slip", "phase")
Note = Callable[[Payload], object]


class MinuteDesk:
    """One account's desk over the instruments of a run."""

    def __init__(
        self, made: Portfolio, contracts: Sequence[str], calendar: Calendar, note: Note
    ) -> None:
        self.made = made
        self._calendar = calendar
        self._note = note
        self._symbols = made.pipeline.symbols
        self.desk = Desk(made.record, self._symbols, contracts)
        self._booker = Booker(made.traded, made.strategies)
        self.judged = 0

    @property
    def record(self) -> DeskRecord:
        """What the desk knows of itself."""
        return self.made.record

    @property
    def books(self) -> Rows:
        """Its orders, one book an instrument."""
        return self.desk.books

    def opening(self, k: int, ts: int) -> Sequence[Order]:
        """The first message of a new minute."""
        if self.record.plans[k]["state"] == 0:
            return ()
        return self.desk.handle(Opening(k, ts, self._at(ts).day))

    def close(self, taken: MinuteTaken) -> Sequence[Order]:
        """A minute closed: columns, candidates, verdicts, fills, management, decision."""
        judged = self._judge(taken)
        at = self._at(taken.ts)
        bars = [self._bar(k, bar) for k, bar in enumerate(taken.bars)]
        for k, bar in enumerate(bars):
            if bar is not None and self.record.plans[k]["state"] != 0:
                fills = _rows(taken.fills[k])
                self.desk.handle(Traded(k, bar, fills, taken.sides[k], at))
        seen = [None if bar is None else self._seen(k) for k, bar in enumerate(bars)]
        first = len(self.desk.outcomes)
        orders = self.desk.handle(Closed(bars, seen, taken.gates, judged, at))
        self._tell(taken, judged, first, at.day)
        return orders

    def _judge(self, taken: MinuteTaken) -> Judged | None:
        graph, pipeline = self.made.graph, self.made.pipeline
        graph.begin_rows()
        closed = [s for s, bar in zip(self._symbols, taken.bars, strict=True) if bar is not None]
        for symbol, bar in zip(self._symbols, taken.bars, strict=True):
            if bar is not None:
                graph.append(symbol, _adjusted(bar))
        graph.advance()
        tables: list[Candidates] = []
        for symbol in closed:
            fill = graph.frame(symbol).fill
            tables += pipeline.candidates(graph, symbol, fill - 1, fill)
        return pipeline.judge(tables, MINUTE_NS) if tables else None

    def _tell(self, taken: MinuteTaken, judged: Judged | None, first: int, day: int) -> None:
        """Write down what was decided, what closed, and the account."""
        self._booker.judged(judged, first, day)
        if judged is not None:
            self.judged += len(judged.candidates)
            self._note(self._decision(taken.ts, judged, first))
        codes = [name.rsplit(".", 1)[-1] for name in self.desk.contracts]
        names = [f"{one.symbol}{code}" for one, code in zip(self.made.traded, codes, strict=True)]
        for trade in self._booker.closed(self.record, names):
            self._note(trade)
        self._note(equity_of(self.record))

    def _decision(self, ts: int, judged: Judged, first: int) -> Decision:
        c = judged.candidates
        return Decision(
            ts,
            tuple(self.made.pipeline.chain.names),
            tuple(
                JudgedCandidate(
                    first + i,
                    self._symbols[int(c.instrument[i])],
                    self.made.strategies[int(c.strategy[i])].name,
                    Side(int(c.side[i])),
                    tuple(Code(int(code)) for code in judged.chain.codes[i]),
                    Reason(max(-int(judged.table.outcome[i]), 0) % (1 << 20)),
                )
                for i in range(len(c))
            ),
        )

    def _at(self, ts: int) -> Moment:
        calendar = self._calendar
        place = int(calendar.index_of(np.array([ts]))[0])
        opened, closed = int(calendar.open_ns[place]), int(calendar.close_ns[place])
        minute, length = (ts - opened) // MINUTE_NS, (closed - opened) // MINUTE_NS
        session = int(session_of_minute[minute])
        return Moment(int(calendar.day[place]), session, minute, length, 1.0)

    def _bar(self, k: int, bar: TakenBar | None) -> Bar | None:
        if bar is None:
            return None
        prices = np.array([bar.open, bar.high, bar.low, bar.close])
        ticks = grid(prices, self.made.traded[k].tick).tolist()
        return Bar(self._frame(k).rows - 1, bar.ts, bar.ts + MINUTE_NS, *ticks)

    def _frame(self, k: int) -> Frame:
        return self.made.graph.frame(self._symbols[k])

    def _seen(self, k: int) -> Seen | None:
        plan, frame = self.record.plans[k], self._frame(k)
        if plan["state"] == 0:
            return None
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
        plan = self.record.plans[k]
        for speaker in self.made.pipeline.speakers[self._symbols[k]]:
            if speaker.place == plan["strategy"]:
                return int(speaker.exits(self._frame(k), int(plan["side"]), at, at + 1)[0])
        return 0


def _adjusted(bar: TakenBar) -> dict[str, Rows]:
    """A bar as a row of the graph."""
    row = {name: np.array([getattr(bar, name) + bar.shift]) for name in _PRICES}
    rest = {"ts": bar.ts, "volume": bar.volume, "shift": bar.shift}
    return row | {name: np.array([value]) for name, value in rest.items()}


def _rows(fills: Sequence[LegFill]) -> Rows:
    """Fills as the desk's rules read them."""
    found = new_fills()[: len(fills)]
    for row, fill in zip(found, fills, strict=True):
        for name in _OF_FILL:
            row[name] = getattr(fill, name)
    return found


_PRICES: Final = ("open", "high", "low", "close")
