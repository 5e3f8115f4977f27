"""Files that cannot be used: one message, and a cure that helps."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from julie.core.errors import DataError, Exit, UsageError
from julie.core.zones import zone
from julie.store.importer import import_file
from julie.store.read import load_bars, load_several
from julie.store.rows import Rows

Market = Callable[..., Rows]
Saved = Callable[..., Path]


def changed(values: np.ndarray, row: int, value: float) -> np.ndarray:
    copy = values.copy()
    copy[row] = value
    return copy


def utc(ts: np.ndarray) -> pa.Array:
    return pa.array(ts, type=pa.timestamp("ns", tz="UTC"))


def refused(path: Path, message: str, cure: str, **flags: object) -> DataError:
    with pytest.raises(DataError, match=message) as caught:
        load_bars(path, "ES", **flags)  # type: ignore[arg-type]
    assert re.search(cure, caught.value.cure), caught.value.cure
    assert caught.value.exit_code == Exit.USAGE
    return caught.value


@pytest.mark.parametrize("name", ["es.parquet", "es.csv", "es.json", "es.txt"])
def test_empty_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    refused(tmp_path / name, "is empty", "again")


def test_missing_file(tmp_path: Path) -> None:
    refused(tmp_path / "es.parquet", "there is no file", "--data")


def test_truncated_parquet(market: Market, saved: Saved) -> None:
    path = saved(market())
    path.write_bytes(path.read_bytes()[:5000])
    refused(path, "no whole parquet file", "again")


def test_truncated_text(tmp_path: Path) -> None:
    path = tmp_path / "es.csv"
    path.write_text("ts,open,high,low,close\n2025-06-02 10:00,1,1,1,1\n2025-06-02 10:01,1,1\n")
    refused(path, "Expected 5 columns, got 3", "cut off")


def test_truncated_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "es.jsonl"
    path.write_text('{"ts": 1748865600, "open": 1}\n{"ts": 17488')
    refused(path, "line 2 is no JSON", "cut off")


def test_a_header_of_unknown_names_is_not_taken_for_none(tmp_path: Path) -> None:
    rows = "".join(f"2025-06-02T10:{m:02}:00Z,1,2,1,1,5\n" for m in range(30))
    path = tmp_path / "es.csv"
    path.write_text("ts,foo,high,low,bar,volume\n" + rows)
    refused(path, "no column for open, close; it has ts, foo", "--map open=")


def test_wrong_columns(market: Market, saved: Saved) -> None:
    made = market()
    error = refused(
        saved(made, close=None, settle=made.close), "no column for close", "--map close="
    )
    assert "settle" in error.message


def test_map_names_a_column_that_is_not_there(market: Market, saved: Saved) -> None:
    path = saved(market(), volume=None, volume_est=market().volume)
    flags = {"mapping": {"volume": "volume_set"}}
    refused(path, "there is no column 'volume_set'", "did you mean volume_est", **flags)


def test_map_names_a_part_that_a_bar_does_not_have(market: Market, saved: Saved) -> None:
    with pytest.raises(UsageError, match="no 'volumn' in a bar") as caught:
        load_bars(saved(market()), "ES", mapping={"volumn": "volume"})
    assert "volume" in caught.value.cure


def test_map_that_no_file_has_is_refused_and_one_is_enough(market: Market, saved: Saved) -> None:
    made = market()
    with_volume = saved(made, "a.parquet", volume=None, vol_est=made.volume)
    without = saved(market(symbol="NQ"), "b.parquet", volume=None)
    es, nq = load_several([with_volume, without], ["ES", "NQ"], mapping={"volume": "vol_est"})
    assert es.has_volume
    assert not nq.has_volume
    with pytest.raises(DataError, match="no file has a column 'vols'"):
        load_several([with_volume, without], ["ES", "NQ"], mapping={"volume": "vols"})


@pytest.mark.parametrize(("sources", "symbols"), [(["a", "b"], ["ES"]), (["a", "b"], ["ES", "ES"])])
def test_data_and_symbol_come_in_pairs(sources: list[str], symbols: list[str]) -> None:
    with pytest.raises(UsageError, match=r"--data but|named twice"):
        load_several(sources, symbols)


def test_mixed_offsets_in_text(tmp_path: Path) -> None:
    path = tmp_path / "es.csv"
    row = "2025-06-02T10:{:02d}:00{},6000,6001,5999,6000\n"
    path.write_text(
        "ts,open,high,low,close\n" + "".join(row.format(k, "Z" if k % 2 else "") for k in range(9))
    )
    refused(path, "mixed time zones", "one zone")
    path.write_text(
        "ts,open,high,low,close\n"
        + "".join(row.format(k, "-04:00" if k < 5 else "+02:00") for k in range(9))
    )
    refused(path, "mixed time zones.*-04:00", "one zone")


def test_offsets_of_winter_and_summer_are_one_zone(market: Market, tmp_path: Path) -> None:
    made = market("2025-03-07", days=2)
    path = tmp_path / "es.csv"
    lines = ["ts,open,high,low,close\n"]
    for k, ts in enumerate(made.ts):
        offset = -5 if ts < np.datetime64("2025-03-09T07", "ns").astype(int) else -4
        wall = np.datetime64(int(ts) // 10**9 + offset * 3600, "s")
        prices = f"{made.open[k]},{made.high[k]},{made.low[k]},{made.close[k]}"
        lines.append(f"{wall}{offset:+03d}:00,{prices}\n")
    path.write_text("".join(lines))
    np.testing.assert_array_equal(load_bars(path, "ES").ts, made.ts)


def test_unsorted_rows_are_refused_and_import_sorts_them(market: Market, saved: Saved) -> None:
    made = market()
    shuffled = np.random.default_rng(3).permutation(len(made))
    path = saved(made.take(shuffled))
    refused(path, "go back in time", "julie data import")
    report = import_file(path, "ES", path.parent / "data")
    assert any("sorted by time" in action for action in report.actions)
    np.testing.assert_array_equal(load_bars(path.parent / "data", "ES").close, made.close)


def test_duplicates_are_refused_and_import_keeps_one(market: Market, saved: Saved) -> None:
    made = market()
    twice = made.take(np.sort(np.append(np.arange(len(made)), [5, 6, 6])))
    path = saved(twice)
    refused(path, "3 of .* rows stand there twice", "julie data import")
    report = import_file(path, "ES", path.parent / "data")
    assert any("3 rows stood there twice" in action for action in report.actions)
    np.testing.assert_array_equal(load_bars(path.parent / "data", "ES").ts, made.ts)


def test_of_unlike_duplicates_the_one_with_more_volume_is_kept(
    market: Market, saved: Saved
) -> None:
    made = market()
    assert made.volume is not None
    twice = made.take(np.sort(np.append(np.arange(len(made)), [5])))
    assert twice.volume is not None
    path = saved(
        twice,
        volume=changed(twice.volume, 5, 1e6),
        high=changed(twice.high, 5, twice.high[5] + 10),
    )
    report = import_file(path, "ES", path.parent / "data")
    assert any("1 were not alike" in action for action in report.actions)
    assert load_bars(path.parent / "data", "ES").high[5] == made.high[5] + 10


@pytest.mark.parametrize("price", [np.nan, 0.0, -4.0])
def test_rows_without_a_price(price: float, market: Market, saved: Saved) -> None:
    made = market()
    path = saved(made, close=changed(made.close, 7, price))
    error = refused(path, "have no price", "julie data check")
    assert "row 8" in error.message


def test_negative_volume_and_missing_volume(market: Market, saved: Saved) -> None:
    made = market()
    assert made.volume is not None
    refused(saved(made, volume=changed(made.volume, 3, -7)), "negative volume", "correct or delete")
    missing = changed(changed(made.volume, 3, -1), 4, np.nan)
    bars = load_bars(saved(made, volume=missing), "ES")
    assert np.flatnonzero(np.isnan(bars.volume)).tolist() == [3, 4]


def test_off_grid_prices(market: Market, saved: Saved) -> None:
    made = market()
    path = saved(made, high=changed(made.high, 9, made.high[9] + 0.1))
    refused(path, r"1 of .* off the grid \(ES trades in steps of 0.25\)", "--symbol")


def test_decimal_dust_is_no_off_grid_price(market: Market, saved: Saved) -> None:
    made = market(symbol="GC", level=30_000)
    path = saved(
        made, **{name: getattr(made, name) + 1e-9 for name in ("open", "high", "low", "close")}
    )
    bars = load_bars(path, "GC")
    np.testing.assert_array_equal(bars.close, made.close)


@pytest.mark.parametrize(("column", "by"), [("high", -50.0), ("low", 50.0)])
def test_contradicting_prices(column: str, by: float, market: Market, saved: Saved) -> None:
    made = market()
    values = getattr(made, column)
    path = saved(made, **{column: changed(values, 11, values[11] + by)})
    refused(path, "contradict themselves", "julie data check")


def test_every_fault_is_told_at_once(market: Market, saved: Saved) -> None:
    made = market()
    assert made.volume is not None
    path = saved(
        made,
        close=changed(made.close, 7, np.nan),
        high=changed(made.high, 9, made.high[9] + 0.1),
        volume=changed(made.volume, 3, -7),
    )
    error = refused(path, "have no price", "correct or delete")
    assert "off the grid" in error.message
    assert "negative volume" in error.message


def test_times_between_the_minutes(market: Market, saved: Saved) -> None:
    made = market()
    refused(saved(made, ts=utc(changed(made.ts, 4, made.ts[4] + 10**9))), "whole 60 s", "correct")


def test_few_rows_outside_hours_are_left_out_and_counted(market: Market, saved: Saved) -> None:
    made = market()
    shifted = made.ts.copy()
    shifted[-3:] += 60 * 60 * 10**9  # into the daily break
    bars = load_bars(saved(made, ts=utc(shifted)), "ES")
    assert len(bars) == len(made) - 3
    assert any("3 of" in note and "in the daily break" in note for note in bars.notes)


def test_wall_clocks_marked_as_utc_are_refused_with_the_zone(market: Market, saved: Saved) -> None:
    made = market(days=5)
    path = saved(made, ts=utc(zone("America/Chicago").local(made.ts)))
    refused(path, "bars lie outside trading hours.*fit America/Chicago", "--tz America/Chicago")
    np.testing.assert_array_equal(load_bars(path, "ES", tz="America/Chicago").ts, made.ts)


def test_parquet_without_a_zone_is_placed_by_the_trading_hours(
    market: Market, saved: Saved
) -> None:
    made = market(days=5)
    naive = pa.timestamp("ns")
    for name in ("UTC", "America/New_York"):
        path = saved(made, ts=pa.array(zone(name).local(made.ts), type=naive))
        np.testing.assert_array_equal(load_bars(path, "ES").ts, made.ts)
    morning = market(days=2, minutes=(700, 900))
    path = saved(morning, ts=pa.array(morning.ts, type=naive))
    bars = load_bars(path, "ES")
    np.testing.assert_array_equal(bars.ts, morning.ts)
    assert any("assumed for parquet" in note for note in bars.notes)


def test_many_rows_outside_hours_are_refused(market: Market, saved: Saved) -> None:
    made = market(days=5, minutes=(0, 180))
    path = saved(made, ts=utc(made.ts - 3 * 3600 * 10**9))
    refused(path, "lie outside trading hours: .* in the daily break", "--tz")


def test_unknown_instrument_and_zone(market: Market, saved: Saved) -> None:
    path = saved(market())
    with pytest.raises(UsageError, match="unknown instrument 'SPY'"):
        load_bars(path, "SPY")
    naive = saved(market(), ts=pa.array(market().ts, type=pa.timestamp("ns")))
    with pytest.raises(UsageError, match="unknown time zone"):
        load_bars(naive, "ES", tz="New York")


def test_a_range_without_data_names_the_range_there_is(market: Market, saved: Saved) -> None:
    path = saved(market("2025-06-02", days=5))
    error = refused(path, "no bars from 2025-07-01", "2025-06-02 to 2025-06-06", start="2025-07-01")
    assert "2025-06-06" in error.cure
    with pytest.raises(UsageError, match="--from June: no date"):
        load_bars(path, "ES", start="June")


def test_daily_bars_and_odd_spacings(market: Market, saved: Saved) -> None:
    made = market(days=30)
    daily = np.unique(made.ts // (24 * 3600 * 10**9), return_index=True)[1]
    refused(saved(made.take(daily)), "a day or longer", "intraday")
    refused(saved(made.take(slice(None, None, 7))), "420 s apart", "60")
    refused(saved(made.take(slice(0, 1))), "too few", "two bars")


def test_text_without_bars(tmp_path: Path) -> None:
    path = tmp_path / "es.csv"
    path.write_text("hello,world\nthis,is\nno,data\n")
    refused(path, "no line holds a time and four prices", "give bars")


def test_a_time_that_cannot_be_read_names_its_row(tmp_path: Path) -> None:
    path = tmp_path / "es.csv"
    rows = [f"2025-06-02 10:{k:02d},6000,6001,5999,6000\n" for k in range(9)]
    rows[4] = "noon 5,6000,6001,5999,6000\n"
    path.write_text("ts,open,high,low,close\n" + "".join(rows))
    refused(path, "'noon 5' in data row 5", "2024-12-31")


def test_a_zone_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "es.csv"
    rows = [f"2025-06-03 10:{k:02d},6000,6001,5999,6000\n" for k in range(30)]
    path.write_text("ts,open,high,low,close\n" + "".join(rows))
    refused(path, "cannot be told from the times", "--tz")
    assert len(load_bars(path, "ES", tz="America/New_York")) == 30


def test_nothing_is_written_when_a_file_is_refused(market: Market, saved: Saved) -> None:
    made = market()
    path = saved(made, high=changed(made.high, 9, made.high[9] + 0.1))
    with pytest.raises(DataError):
        import_file(path, "ES", path.parent / "data")
    assert not (path.parent / "data").exists()


def test_a_folder_without_bars(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no bars of ES") as caught:
        load_bars(tmp_path, "ES")
    assert "julie data import" in caught.value.cure


def test_a_data_folder_that_cannot_be_written(market: Market, saved: Saved, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(UsageError, match="cannot write") as caught:
        import_file(saved(market()), "ES", tmp_path / "data")
    assert "--data-dir" in caught.value.cure
