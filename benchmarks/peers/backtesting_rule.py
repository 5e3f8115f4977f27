"""backtesting.py: an order on the cross, filled at the next open, its bracket alive on that bar.

Stop and target are prices here, given with the order. They are laid from the open at which it will
fill, as a venue lays a bracket from its fill; nothing else is read ahead.
"""

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from harness import CASH, FEE, Case, Trades, ema, main


def rule(case: Case, number: int) -> type[Strategy]:
    """The rule with one parameter set."""
    opens, stops = case.open, case.stop[number]
    targets = case.target[number] + case.tick
    first = int(case.slow[number])

    class Rule(Strategy):
        """EMA cross with a bracket."""

        def init(self):
            close = np.asarray(self.data.Close)
            self.fast = self.I(ema, close, int(case.fast[number]))
            self.slow = self.I(ema, close, int(case.slow[number]))

        def next(self):
            row = len(self.data) - 1
            if self.position or row < first or row + 1 >= len(opens):
                return
            fast, slow = self.fast, self.slow
            if fast[-1] > slow[-1] and fast[-2] <= slow[-2]:
                price = opens[row + 1]
                self.buy(size=1, sl=price - stops[row], tp=price + targets[row])
            elif fast[-1] < slow[-1] and fast[-2] >= slow[-2]:
                price = opens[row + 1]
                self.sell(size=1, sl=price + stops[row], tp=price - targets[row])

    return Rule


def frame(case: Case) -> pd.DataFrame:
    """The prices as it takes them."""
    return pd.DataFrame(
        {"Open": case.open, "High": case.high, "Low": case.low, "Close": case.close},
        index=pd.to_datetime(case.ts, unit="ns", utc=True),
    )


def run(case: Case, bars: pd.DataFrame, number: int) -> Trades:
    """One run of the engine."""
    engine = Backtest(
        bars,
        rule(case, number),
        cash=CASH,
        commission=lambda size, price: FEE,
        finalize_trades=False,
    )
    found = engine.run()["_trades"]
    return Trades(
        np.sign(found["Size"].to_numpy()), found["EntryBar"].to_numpy(),
        found["EntryPrice"].to_numpy(), found["ExitBar"].to_numpy(), found["ExitPrice"].to_numpy(),
    )  # fmt: skip


if __name__ == "__main__":
    main("backtesting", run, own_form=frame)
