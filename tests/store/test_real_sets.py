"""The real sets: known defects are found, sound bars pass, and reading is fast."""

import os
from pathlib import Path

import numpy as np
import pytest

from julie.core.clock import MachineClock
from julie.store.check import check_bars
from julie.store.read import load_bars
from julie.store.sheet import Reading

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("JULIE_DATA", ROOT.parent / "shared" / "data"))

pytestmark = pytest.mark.skipif(
    not (REAL / "es_1m.parquet").is_file(), reason=f"no real sets in {REAL} (JULIE_DATA names them)"
)

HOLES = (
    "2024-12-18", "2025-01-15", "2025-02-12", "2025-03-12",
    "2025-04-30", "2025-05-28", "2025-06-25", "2025-07-23",
)  # fmt: skip


def test_check_of_es_finds_the_wednesdays_and_the_rolls() -> None:
    report = check_bars(REAL / "es_1m.parquet", "ES", Reading({"volume": "volume_est"}))
    assert report.usable
    assert report.faults["duplicates"] == report.faults["off_grid"] == 0
    assert tuple(hole.day for hole in report.holes) == HOLES
    assert {hole.bars for hole in report.holes} == {960}
    assert [(roll.at[:10], roll.contract, roll.gap_pts) for roll in report.rolls] == [
        ("2024-12-16", "H25", 73.25),
        ("2025-03-17", "M25", 51.5),
        ("2025-06-15", "U25", 51.75),
    ]
    assert report.outside_hours == {}


def test_es_with_estimated_volume() -> None:
    bars = load_bars(REAL / "es_1m.parquet", "ES", mapping={"volume": "volume_est"})
    assert (len(bars), bars.base_s, bars.contract) == (233_010, 60, ("Z24", "H25", "M25", "U25"))
    assert bars.has_volume
    assert bars.shift[[0, -1]].tolist() == [176.5, 0.0]
    assert not load_bars(REAL / "es_1m.parquet", "ES").has_volume


@pytest.mark.parametrize(
    ("name", "symbol", "base_s", "rolls"),
    [
        ("nq_1m", "NQ", 60, 3),
        ("es_5m_vol", "ES", 300, 3),
        ("es_5m_contracts", "ES", 300, 26),
        ("mes_1m_vol", "MES", 60, 0),
        ("mes_15m_vol", "MES", 900, 0),
        ("ym_15m_vol", "YM", 900, 0),
        ("gc_15m", "GC", 900, 0),
        ("es_1m_bidask", "ES", 60, 0),
    ],
)
def test_every_real_set_is_read(name: str, symbol: str, base_s: int, rolls: int) -> None:
    bars = load_bars(REAL / f"{name}.parquet", symbol)
    assert (bars.base_s, len(bars.rolls)) == (base_s, rolls)
    assert np.all(np.diff(bars.ts) > 0)


def test_a_third_of_a_million_bars_are_read_at_once() -> None:
    clock = MachineClock()
    load_bars(REAL / "nq_1m.parquet", "NQ")
    took = []
    for _ in range(3):
        before = clock.mono_ns()
        bars = load_bars(REAL / "nq_1m.parquet", "NQ")
        took.append((clock.mono_ns() - before) / len(bars) * 350_000 / 1e6)
    assert min(took) < 300, f"{min(took):.0f} ms for 350,000 bars"  # 60 ms alone on the machine
