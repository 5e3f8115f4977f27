"""What is planted in a set of bars is found, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from julie.store.check import check_bars
from julie.store.rows import Rows

Market = Callable[..., Rows]
Saved = Callable[..., Path]


def test_clean_bars_have_nothing(market: Market, saved: Saved) -> None:
    report = check_bars(saved(market(days=10, seed=5)), "ES")
    assert report.usable
    assert set(report.faults.values()) == {0}
    assert (report.missing_bars, report.holes, report.rolls) == (0, (), ())
    assert report.trading_days == 10


def test_an_early_close_is_no_hole(market: Market, saved: Saved) -> None:
    report = check_bars(saved(market("2025-06-16", days=8)), "ES")
    assert (report.early_closes, report.missing_bars) == (1, 0)


def test_duplicates_disorder_and_odd_rows_are_counted(market: Market, saved: Saved) -> None:
    made = market(days=5)
    assert made.volume is not None
    made.high[20] += 0.1
    made.low[30] = made.high[30] + 5
    made.close[40] = np.nan
    made.volume[50] = -9
    rows = np.append(np.arange(len(made)), [60, 60])
    rows[[100, 101]] = rows[[101, 100]]
    report = check_bars(saved(made.take(rows)), "ES")
    assert report.faults == {
        "unsorted": 2,
        "duplicates": 2,
        "no_price": 1,
        "off_grid": 1,
        "ohlc": 1,
        "negative_volume": 1,
        "off_raster": 0,
    }
    assert not report.usable
    assert len(report.details) == 6


def test_holes_are_listed_from_the_first_to_the_last_missing_bar(
    market: Market, saved: Saved
) -> None:
    made = market("2025-06-02", days=5)
    keep = np.ones(len(made), dtype=bool)
    keep[400:500] = False  # inside Monday
    keep[1380 : 2 * 1380] = False  # the whole of Tuesday
    keep[2 * 1380 : 2 * 1380 + 30] = False  # and the first bars of Wednesday
    keep[4000:4003] = False  # too short to list
    report = check_bars(saved(made.take(keep)), "ES")
    found = [(hole.day, hole.bars, hole.whole_day) for hole in report.holes]
    assert found == [
        ("2025-06-02", 100, False),
        ("2025-06-03", 1380, True),
        ("2025-06-04", 30, False),
    ]
    assert report.holes[0].first == "2025-06-02 04:40:00 UTC"
    assert report.holes[0].last == "2025-06-02 06:19:00 UTC"
    assert (report.short_holes, report.missing_bars) == (1, 1513)


@pytest.mark.parametrize(("first", "missing"), [("2021-06-07", 0), ("2025-06-02", 75)])
def test_the_halt_of_earlier_years_is_no_hole(
    first: str, missing: int, market: Market, saved: Saved
) -> None:
    made = market(first, days=5)
    minute = np.arange(len(made)) % 1380
    halted = (minute >= 1335) & (minute < 1350)
    report = check_bars(saved(made.take(~halted)), "ES")
    assert report.missing_bars == missing
    assert len(report.holes) == missing // 15


def test_a_spike_is_taken_back_by_the_next_bar(market: Market, saved: Saved) -> None:
    made = market(days=20, seed=3)
    close = made.close.copy()
    close[5000] += 30  # there and back
    close[9000:] += 30  # there, and it stays
    rows = replace(
        made,
        close=close,
        high=np.maximum(np.maximum(made.high, close), made.open),
        low=np.minimum(np.minimum(made.low, close), made.open),
    )
    report = check_bars(saved(rows), "ES")
    assert [spike.at for spike in report.spikes] == [_shown(made, 5000)]
    assert report.spikes[0].move_pts == pytest.approx(close[5000] - close[4999])
    assert report.spikes[0].times_median > 12


def _shown(rows: Rows, k: int) -> str:
    return str(np.datetime64(int(rows.ts[k]) // 10**9, "s")).replace("T", " ") + " UTC"


def test_rolls_and_rows_outside_hours(market: Market, saved: Saved) -> None:
    made = market(days=5, base_s=300)
    ts = made.ts.copy()
    ts[-2:] += 3600 * 10**9
    adj = np.where(np.arange(len(made)) < 500, 40.0, 0.0)
    report = check_bars(saved(replace(made, ts=ts), adj=adj), "ES")
    assert [(roll.gap_pts, roll.estimated) for roll in report.rolls] == [(40.0, False)]
    assert sum(report.outside_hours.values()) == 2
