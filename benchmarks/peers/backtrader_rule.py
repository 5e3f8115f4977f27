"""backtrader: an order on the cross, filled at the next open; the bracket is laid from the fill.

Stop and target are sent when the entry's fill is told, so they live from the bar after it. The stop
is sent first and cancels the target when both lie in one bar.
"""

import backtrader as bt
import numpy as np
from harness import CASH, FEE, POINT, Case, Trades, main


class Bars(bt.feed.DataBase):
    """Rows of the case as a feed."""

    params = (("case", None),)

    def start(self):
        super().start()
        case = self.p.case
        days = case.ts / 86_400e9 + bt.date2num(bt.datetime.datetime(1970, 1, 1))
        columns = (days, case.open, case.high, case.low, case.close)
        self._rows = zip(*(column.tolist() for column in columns), strict=True)

    def _load(self):
        row = next(self._rows, None)
        if row is None:
            return False
        lines = self.lines
        lines.datetime[0], lines.open[0], lines.high[0], lines.low[0], lines.close[0] = row
        lines.volume[0] = lines.openinterest[0] = 0.0
        return True


class Rule(bt.Strategy):
    """EMA cross with a bracket."""

    params = (("case", None), ("number", 0), ("fills", None))

    def __init__(self):
        case, number = self.p.case, self.p.number
        # without its own warm-up: backtrader seeds an average with a mean of the first bars
        self.fast = Average(self.data.close, period=int(case.fast[number]))
        self.slow = Average(self.data.close, period=int(case.slow[number]))
        self.first = int(case.slow[number])
        self.stops, self.targets = case.stop[number], case.target[number] + case.tick
        self.entry = None
        self.side = self.signal_row = 0

    def next(self):
        row = len(self) - 1
        if self.position.size or self.entry is not None or row < self.first:
            return
        above, before = self.fast[0] > self.slow[0], self.fast[-1] > self.slow[-1]
        below, under = self.fast[0] < self.slow[0], self.fast[-1] < self.slow[-1]
        if (above and not before) or (below and not under):
            self.side, self.signal_row = (1 if above else -1), row
            self.entry = self.buy(size=1) if above else self.sell(size=1)

    def notify_order(self, order):
        if order.status != order.Completed:
            return
        row = len(self) - 1
        self.p.fills.append((self.side, row, order.executed.price))
        if order.ref != self.entry.ref:
            self.entry = None
            return
        price, side, at = order.executed.price, self.side, self.signal_row
        leave = self.sell if side > 0 else self.buy
        stop = leave(size=1, exectype=bt.Order.Stop, price=price - side * self.stops[at])
        leave(size=1, exectype=bt.Order.Limit, price=price + side * self.targets[at], oco=stop)


class Average(bt.Indicator):
    """Exponential average, seeded with the first close."""

    lines = ("mean",)
    params = (("period", 20),)

    def __init__(self):
        self.alpha = 2.0 / (self.p.period + 1.0)
        self.addminperiod(1)

    def nextstart(self):
        self.lines.mean[0] = self.data[0]

    def next(self):
        before = self.lines.mean[-1]
        self.lines.mean[0] = before + self.alpha * (self.data[0] - before)


def run(case: Case, _: None, number: int) -> Trades:
    """One run of the engine."""
    fills: list[tuple[int, int, float]] = []
    engine = bt.Cerebro(stdstats=False)
    engine.adddata(Bars(case=case))
    engine.broker.setcash(CASH)
    engine.broker.setcommission(commission=FEE, mult=POINT, margin=1.0)
    engine.addstrategy(Rule, case=case, number=number, fills=fills)
    engine.run(runonce=True, preload=True)
    return paired(fills)


def paired(fills: list[tuple[int, int, float]]) -> Trades:
    """Entries with their exits; one still open at the end is left out."""
    into, out = fills[0::2], fills[1::2]
    side, entry_row, entry = map(np.array, zip(*into[: len(out)], strict=True))
    _, exit_row, price = map(np.array, zip(*out, strict=True))
    return Trades(side, entry_row, entry, exit_row, price)


if __name__ == "__main__":
    main("backtrader", run)
