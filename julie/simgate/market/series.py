"""Where prices come from: recorded bars, recorded quotes and trades, or a generated session.

A series holds rows of bars in ticks of the product it is served as; recorded ticks come beside
them, and their bars are what they add up to. In quotes without trades a change of the last price is
a trade of one contract.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from julie.core.bars import Bars
from julie.core.calendar import load_calendar
from julie.core.errors import DataError
from julie.core.instruments import Instrument, instrument
from julie.core.zones import MINUTE_NS
from julie.simgate.exchange.setup import Setup, Source
from julie.simgate.market.contracts import Product, product_of
from julie.store.read import load_bars
from julie.synth import generate

Ints = npt.NDArray[np.int64]
NONE: Final = -(1 << 40)  # no bid, no ask, no print: far below any price in ticks


@dataclass(frozen=True, slots=True)
class Ticks:
    """Recorded events in ticks; `last` is NONE where nothing traded."""

    ts: Ints
    bid: Ints
    ask: Ints
    last: Ints
    size: Ints
    sell: npt.NDArray[np.bool_]  # the aggressor sold


@dataclass(frozen=True, slots=True)
class Series:
    """One product with its rows: of bars always, of ticks where there are any."""

    product: Product
    ts: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints  # 0 where it is not known
    month: Ints
    base_ns: int
    ticks: Ticks | None = None

    def row_at(self, ns: int) -> int:
        """The row whose bar starts at a time; -1 = none."""
        at = int(np.searchsorted(self.ts, ns))
        return at if at < len(self.ts) and int(self.ts[at]) == ns else -1

    def next_start(self, ns: int) -> int | None:
        """When the next row starts after a time: a bar, or a recorded tick's minute."""
        ts = self.ts if self.ticks is None else self.ticks.ts
        at = int(np.searchsorted(ts, ns, side="right"))
        return int(ts[at]) if at < len(ts) else None


def load_series(setup: Setup) -> tuple[Series, ...]:
    """Every series of a setup, in its order."""
    found: list[Series] = []
    for source in setup.sources:
        read = _read_ticks if source.kind == "ticks" else _read_bars
        found.extend(read(source, setup))
    return tuple(found)


def _read_bars(source: Source, setup: Setup) -> list[Series]:
    if source.file is None:
        bars = generate(seed=setup.seed, symbols=(source.symbol,)).bars[source.symbol]
    else:
        bars = load_bars(source.file, source.symbol, mapping=source.mapping)
    return [_served(bars, instrument(symbol)) for symbol in source.serve]


def _served(bars: Bars, served: Instrument, ticks: Ticks | None = None) -> Series:
    product = product_of(served, bars, load_calendar())

    def grid(prices: npt.NDArray[np.float64]) -> Ints:
        return np.rint(prices / served.tick).astype(np.int64)

    return Series(
        product=product,
        ts=bars.ts,
        open=grid(bars.open),
        high=grid(bars.high),
        low=grid(bars.low),
        close=grid(bars.close),
        volume=np.nan_to_num(bars.volume).astype(np.int64),
        month=bars.contract_of.astype(np.int64),
        base_ns=bars.base_ns,
        ticks=ticks,
    )


def _read_ticks(source: Source, setup: Setup) -> list[Series]:
    if source.file is None:
        raise DataError("a source of ticks needs a file", "name one with --data")
    table = _table(source)
    traded = instrument(source.symbol)
    return [_tick_series(table, traded, instrument(symbol), source) for symbol in source.serve]


def _table(source: Source) -> pa.Table:
    assert source.file is not None  # noqa: S101 - the caller has looked
    try:
        if source.file.suffix == ".csv":
            table = pa_csv.read_csv(source.file)
        else:
            table = pq.read_table(source.file)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(
            f"{source.file} cannot be read: {error}", "give a parquet or CSV"
        ) from error
    if "ts" not in table.column_names or not {"price", "last"} & set(table.column_names):
        raise DataError(
            f"{source.file} has no columns ts and price (or bid, ask, last)",
            "ticks are: ts, price, size, side; quotes are: ts, bid, ask, last",
        )
    return table.sort_by("ts")


def _tick_series(table: pa.Table, traded: Instrument, served: Instrument, source: Source) -> Series:
    ts = table["ts"].cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_numpy()

    def column(name: str) -> Ints:
        if name not in table.column_names:
            return np.full(len(ts), NONE, dtype=np.int64)
        prices = table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
        out = np.full(len(ts), NONE, dtype=np.int64)
        known = np.isfinite(prices)
        out[known] = np.rint(prices[known] / served.tick).astype(np.int64)
        return out

    last = column("price") if "price" in table.column_names else _changes(column("last"))
    size = np.ones(len(ts), dtype=np.int64)
    if "size" in table.column_names:
        size = table["size"].cast(pa.int64()).to_numpy(zero_copy_only=False)
    bid, ask = column("bid"), column("ask")
    sell = _sellers(table, last, bid)
    bars = _bars_of(ts, last, size, traded, served, source)
    return _served(bars, served, Ticks(ts, bid, ask, last, size, sell))


def _changes(last: Ints) -> Ints:
    """A trade wherever the last price differs from the one before."""
    traded = np.zeros(len(last), dtype=bool)
    traded[1:] = last[1:] != last[:-1]
    return np.where(traded, last, NONE)


def _sellers(table: pa.Table, last: Ints, bid: Ints) -> npt.NDArray[np.bool_]:
    if "side" in table.column_names:
        words = np.array([str(word).lower()[:1] for word in table["side"].to_pylist()])
        return np.isin(words, ("s", "a"))
    sold: npt.NDArray[np.bool_] = (bid != NONE) & (last <= bid)
    return sold


def _bars_of(
    ts: Ints, last: Ints, size: Ints, traded: Instrument, served: Instrument, source: Source
) -> Bars:
    """The minutes that the trades add up to."""
    rows = np.flatnonzero(last != NONE)
    minute = ts[rows] // MINUTE_NS * MINUTE_NS
    starts = np.flatnonzero(np.diff(minute, prepend=minute[:1] - 1))
    ends = np.append(starts[1:], len(rows)) - 1
    price = (last[rows] * served.tick).astype(np.float64)
    count = len(starts)
    return Bars(
        instrument=traded,
        base_s=60,
        ts=minute[starts],
        open=price[starts],
        high=np.maximum.reduceat(price, starts),
        low=np.minimum.reduceat(price, starts),
        close=price[ends],
        volume=np.add.reduceat(size[rows], starts).astype(np.float64),
        shift=np.zeros(count),
        contract=("",),
        contract_of=np.zeros(count, dtype=np.int16),
        rolls=np.zeros(0, dtype=np.int64),
        roll_estimated=np.zeros(0, dtype=np.bool_),
        source=str(source.file),
        sha256="",
    )
