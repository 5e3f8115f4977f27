"""The trades as files for people and scripts: `logs/trades_today.json` and `logs/trades.jsonl`.

The first holds the trading day and its summary and is written whole or not at all; the second gets
one line a closed leg and is never shortened. `pnl` is what the account gained, in dollars: `net` of
a leg in the first file, before fees beside `netPnL` in the second, as their readers expect.
"""

import json
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from julie.core.bookings import TradeClosed
from julie.core.failpoints import failpoint
from julie.core.zones import SECOND_NS, eastern_iso
from julie.store.atomic import atomic, writable_folder


class TradesFiles:
    """Both files of a data folder; the bot alone writes them."""

    def __init__(self, data_dir: Path) -> None:
        folder = writable_folder(data_dir / "logs")
        self.today, self.all = folder / "trades_today.json", folder / "trades.jsonl"
        for left in folder.glob(f".{self.today.name}.*.part"):
            left.unlink(missing_ok=True)
        _drop_torn_line(self.all)
        self._there = _legs_in(self.all)

    def write_today(self, date: str, trades: Sequence[TradeClosed]) -> None:
        """Put the legs of the trading day in the place of the last ones."""
        told = {"date": date, "trades": [_told(one) for one in trades], "summary": summary(trades)}
        text = json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        half = len(text) // 2
        with atomic(self.today) as part, part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text[:half])
            file.flush()
            failpoint("K13")
            file.write(text[half:])

    def append(self, run: str, trades: Iterable[TradeClosed]) -> None:
        """One line a leg, in one write, forced to the disk; those that are there are left out."""
        new = [one for one in trades if (run, one.trade_id, one.leg) not in self._there]
        if not new:
            return
        lines = "".join(json.dumps(_line(run, one), allow_nan=False) + "\n" for one in new)
        handle = os.open(self.all, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, lines.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        self._there |= {(run, one.trade_id, one.leg) for one in new}


def summary(trades: Sequence[TradeClosed]) -> dict[str, float | int | None]:
    """The day in figures; None where there is nothing to divide by."""
    nets = [one.net for one in trades]
    won, lost = [net for net in nets if net > 0], [net for net in nets if net < 0]
    return {
        "total_trades": len(nets),
        "winning_trades": len(won),
        "losing_trades": len(lost),
        "total_pnl": _cents(sum(nets)),
        "win_rate": round(100 * len(won) / len(nets), 1) if nets else None,
        "average_win": _cents(sum(won) / len(won)) if won else None,
        "average_loss": _cents(sum(lost) / len(lost)) if lost else None,
        "profit_factor": round(sum(won) / -sum(lost), 2) if lost else None,
        "best_trade": _cents(max(nets)) if nets else None,
        "worst_trade": _cents(min(nets)) if nets else None,
        "average_duration": round(sum(map(_minutes, trades)) / len(nets), 2) if nets else None,
    }


def _told(one: TradeClosed) -> dict[str, Any]:
    return {
        "id": f"trade_{one.trade_id:03d}-{one.leg}",
        "contract": one.instrument,
        "entry_time": eastern_iso(one.entry_ts),
        "exit_time": eastern_iso(one.exit_ts),
        "side": "LONG" if one.side > 0 else "SHORT",
        "quantity": one.qty,
        "entry_price": one.entry_price,
        "exit_price": one.exit_price,
        "pnl": _cents(one.net),
        "pattern": one.strategy,
        "pattern_score": None,
        "timeframes_aligned": [],
        "stop_loss": _number(one.stop_price),
        "take_profit": _number(one.target_price),
        "max_drawdown": _cents(one.mae),
        "duration_minutes": round(_minutes(one), 2),
        "month": one.contract,
        "exit_reason": one.exit_reason,
        "points": round((one.exit_price - one.entry_price) * one.side, 9),
        "gross": _cents(one.gross),
        "fees": _cents(one.fees),
    }


def _line(run: str, one: TradeClosed) -> dict[str, Any]:
    return {
        "timestamp": _utc(one.exit_ts),
        "symbol": one.contract or one.instrument,
        "side": "long" if one.side > 0 else "short",
        "entryTime": _utc(one.entry_ts),
        "entryPrice": one.entry_price,
        "exitTime": _utc(one.exit_ts),
        "exitPrice": one.exit_price,
        "contracts": one.qty,
        "pnl": _cents(one.gross),
        "commission": _cents(one.fees),
        "netPnL": _cents(one.net),
        "slippage": _cents(one.slippage),
        "duration": _spelled(one.exit_ts - one.entry_ts),
        "strategy": one.strategy,
        "exitReason": one.exit_reason,
        "run": run,
        "tradeId": one.trade_id,
        "leg": one.leg,
    }


def _legs_in(path: Path) -> set[tuple[str, int, int]]:
    """The legs that are in the file; a line that somebody edited is passed over."""
    found = set()
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            told = json.loads(line)
            found.add((str(told["run"]), int(told["tradeId"]), int(told["leg"])))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _drop_torn_line(path: Path) -> None:
    """Take off a last line without its end: the machine went down while it was written."""
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)


def _minutes(one: TradeClosed) -> float:
    return (one.exit_ts - one.entry_ts) / (60 * SECOND_NS)


def _cents(dollars: float) -> float | None:
    return round(dollars, 2) if isfinite(dollars) else None


def _number(value: float) -> float | None:
    return value if isfinite(value) else None


def _utc(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns // SECOND_NS, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _spelled(ns: int) -> str:
    minutes, seconds = divmod(ns // SECOND_NS, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    first = next((k for k, (count, _) in enumerate(parts) if count), 2)
    return "".join(f"{count}{unit}" for count, unit in parts[first:])
