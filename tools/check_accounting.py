"""Recomputes every fill, fee and dollar of a run from `trades.parquet` and the bars alone.

It shares no code with the engine: products, fees, the walk inside a bar and the arithmetic are
written again here. A market entry must stand at the open of the bar after the decision, worse by
the slippage; a limit where a bar traded a tick through it, or at a better open; an exit where the
walk open, extreme against the position, other extreme, close first meets stop or target. Then fees,
gross, net, worst and best, the tie mark, the run's sums and its equity curve, equal to the cent.

    python tools/check_accounting.py RUN_FOLDER --data FILE --symbol ES [--data FILE2 --symbol NQ]

Exit code 1 when anything differs.
"""

import argparse
import bisect
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow.parquet as pq

# tick size, cents of a tick, cents a side under each fee table of `execution.fees`
PRODUCTS: Final[dict[str, tuple[float, int, dict[str, int]]]] = {
    "ES": (0.25, 1250, {"venue": 189, "venue_2025": 140, "flat_050": 50}),
    "MES": (0.25, 125, {"venue": 61, "venue_2025": 37, "flat_050": 50}),
    "NQ": (0.25, 500, {"venue": 189, "venue_2025": 140, "flat_050": 50}),
    "MNQ": (0.25, 50, {"venue": 61, "venue_2025": 37, "flat_050": 50}),
    "YM": (1.0, 500, {"venue": 189, "flat_050": 50}),
    "MYM": (1.0, 50, {"venue": 61, "flat_050": 50}),
    "GC": (0.1, 1000, {"venue": 216, "venue_2025": 162, "flat_050": 50}),
    "MGC": (0.1, 100, {"venue": 96, "venue_2025": 162, "flat_050": 50}),
}
FULL_SIZE: Final = {"MES": "ES", "MNQ": "NQ", "MYM": "YM", "MGC": "GC"}
BY_STOP: Final = frozenset({"stop", "breakeven", "trail"})
BY_TARGET: Final = frozenset({"target", "target1", "target2"})
MOST_SHOWN: Final = 20


class Bar(NamedTuple):
    """One bar in ticks, seen from the position's side: up is always good."""

    open: int
    worst: int
    best: int
    close: int
    worst_first: bool  # the walk of a flat account: low first when the bar closed up


class Exit(NamedTuple):
    """Where a leg ended, and what it saw on that bar before."""

    tick: int
    slip: int
    at_open: bool
    seen: tuple[int, ...]


@dataclass(frozen=True)
class Series:
    """Bars of one file in ticks."""

    ts: list[int]
    rows: list[tuple[int, int, int, int]]

    def bar(self, at: int, side: int) -> Bar:
        """The bar at a place, seen from a side."""
        o, h, low, c = self.rows[at]
        worst, best = min(side * h, side * low), max(side * h, side * low)
        return Bar(side * o, worst, best, side * c, (c >= o) == (side > 0))


@dataclass
class Report:
    """What was compared, and what differed."""

    counts: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def same(self, what: str, where: str, written: object, found: object) -> bool:
        """Count one comparison."""
        self.counts[what] = self.counts.get(what, 0) + 1
        if written != found:
            self.differences.append(f"{where}: {what} is {written}, the bars say {found}")
        return written == found


def cents(dollars: float) -> int:
    """Dollars of a file as whole cents."""
    return round(dollars * 100)


def read_bars(file: Path, tick: float) -> Series:
    """Open time and prices of a parquet file."""
    table = pq.read_table(file, columns=["ts", "open", "high", "low", "close"])
    ts = [int(x.value) for x in table["ts"]]
    prices = [[round(x / tick) for x in table[n].to_pylist()] for n in table.column_names[1:]]
    return Series(ts, list(zip(*prices, strict=True)))


def points(bar: Bar, held: bool) -> tuple[int, int, int, int]:
    """The walk inside a bar: against a position that is held, else the near extreme first."""
    against = held or bar.worst_first
    middle = (bar.worst, bar.best) if against else (bar.best, bar.worst)
    return (bar.open, *middle, bar.close)


def first_hit(
    walk: Sequence[int], start: int, since: int, stop: int, target: int, slip: int
) -> Exit | None:
    """The first order met from `start` (a price in the leg of the walk that ends at `since`) on."""
    seen: list[int] = []
    here = start
    for there in walk[since:]:
        if there < here and there <= stop:
            return Exit(min(stop, here) - slip, slip, False, tuple(seen))
        if there > here and there > target:
            return Exit(target, 0, False, tuple(seen))
        seen.append(there)
        here = there
    return None


def at_open(bar: Bar, stop: int, target: int, slip: int) -> Exit | None:
    """What the open itself fills: a stop at the worse price, a target at the better one."""
    if bar.open <= stop:
        return Exit(bar.open - slip, slip, True, ())
    return Exit(bar.open, 0, True, ()) if bar.open > target else None


@dataclass(frozen=True)
class Leg:
    """One row of trades.parquet in ticks, cents and the position's own direction."""

    row: dict[str, Any]
    side: int
    value: int
    entry: int
    stop: int
    target: int
    last_stop: int

    @classmethod
    def of(cls, row: dict[str, Any], tick: float, value: int) -> "Leg":
        """From a row as read."""
        side = int(row["side"])
        names = ("entry_price", "stop_price", "target_price", "stop_at_exit")
        return cls(row, side, value, *(side * round(row[name] / tick) for name in names))

    @property
    def name(self) -> str:
        """How a person finds it."""
        return f"trade {self.row['trade_id']} leg {self.row['leg']} ({self.row['instrument']})"


class Entered(NamedTuple):
    """A possible story of an entry: where on the bar, at what cost, what was left of the walk."""

    slip: int
    walk: tuple[int, ...]
    start: int
    since: int


def entries(leg: Leg, bar: Bar, slip: int) -> Iterator[Entered]:
    """Every way in which the bar could have filled this entry at its price."""
    held = points(bar, held=True)
    if leg.row["entry_kind"] == "market":
        if leg.entry == bar.open + slip:
            yield Entered(slip, held, bar.open, 0)
        return
    if leg.entry == bar.open:  # a limit above it: the better open
        yield Entered(0, held, bar.open, 0)
    through, flat = leg.entry - 1, points(bar, held=False)
    for at in range(1, len(flat)):
        if flat[at] < flat[at - 1] and flat[at] <= through <= flat[at - 1]:
            yield Entered(0, flat, through, at)
            return


def exits(
    leg: Leg, series: Series, first: int, last: int, entered: Entered, slip: int
) -> Iterator[tuple[Exit, list[int]]]:
    """Every way in which the leg could have ended on bar `last`, with all that it saw before."""
    seen: list[int] = []
    for at in range(first, last + 1):
        bar, fresh = series.bar(at, leg.side), at == first
        ending = at == last
        stop = leg.last_stop if ending else leg.stop
        walk = entered.walk if fresh else points(bar, held=True)
        if ending and not fresh and leg.row["exit_reason"] not in BY_TARGET | {"stop"}:
            yield Exit(bar.open - slip, slip, True, ()), seen
        hit = None if fresh else at_open(bar, stop, leg.target, slip)
        if hit is None:
            start, since = (entered.start, entered.since) if fresh else (bar.open, 0)
            hit = first_hit(walk, start, since, stop, leg.target, slip)
        if ending and hit is not None and leg.row["exit_reason"] in BY_STOP | BY_TARGET:
            yield hit, seen
        if ending and at == len(series.ts) - 1 and leg.row["exit_reason"] == "flatten":
            yield (
                Exit(bar.close - slip, slip, True, tuple(walk[entered.since if fresh else 0 :])),
                seen,
            )
        if hit is not None:
            return
        seen += walk[entered.since if fresh else 0 :]


def money(leg: Leg, entered: Entered, ended: Exit, seen: Sequence[int], fee: int) -> dict[str, int]:
    """What the story comes to, in cents and ticks."""
    qty = int(leg.row["qty"])
    path = (leg.entry, *seen, *ended.seen, ended.tick)
    gross, fees = (ended.tick - leg.entry) * qty * leg.value, 2 * qty * fee
    slips = entered.slip + ended.slip
    return {
        "gross": gross,
        "fees": fees,
        "net": gross - fees,
        "mae": (min(path) - leg.entry) * qty * leg.value,
        "mfe": (max(path) - leg.entry) * qty * leg.value,
        "slippage_ticks": slips * 100,
        "slippage": slips * qty * leg.value,
    }


def stories(
    leg: Leg, series: Series, first: int, last: int, slip: int, fee: int
) -> Iterator[tuple[int, dict[str, int], bool]]:
    """(exit tick, money, tie) of every story that fits the rules."""
    for entered in entries(leg, series.bar(first, leg.side), slip):
        for ended, seen in exits(leg, series, first, last, entered, slip):
            bar = series.bar(last, leg.side)
            both = bar.worst <= leg.last_stop and bar.best > leg.target
            yield ended.tick, money(leg, entered, ended, seen, fee), both and not ended.at_open


class Checker:
    """Compares the legs of a run with the bars of its instruments."""

    def __init__(self, series: dict[str, Series], slip: int, fees: str, age_ns: int) -> None:
        self.series, self.slip, self.fees, self.age_ns = series, slip, fees, age_ns
        self.report = Report()

    def leg(self, row: dict[str, Any]) -> int:
        """Check one row; returns its net in cents as the bars say."""
        tick, value, fees = PRODUCTS[row["instrument"]]
        leg, series = Leg.of(row, tick, value), self.series[row["instrument"]]
        first = bisect.bisect_left(series.ts, row["entry_ts"])
        last = bisect.bisect_left(series.ts, row["exit_ts"])
        if not self._on_bars(leg, series, first, last) or not self._entry(leg, series, first):
            return cents(row["net"])
        told = list(stories(leg, series, first, last, self.slip, fees[self.fees]))
        written = {
            name: cents(row[name])
            for name in ("gross", "fees", "net", "mae", "mfe", "slippage_ticks", "slippage")
        }
        exit_tick = leg.side * round(row["exit_price"] / tick)
        tie = bool(row["tie"])
        told.sort(
            key=lambda s: (s[0] == exit_tick) + (s[1] == written) + (s[2] == tie), reverse=True
        )
        if not told:
            self.report.same(
                "exit", leg.name, f"{row['exit_reason']} {row['exit_price']}", "no fill"
            )
            return cents(row["net"])
        story = told[0]
        self.report.same("exit price", leg.name, exit_tick, story[0])
        for name, amount in story[1].items():
            self.report.same(name, leg.name, written[name], amount)
        self.report.same("tie", leg.name, tie, story[2])
        self.report.same("bars", leg.name, int(row["bars"]), last - first)
        return story[1]["net"]

    def _on_bars(self, leg: Leg, series: Series, first: int, last: int) -> bool:
        known = len(series.ts)
        entry = series.ts[first] if first < known else None
        left = series.ts[last] if last < known else None
        found = self.report.same("entry bar", leg.name, leg.row["entry_ts"], entry)
        return self.report.same("exit bar", leg.name, leg.row["exit_ts"], left) and found

    def _entry(self, leg: Leg, series: Series, first: int) -> bool:
        """The bar that may fill the entry, and none before it that should have."""
        decided = bisect.bisect_left(series.ts, leg.row["decided_ts"])
        possible = list(entries(leg, series.bar(first, leg.side), self.slip))
        filled = self.report.same("entry price", leg.name, True, bool(possible))
        if leg.row["entry_kind"] == "market":
            age = series.ts[first] - leg.row["decided_ts"]
            fresh = self.report.same("signal age", leg.name, True, age <= self.age_ns)
            return self.report.same("entry place", leg.name, first, decided) and filled and fresh
        missed = [at for at in range(decided, first) if series.bar(at, leg.side).worst < leg.entry]
        return self.report.same("earlier fill", leg.name, [], missed) and filled


def check_overlaps(rows: Sequence[dict[str, Any]], report: Report) -> None:
    """One position an instrument: the next entry lies behind the last exit."""
    until: dict[str, tuple[int, int]] = {}
    for row in sorted(rows, key=lambda r: (r["entry_ts"], r["trade_id"])):
        trade, free = until.get(row["instrument"], (-1, -1))
        apart = trade == row["trade_id"] or row["entry_ts"] > free
        report.same("one position", f"trade {row['trade_id']}", True, apart)
        until[row["instrument"]] = (row["trade_id"], max(free, row["exit_ts"]))


def check_decisions(rows: Sequence[dict[str, Any]], folder: Path, report: Report) -> None:
    """Each trade was decided by its candidate, with the candidate's bracket."""
    table = pq.read_table(folder / "decisions.parquet").to_pylist()
    candidates = {row["candidate_id"]: row for row in table}
    last_leg = {row["trade_id"]: row["leg"] for row in sorted(rows, key=lambda r: r["leg"])}
    for row in rows:
        decided, tick = candidates[row["candidate_id"]], PRODUCTS[row["instrument"]][0]
        where = f"trade {row['trade_id']}"
        for name in ("instrument", "strategy", "side"):
            report.same(name, where, row[name], decided[name])
        report.same("outcome", where, str(row["trade_id"]), str(decided["outcome"]))
        stop = round((row["entry_price"] - row["stop_price"]) / tick) * row["side"]
        report.same("stop distance", where, stop, decided["sl_ticks"])
        if last_leg[row["trade_id"]] == row["leg"]:
            target = round((row["target_price"] - row["entry_price"]) / tick) * row["side"]
            report.same("target distance", where, target, decided["tp_ticks"])


def check_sums(
    rows: Sequence[dict[str, Any]], nets: Sequence[int], told: dict[str, Any], report: Report
) -> None:
    """The summary's sums and the equity after every trade."""
    summary = told["summary"]
    report.same("summary net", "summary", cents(summary["net"]), sum(nets))
    for name in ("gross", "fees", "slippage"):
        report.same(
            f"summary {name}",
            "summary",
            cents(summary[name]),
            sum(cents(row[name]) for row in rows),
        )
    report.same("summary legs", "summary", summary["legs"], len(rows))
    trades: dict[int, tuple[int, int]] = {}
    for row, net in zip(rows, nets, strict=True):
        ended, so_far = trades.get(row["trade_id"], (0, 0))
        trades[row["trade_id"]] = (max(ended, row["exit_ts"]), so_far + net)
    report.same("summary trades", "summary", summary["trades"], len(trades))
    equity, curve = cents(told["limits"]["start"]), []
    for _, (_, net) in sorted(trades.items(), key=lambda item: (item[1][0], item[0])):
        equity += net
        curve.append(equity)
    for at, (written, found) in enumerate(zip(told["curve"]["cents"], curve, strict=True)):
        report.same("equity", f"after trade {at + 1}", written, found)


def check(folder: Path, files: dict[str, Path]) -> Report:
    """Check a run's folder against the bars it ran on."""
    told = json.loads((folder / "report.json").read_text())
    execution = told["config"]["snapshot"]["execution"]
    rows = pq.read_table(folder / "trades.parquet").to_pylist()
    series: dict[str, Series] = {}
    for name in {row["instrument"] for row in rows}:
        file = files.get(name) or files.get(FULL_SIZE.get(name, ""))
        if file is None:
            raise SystemExit(f"{name} was traded: give its bars with --data FILE --symbol {name}")
        series[name] = read_bars(file, PRODUCTS[name][0])
    age_ns = execution["max_signal_age_s"] * 1_000_000_000
    checker = Checker(series, execution["slippage_ticks"], execution["fees"], age_ns)
    nets = [checker.leg(row) for row in rows]
    check_overlaps(rows, checker.report)
    check_decisions(rows, folder, checker.report)
    check_sums(rows, nets, told, checker.report)
    return checker.report


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="RUN_FOLDER")
    parser.add_argument("--data", action="append", type=Path, required=True, help="parquet file")
    parser.add_argument("--symbol", action="append", required=True, help="whose bars it holds")
    asked = parser.parse_args()
    if len(asked.data) != len(asked.symbol):
        parser.error("give one --symbol for each --data")
    report = check(asked.folder, dict(zip(asked.symbol, asked.data, strict=True)))
    for what, count in report.counts.items():
        print(f"{what:>18} {count:>8,}")
    for words in report.differences[:MOST_SHOWN]:
        print(words)
    print(f"{sum(report.counts.values()):,} figures compared, {len(report.differences):,} differ")
    return 1 if report.differences else 0


if __name__ == "__main__":
    sys.exit(main())
