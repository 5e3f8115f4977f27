"""CSV and trade lists: stable names, times with offset, numbers that a spreadsheet reads."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from julie.backtest.exports import export_csv
from julie.backtest.output import write_run
from julie.backtest.reopen import bars_of_run
from julie.backtest.report.when import eastern_time, eastern_times
from julie.backtest.result import RunResult
from julie.backtest.runs import read_report, run_folder
from julie.backtest.trade_list import last_legs, leg_lines, leg_objects, trades_of, trades_page
from julie.core.errors import DataError, UsageError
from julie.store.read import load_bars
from tests.backtest.embedded import decoded_bars, embedded
from tests.backtest.made_run import made_run


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_trades_csv_is_the_record_in_words(folder: Path) -> None:
    rows = _rows(export_csv("trades", folder))
    trades = pq.read_table(folder / "trades.parquet").to_pydict()
    assert len(rows) == len(trades["net"])
    assert [float(row["net"]) for row in rows] == trades["net"]
    assert [row["strategy"] for row in rows] == trades["strategy"]
    assert {row["hmm_state"] for row in rows} == {""}
    assert {row["tie"] for row in rows} == {"true", "false"}
    for row, ts in zip(rows, trades["entry_ts"], strict=True):
        assert datetime.fromisoformat(row["entry_time"]).timestamp() == ts / 1e9
        assert row["entry_time"].endswith("-05:00")


def test_equity_csv_runs_to_the_end_of_the_run(folder: Path) -> None:
    rows = _rows(export_csv("equity", folder))
    report = read_report(folder)
    assert float(rows[-1]["equity"]) == pytest.approx(50_000 + report.summary.net)
    assert max(float(row["drawdown"]) for row in rows) == report.summary.max_drawdown


def test_verdicts_csv_has_one_line_an_answer(folder: Path, finished: RunResult) -> None:
    rows = _rows(export_csv("verdicts", folder))
    assert len(rows) == read_report(folder).summary.verdicts
    denied = [row for row in rows if row["code"] == "deny" and row["judge"] == "chop"]
    assert len(denied) == int((finished.codes["chop"] == 3).sum())
    assert {(row["reason"], row["n2"]) for row in denied} == {("in_chop", "3.5")}
    assert {row["n3"] for row in rows} == {""}
    assert "news" not in {row["judge"] for row in rows}


def test_summer_and_winter_have_their_own_offset() -> None:
    assert eastern_time(1_751_376_600 * 10**9) == "2025-07-01T09:30:00-04:00"
    times = np.array([1_735_914_600, 1_751_376_600]) * 10**9
    assert eastern_times(times) == ["2025-01-03T09:30:00-05:00", "2025-07-01T09:30:00-04:00"]
    assert eastern_time(1_751_376_600 * 10**9 + 250_000_000) == "2025-07-01T09:30:00.250-04:00"


def test_last_takes_whole_trades(folder: Path) -> None:
    trades = trades_of(folder)
    rows = last_legs(trades, 7)
    ids = np.asarray(trades["trade_id"])[rows]
    assert len(set(ids.tolist())) == 7
    assert len(rows) == int(np.isin(np.asarray(trades["trade_id"]), ids).sum())
    assert len(last_legs(trades, None)) == len(np.asarray(trades["trade_id"]))
    objects = leg_objects(trades, rows)
    assert objects[-1]["hmm_state"] is None
    assert objects[0]["entry_ts"] <= objects[-1]["entry_ts"]
    assert len(leg_lines(trades, rows)) == len(rows) + 1


def _with_file(tmp_path: Path, **changes: Any) -> RunResult:
    """A run on bars that stand in a file."""
    made = made_run(trades=30, days=6)
    bars = made.bars["MES"]
    times = pa.array(bars.ts, pa.timestamp("ns", "UTC"))
    prices = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    file = tmp_path / "mes.parquet"
    pq.write_table(pa.table({"ts": times, **prices}), file)
    return replace(made, bars={"MES": load_bars(file, "MES")}, **changes)


def test_trades_are_drawn_on_the_bars_of_the_run(tmp_path: Path) -> None:
    result = _with_file(tmp_path)
    report = write_run(result, tmp_path / "run")
    trades = trades_of(tmp_path / "run")
    bars = bars_of_run(report, {})
    found, loads = embedded(trades_page(report, trades, last_legs(trades, 5), bars))
    assert loads == []
    drawn = found["series"]
    assert len(drawn["windows"]) == 5
    columns = drawn["trades"]["columns"]
    for window in drawn["windows"]:
        times = [bar[0] for bar in decoded_bars(window)]
        for leg in window["trades"]:
            assert times[0] <= columns["entry_ms"][leg] <= columns["exit_ms"][leg] <= times[-1]


def test_changed_or_missing_data_is_refused(tmp_path: Path) -> None:
    report = write_run(_with_file(tmp_path), tmp_path / "run", plots=False)
    file = tmp_path / "mes.parquet"
    moved = file.rename(tmp_path / "elsewhere.parquet")
    with pytest.raises(DataError, match="not there any more"):
        bars_of_run(report, {})
    assert len(bars_of_run(report, {"MES": str(moved)})["MES"]) == report.summary.bars
    pq.write_table(pq.read_table(moved).slice(0, 5000), file)
    with pytest.raises(DataError, match="its hash differs"):
        bars_of_run(report, {})


def test_a_run_is_found_by_folder_name_or_as_the_newest(folder: Path, tmp_path: Path) -> None:
    runs = folder.parent
    assert run_folder(str(folder)) == folder
    assert run_folder(str(folder / "report.html")) == folder
    assert run_folder("made-7", runs) == folder
    assert run_folder(None, runs) == folder
    with pytest.raises(UsageError, match="no folder of a run") as missing:
        run_folder("mode-7", runs)
    assert "did you mean made-7" in str(missing.value)
    with pytest.raises(UsageError, match="there is no run"):
        run_folder(None, tmp_path)


def test_a_report_of_another_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"schema": 99}')
    with pytest.raises(DataError, match="schema 99"):
        read_report(tmp_path)
    (tmp_path / "report.json").write_text("not json")
    with pytest.raises(DataError, match="cannot be read"):
        read_report(tmp_path)
