"""vectorbt: filled at the close of the signal's bar, bracket alive from the next bar, stop first.

On the bar that closed a trade no new signal is taken. Distances are shares of the entry price; they
are made a hair nearer than the tick they mean, so that a touch counts as one.
"""

import numpy as np
import vectorbt as vbt
from harness import CASH, FEE, Case, Trades, crosses, main

HAIR = 1e-6  # points


def columns(case: Case, numbers: range) -> Trades | list[Trades]:
    """Signals and distances of some parameter sets as columns of one call."""
    signals, averages = [], {}
    for number in numbers:
        pair = int(case.fast[number]), int(case.slow[number])
        for span in pair:
            if span not in averages:
                averages[span] = vbt.MA.run(case.close, span, ewm=True).ma.to_numpy()
        signals.append(crosses(averages[pair[0]], averages[pair[1]], pair[1]))
    signal = np.column_stack(signals)
    close = case.close[:, None]
    stop = np.column_stack([case.stop[n] for n in numbers])
    target = np.column_stack([case.target[n] for n in numbers]) + case.tick
    known = stop > 0
    made = vbt.Portfolio.from_signals(
        np.broadcast_to(close, signal.shape),
        entries=(signal == 1) & known,
        short_entries=(signal == -1) & known,
        open=case.open[:, None], high=case.high[:, None], low=case.low[:, None],
        sl_stop=(stop - HAIR) / close, tp_stop=(target - HAIR) / close,
        size=1.0, fixed_fees=FEE, init_cash=CASH, freq="1min",
        upon_opposite_entry="ignore", upon_long_conflict="ignore", upon_short_conflict="ignore",
    )  # fmt: skip
    records = made.trades.records
    return [_trades(records[records["col"] == place], case) for place in range(len(numbers))]


def _trades(records, case: Case) -> Trades:
    closed = records[records["status"] == 1]
    prices = {
        name: np.rint(closed[f"{name}_price"].to_numpy() / case.tick) * case.tick
        for name in ("entry", "exit")
    }
    side = np.where(closed["direction"] == 0, 1, -1)
    entry_row, exit_row = closed["entry_idx"].to_numpy(), closed["exit_idx"].to_numpy()
    return Trades(side, entry_row, prices["entry"], exit_row, prices["exit"])


if __name__ == "__main__":
    main(
        "vectorbt",
        lambda case, _, number: columns(case, range(number, number + 1))[0],
        lambda case, _: columns(case, range(len(case.fast))),
    )
