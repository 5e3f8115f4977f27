"""The dataset: one file a contract month, laid over what is there, read back as it was; exports."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from julie.core.errors import DataError, UsageError
from julie.store.atomic import NotWritable, atomic, write_text
from julie.store.dataset import listed
from julie.store.export import export_bars
from julie.store.importer import import_file
from julie.store.parquet import SIMULATED
from julie.store.read import load_bars
from julie.store.rows import Rows

Market = Callable[..., Rows]
Saved = Callable[..., Path]


def test_contracts_are_filed_by_month_and_read_as_one(
    market: Market, saved: Saved, tmp_path: Path
) -> None:
    first = market("2025-06-02", days=3, contract="ESM5")
    second = market("2025-06-05", days=3, contract="ESU5", seed=2)
    for k, rows in enumerate((first, second)):
        import_file(saved(rows, f"es{k}.parquet"), None, tmp_path / "data")
    folder = tmp_path / "data" / "bars" / "ES" / "1m"
    assert sorted(file.name for file in folder.iterdir()) == ["M25.parquet", "U25.parquet"]
    assert pq.read_schema(folder / "M25.parquet").names == [
        "ts", "open", "high", "low", "close", "volume", "contract",
    ]  # fmt: skip
    for place in (tmp_path / "data", tmp_path / "data" / "bars", folder):
        bars = load_bars(place, "ES")
        assert bars.contract == ("ESM5", "ESU5")
        assert bars.rolls.tolist() == [len(first)]
        np.testing.assert_array_equal(bars.close, np.append(first.close, second.close))
    assert [row["contract"] for row in listed(tmp_path / "data")] == ["M25", "U25"]


def test_new_bars_are_laid_over_those_already_there(
    market: Market, saved: Saved, tmp_path: Path
) -> None:
    made = market(days=4)
    half = len(made) // 2
    import_file(saved(made.take(slice(0, half + 100))), None, tmp_path / "data")
    later = market(days=4, seed=9).take(slice(half, None))
    report = import_file(saved(later), None, tmp_path / "data")
    assert any(f"100 of the {half + 100:,} bars already there" in said for said in report.actions)
    bars = load_bars(tmp_path / "data", "ES")
    np.testing.assert_array_equal(bars.ts, made.ts)
    np.testing.assert_array_equal(bars.close[:half], made.close[:half])
    np.testing.assert_array_equal(bars.close[half:], later.close)


def test_import_again_changes_nothing(market: Market, saved: Saved, tmp_path: Path) -> None:
    path = saved(market(days=2))
    import_file(path, None, tmp_path / "data")
    before = load_bars(tmp_path / "data", "ES").sha256
    import_file(path, None, tmp_path / "data")
    assert load_bars(tmp_path / "data", "ES").sha256 == before


def test_bar_lengths_lie_apart_and_the_finest_is_read(
    market: Market, saved: Saved, tmp_path: Path
) -> None:
    import_file(saved(market(base_s=300)), None, tmp_path / "data")
    import_file(saved(market(base_s=60)), None, tmp_path / "data")
    assert load_bars(tmp_path / "data", "ES").base_s == 60
    assert load_bars(tmp_path / "data" / "bars" / "ES" / "5m", "ES").base_s == 300


def test_a_joined_series_and_single_contracts_do_not_mix(
    market: Market, saved: Saved, tmp_path: Path
) -> None:
    import_file(saved(market(days=2)), None, tmp_path / "data")
    with pytest.raises(DataError, match="holds a joined series, this file holds single contracts"):
        import_file(saved(market(days=2, contract="ESM5")), None, tmp_path / "data")


def test_a_folder_of_files_named_after_instruments(market: Market, saved: Saved) -> None:
    es = saved(market(days=2), "ES.parquet")
    saved(market(days=2, symbol="NQ", seed=4), "NQ.parquet")
    np.testing.assert_array_equal(load_bars(es.parent, "ES").close, market(days=2).close)
    assert load_bars(es.parent, "NQ").instrument.symbol == "NQ"
    with pytest.raises(DataError, match="no bars of YM"):
        load_bars(es.parent, "YM")


def test_simulated_bars_stay_marked(market: Market, saved: Saved, tmp_path: Path) -> None:
    path = saved(market(days=2))
    assert not load_bars(path, "ES").simulated
    table = pq.read_table(path).replace_schema_metadata({SIMULATED: b"true"})
    pq.write_table(table, path)
    assert load_bars(path, "ES").simulated
    import_file(path, None, tmp_path / "data")
    assert load_bars(tmp_path / "data", "ES").simulated
    export_bars(load_bars(path, "ES"), tmp_path / "es_out.parquet", with_adj=True)
    assert load_bars(tmp_path / "es_out.parquet", "ES").simulated


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".json"])
@pytest.mark.parametrize("symbol", ["ES", "GC", "6E"])
def test_what_is_exported_is_read_back_as_it_was(
    ending: str, symbol: str, market: Market, saved: Saved, tmp_path: Path
) -> None:
    made = market(days=3, symbol=symbol, contract="M25")
    assert made.volume is not None
    made.volume[5] = np.nan
    adj = np.where(np.arange(len(made)) < 700, 12.5, 0.0)
    bars = load_bars(saved(made, adj=adj), symbol)
    out = tmp_path / f"out{ending}"
    export_bars(bars, out, with_adj=True)
    again = load_bars(out, symbol)
    for name in ("ts", "open", "high", "low", "close", "volume", "shift", "rolls"):
        np.testing.assert_array_equal(getattr(again, name), getattr(bars, name), name)
    assert again.contract == bars.contract


def test_an_unknown_ending_is_refused(market: Market, saved: Saved, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot tell the format"):
        export_bars(load_bars(saved(market(days=2)), "ES"), tmp_path / "es.xlsx", with_adj=False)


def test_a_broken_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "table.json"
    write_text(file, "old")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(file)
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["table.json"]


def _interrupted(file: Path) -> None:
    with atomic(file) as part:
        part.write_text("half of the n")
        raise KeyboardInterrupt


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="cannot write"):
        write_text(tmp_path / "x", "y")


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="cannot write") as caught:
        write_text(tmp_path / "out" / "x", "y")
    assert "--out" in caught.value.cure
    assert "nothing there was changed" in caught.value.unchanged


@pytest.mark.parametrize(("number", "cure"), [(28, "make room"), (13, "you may write to")])
def test_a_folder_that_takes_nothing_says_what_helps(
    tmp_path: Path, number: int, cure: str
) -> None:
    with pytest.raises(NotWritable) as told, atomic(tmp_path / "one.json"):
        raise OSError(number, "no")
    assert cure in str(told.value.cure)
    assert list(tmp_path.iterdir()) == []
