"""julie columns: the list, one column, and the export of several over a file."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from julie.cli import main
from julie.core.errors import Exit
from julie.regime.catalogue import CONSTRUCTORS

Capture = pytest.CaptureFixture[str]
MINUTE = np.timedelta64(1, "m")


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def file_of(path: Path, first: str, rows: int, volume: bool = True) -> Path:
    chance = np.random.default_rng(3)
    close = 5000.0 + 0.25 * np.cumsum(chance.integers(-4, 5, rows))
    columns = {
        "ts": pa.array(np.datetime64(first, "ns") + MINUTE * np.arange(rows)).cast(
            pa.timestamp("ns", tz="UTC")
        ),
        "open": close - 0.25,
        "high": close + 0.5,
        "low": close - 0.75,
        "close": close,
    }
    if volume:
        columns["lots"] = chance.integers(1, 50, rows).astype(float)
    pq.write_table(pa.table(columns), path)
    return path


def export(path: Path, select: str, *more: str) -> int:
    bars = ["--data", str(path), "--symbol", "ES"]
    return main.run(["columns", *bars, "--select", select, "--out", "out.parquet", *more])


def test_the_list_names_every_column_with_memory_and_formula(capsys: Capture) -> None:
    assert main.run(["columns"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 1 + len(CONSTRUCTORS)
    assert any(line.startswith("ema(x, n)") and "0.29" in line for line in shown)
    assert main.run(["columns", "--json"]) == 0
    told = {one["name"]: one for one in json.loads(capsys.readouterr().out)["columns"]}
    assert told["rvol"]["needs"] == "V"
    assert told["rvol"]["memory_days"] == pytest.approx(22.0)
    assert told["percentile"]["written"] == "percentile(x, days=20)"


def test_one_column_is_explained_and_a_wrong_name_has_a_neighbour(capsys: Capture) -> None:
    assert main.run(["columns", "supertrend_line"]) == 0
    assert "supertrend_line(10, 3.0)" in capsys.readouterr().out
    assert main.run(["columns", "supertrend_lin"]) == Exit.USAGE
    assert "did you mean supertrend_line" in capsys.readouterr().err


def test_an_export_has_ts_and_the_expressions_as_written(tmp_path: Path, capsys: Capture) -> None:
    bars = file_of(tmp_path / "bars.parquet", "2025-03-03T23:00", 1380)
    assert export(bars, "ema(close,20), on(5m, atr(14)) ,vwap", "--map", "volume=lots") == 0
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["ts", "ema(close,20)", "on(5m, atr(14))", "vwap"]
    assert table["ts"].type == pa.timestamp("ns", tz="UTC")
    ema, close = table["ema(close,20)"].to_numpy(), pq.read_table(bars)["close"].to_numpy()
    assert np.isnan(ema[:19]).all()  # the graph's own warm-up
    mean = close[0]
    for price in close[1:]:
        mean += (price - mean) * 2 / 21
    assert ema[-1] == pytest.approx(mean, abs=1e-9)
    assert np.isfinite(table["vwap"].to_numpy()).all()
    assert "1,380 rows" in capsys.readouterr().out


def test_volume_that_is_missing_is_said(tmp_path: Path, capsys: Capture) -> None:
    bars = file_of(tmp_path / "bars.parquet", "2025-03-03T23:00", 300, volume=False)
    assert export(bars, "vwap,rsi(14)", "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["ready"] == {"vwap": 0, "rsi(14)": 286}
    assert "vwap needs volume" in said.err


def test_a_peer_is_a_second_file(tmp_path: Path) -> None:
    bars = file_of(tmp_path / "bars.parquet", "2025-03-03T23:00", 300)
    other = file_of(tmp_path / "other.parquet", "2025-03-03T23:10", 280)
    words = ["--data", str(bars), "--symbol", "ES", "--data", str(other), "--symbol", "NQ"]
    select = ["--select", "peer(NQ, close),peer_age(NQ)", "--out", "out.parquet"]
    assert main.run(["columns", *words, *select]) == 0
    table, close = pq.read_table("out.parquet"), pq.read_table(other)["close"].to_numpy()
    joined, age = table["peer(NQ, close)"].to_numpy(), table["peer_age(NQ)"].to_numpy()
    assert np.isnan(joined[:10]).all()
    assert np.array_equal(joined[10:290], close)
    assert np.array_equal(age[288:], [0, 0, *range(1, 11)][: 300 - 288])


@pytest.mark.parametrize(
    ("select", "cure"),
    [
        ("emaa(close,20)", "did you mean ema"),
        ("ema(close)", "for example ema(close, 20)"),
        ("ema(close,0)", "whole number from 1"),
        ("ema(close,20", "')' is missing"),
        ("rsi(14) atr(14)", "behind the end"),
        ("rsi(14),,atr(14)", "empty place"),
        ("on(7m, close)", "no timeframe '7m'"),
        ("quantile(close, 150)", "between 0 and 100"),
        ("ratio(rsi(14), close)", "one end of a scale"),
        ("peer(NQ, close)", "--data FILE --symbol NQ"),
        ("bucket_value(stops)", "needs the table 'stops'"),
    ],
)
def test_what_cannot_be_computed_is_said(
    tmp_path: Path, capsys: Capture, select: str, cure: str
) -> None:
    bars = file_of(tmp_path / "bars.parquet", "2025-03-03T23:00", 30)
    assert export(bars, select) == Exit.USAGE
    assert cure in capsys.readouterr().err
    assert not (tmp_path / "out.parquet").exists()


def test_half_an_export_and_another_ending_are_refused(tmp_path: Path, capsys: Capture) -> None:
    bars = file_of(tmp_path / "bars.parquet", "2025-03-03T23:00", 30)
    assert main.run(["columns", "--data", str(bars), "--symbol", "ES"]) == Exit.USAGE
    assert "--select" in capsys.readouterr().err
    assert export(bars, "close", "--out", "out.csv") == Exit.USAGE
    assert "end the name with .parquet" in capsys.readouterr().err


def test_blocks_of_any_length_are_the_same_file(tmp_path: Path) -> None:
    from julie.core.calendar import load_calendar
    from julie.core.sessions import session_of_minute
    from julie.market.blocks import blocks
    from julie.market.columns.expression import parse_list
    from julie.market.tables import market_tables
    from julie.store.read import load_bars

    bars = load_bars(file_of(tmp_path / "a.parquet", "2025-03-03T23:00", 600), "ES")
    peer = load_bars(file_of(tmp_path / "b.parquet", "2025-03-03T23:07", 600), "NQ")
    wanted = parse_list("ema(close,20),peer(NQ, rsi(14)),on(5m, close)", CONSTRUCTORS)
    tables = market_tables(load_calendar(), session_of_minute, [bars.instrument, peer.instrument])
    runs = []
    for capacity in (7, 100, 65_536):
        parts = list(blocks((bars, peer), tuple(wanted.values()), tables, capacity))
        assert np.array_equal(np.concatenate([part.ts for part in parts]), bars.ts)
        runs.append([np.concatenate([p.values[c] for p in parts]) for c in wanted.values()])
    for run in runs[1:]:
        assert all(np.array_equal(a, b, True) for a, b in zip(run, runs[0], strict=True))
