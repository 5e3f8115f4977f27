"""Fits julie/synth/tables/curves.csv, the clock of the simulated day, on the real sets.

Run it when the real sets change:  python tools/fit_synth_curves.py [--check] One row is five
minutes of the trading day: the mean range of a 1-minute bar (basis points) and the mean volume of a
minute (contracts). Only these averages are kept, never a bar.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.optimize import linprog  # type: ignore[import-untyped]  # it ships no types

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from julie.core.calendar import load_calendar  # noqa: E402 - the package lies beside tools/

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]

DATA = Path(os.environ.get("JULIE_DATA", ROOT.parent / "shared" / "data"))
OUT = ROOT / "julie" / "synth" / "tables" / "curves.csv"
ROWS = 276  # five-minute rows from 18:00 to 17:00 ET
MNQ_PER_NQ = 3.0  # no real MNQ volume was reachable; the micro trades about three times the mini

# Which real sets a symbol's hourly volume is fitted on, and the one whose level it takes.
VOLUME_SETS: Final = {
    "ES": ("es_5m_vol", "es_1m_bidask"),
    "MES": ("mes_15m_vol", "mes_1m_vol"),
    "NQ": ("nq_5m_vol",),
}
MINUTES: Final = {"es_5m_vol": 5, "nq_5m_vol": 5, "mes_15m_vol": 15}


def read(name: str, *columns: str) -> tuple[Places, Places, Floats]:
    """Minute of the day, trading day and columns of a real set, inside trading hours."""
    table = pq.read_table(DATA / f"{name}.parquet", columns=["ts", *columns])
    ts = table["ts"].cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_numpy()
    values = np.stack([table[c].to_numpy().astype(np.float64) for c in columns])
    calendar = load_calendar()
    day = calendar.index_of(ts)
    inside = day >= 0
    return calendar.minute_of(ts[inside]), day[inside], values[:, inside]


def by_group(group: npt.NDArray[np.int64], values: Floats, size: int) -> Floats:
    """Mean of the values of each group."""
    count = np.bincount(group, minlength=size)
    sums = np.bincount(group, values, minlength=size)
    return np.asarray(sums / np.maximum(count, 1))


def range_curve(name: str) -> Floats:
    """Mean range in basis points: the hour's level as it was, the shape inside it free of wild
    days.
    """
    minute, day, (high, low, close) = read(name, "high", "low", "close")
    spread = (high - low) / close * 1e4
    of_day = by_group(day.astype(np.int64), spread, int(day.max()) + 1)
    calm = np.minimum(spread / of_day[day], 6.0)
    shape = by_group(minute.astype(np.int64) // 5, calm, ROWS)
    level = by_group(minute.astype(np.int64) // 60, spread, 23)
    return np.asarray(shape * np.repeat(level / shape.reshape(23, 12).mean(axis=1), 12))


def hourly_volume(name: str) -> Floats:
    """Mean volume of a minute by hour of the trading day."""
    minute, _, (volume,) = read(name, "volume")
    return by_group(minute.astype(np.int64) // 60, volume / MINUTES.get(name, 1), 23)


def between(curves: Floats) -> Floats:
    """The curve (sum 1) whose largest relative distance to any of the sets is smallest."""
    hours = curves.shape[1]
    rows, limits = [], []
    for curve in curves:
        for hour in range(hours):
            for sign in (1.0, -1.0):
                row = np.zeros(hours + 1)
                row[hour], row[-1] = sign / curve[hour], -1.0
                rows.append(row)
                limits.append(sign)
    total = np.append(np.ones(hours), 0.0)[None, :]
    cost = np.append(np.zeros(hours), 1.0)
    # First how near one can get, then the curve nearest to the middle that is as near.
    best = linprog(cost, A_ub=np.array(rows), b_ub=limits, A_eq=total, b_eq=[1.0])
    reach = float(best.x[-1]) + 1e-4
    low = np.max(curves * (1 - reach), axis=0)
    high = np.min(curves * (1 + reach), axis=0)
    middle = np.exp(np.log(curves).mean(axis=0))
    ladder = [np.clip(middle * lift, low, high) for lift in np.linspace(0.7, 1.4, 7001)]
    return min(ladder, key=lambda curve: abs(float(curve.sum()) - 1.0))


def volume_curve(symbol: str) -> Floats:
    """Mean volume of a minute by five-minute row; the shape inside an hour is that of the minis."""
    sets = VOLUME_SETS[symbol]
    hourly = np.stack([hourly_volume(name) for name in sets])
    level = hourly[0].mean()
    target = between(hourly / hourly.sum(axis=1, keepdims=True)) * level * 23
    minute, _, (volume,) = read("nq_5m_vol" if symbol == "NQ" else "es_5m_vol", "volume")
    shape = by_group(minute.astype(np.int64) // 5, volume, ROWS).reshape(23, 12)
    return np.asarray((shape / shape.mean(axis=1, keepdims=True) * target[:, None]).ravel())


def text() -> str:
    """The table, with the words on where it comes from."""
    nq = volume_curve("NQ")
    columns = {
        "es_range_bp": range_curve("es_1m"),
        "nq_range_bp": range_curve("nq_1m"),
        "es_volume": volume_curve("ES"),
        "mes_volume": volume_curve("MES"),
        "nq_volume": nq,
        "mnq_volume": nq * MNQ_PER_NQ,
    }
    lines = [
        "# The clock of the simulated day, made by tools/fit_synth_curves.py: averages, no bars.",
        "# Ranges: es_1m, nq_1m (2024-12-03 to 2025-08-08). Volume by hour: ES between es_5m_vol",
        "# and es_1m_bidask, MES between mes_15m_vol and mes_1m_vol, NQ nq_5m_vol, MNQ 3 x NQ.",
        "minute," + ",".join(columns),
    ]
    for row in range(ROWS):
        values = (f"{curve[row]:.4g}" for curve in columns.values())
        lines.append(f"{row * 5}," + ",".join(values))
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    made = text()
    if parser.parse_args().check:
        same = OUT.read_text(encoding="utf-8") == made
        print("the curves are up to date" if same else f"{OUT} differs: run without --check")
        return 0 if same else 9
    OUT.write_text(made, encoding="utf-8")
    print(f"wrote {OUT}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
