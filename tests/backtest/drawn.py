"""A few legs written by hand, so that every figure can be worked out on paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from julie.backtest.ledger import Ledger, make_ledger
from julie.backtest.result import FittedRange
from julie.core.calendar import load_calendar
from julie.core.instruments import INSTRUMENTS
from julie.core.zones import MINUTE_NS

TABLE = {"MES": INSTRUMENTS["MES"]}
START = 5_000_000


def days(count: int) -> tuple[Any, Any]:
    """The first trading days of 2025 and their opens."""
    calendar = load_calendar()
    first = int(np.searchsorted(calendar.day, 20_089))
    return calendar.day[first : first + count], calendar.open_ns[first : first + count]


def book(
    legs: list[dict[str, Any]], count: int = 3, fitted: tuple[FittedRange, ...] = ()
) -> Ledger:
    """The books of legs given as day, minute since the open, net, and whatever differs."""
    day, day_open = days(count)
    rows: list[dict[str, Any]] = []
    for number, leg in enumerate(legs):
        entry = int(day_open[leg["day"]]) + leg.get("minute", 60) * MINUTE_NS
        fees, net = leg.get("fees", 1.22), leg["net"]
        rows.append(
            {
                "trade_id": leg.get("trade_id", number),
                "leg": leg.get("leg", 1),
                "strategy": leg.get("strategy", "orb"),
                "instrument": "MES",
                "exit_reason": leg.get("exit", "target" if net > 0 else "stop"),
                "session": leg.get("session", "NY_AM"),
                "side": leg.get("side", 1),
                "qty": leg.get("qty", 1),
                "decided_ts": entry,
                "entry_ts": entry,
                "exit_ts": entry + leg.get("held", 10) * MINUTE_NS,
                "entry_price": 6000.0,
                "stop_price": leg.get("stop", 5998.0),
                "target_price": leg.get("target", 6003.0),
                "slippage": leg.get("slippage", 1.25),
                "slippage_ticks": 1.0,
                "gross": net + fees,
                "fees": fees,
                "net": net,
                "mae": leg.get("mae", min(net, 0.0)),
                "mfe": max(net, 0.0),
                "tie": leg.get("tie", False),
            }
        )
    names = rows[0] if rows else {}
    columns = {name: np.array([row[name] for row in rows]) for name in names}
    return make_ledger(columns, day, day_open, fitted)
