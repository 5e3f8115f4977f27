"""The written run: report.json, and a page whose embedded series are the parquet's own numbers."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from julie.backtest.output import report_page, write_run
from julie.backtest.report import series
from julie.backtest.report.build import build_report
from julie.backtest.report.model import decode
from julie.backtest.result import RunResult
from julie.core.errors import Exit, UsageError
from julie.core.instruments import INSTRUMENTS
from tests.backtest.embedded import decoded_bars, embedded
from tests.backtest.made_run import made_run

FIELDS = [
    "summary",
    "data",
    "config",
    "versions",
    "fill_rules",
    "fill_variants",
    "tables",
    "attribution",
    "intervals",
    "limits",
    "curve",
    "montecarlo",
    "days",
    "months",
    "parts",
    "denials",
    "brackets",
    "ties",
    "costs_times",
    "not_shown",
]


def test_a_run_leaves_its_files_and_nothing_half_written(folder: Path) -> None:
    assert sorted(file.name for file in folder.iterdir()) == [
        "decisions.parquet",
        "report.html",
        "report.json",
        "trades.parquet",
        "verdict_numbers.parquet",
    ]


def test_report_json_holds_every_figure_and_comes_back(folder: Path, finished: RunResult) -> None:
    content = (folder / "report.json").read_bytes()
    plain = json.loads(content)
    assert set(FIELDS) <= set(plain)
    assert plain["schema"] == 1
    assert plain["config"]["hash"] == finished.config_hash
    assert plain["data"][0]["hash"] == "ab" * 32
    assert plain["summary"]["report"] == str(folder / "report.html")
    again = decode(content)
    assert again == build_report(finished, str(folder / "report.html"))


def test_page_loads_nothing_from_anywhere(folder: Path) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    _, loads = embedded(text)
    assert loads == []
    links = set(re.findall(r"https?://[^\"'\s)]+", text))
    assert links == {"http://www.w3.org/2000/svg"}  # a name, not an address
    assert "default-src 'none'" in text
    assert "@import" not in text


def test_embedded_legs_are_those_of_the_parquet(folder: Path) -> None:
    found, _ = embedded((folder / "report.html").read_text(encoding="utf-8"))
    legs, words = found["series"]["trades"]["columns"], found["series"]["trades"]["words"]
    trades = pq.read_table(folder / "trades.parquet").to_pydict()
    order = np.lexsort((trades["leg"], trades["trade_id"], trades["exit_ts"]))
    for name in (
        "trade_id",
        "side",
        "qty",
        "entry_price",
        "exit_price",
        "stop_price",
        "net",
        "tie",
    ):
        assert legs[name] == [trades[name][k] for k in order], name
    for name in ("strategy", "exit_reason", "instrument"):
        assert [words[name][k] for k in legs[name]] == [trades[name][k] for k in order], name
    for name in ("entry", "exit"):
        ms = [trades[f"{name}_ts"][k] // 1_000_000 for k in order]
        assert legs[f"{name}_ms"] == ms


def test_embedded_equity_is_the_running_sum_of_the_parquet(folder: Path) -> None:
    found, _ = embedded((folder / "report.html").read_text(encoding="utf-8"))
    trades = pq.read_table(folder / "trades.parquet").to_pydict()
    order = np.lexsort((trades["leg"], trades["trade_id"], trades["exit_ts"]))
    equity, running = [], 5_000_000
    for k in order:
        running += round(trades["net"][k] * 100)
        equity.append(running)
    assert found["series"]["curve"]["cents"] == equity
    assert found["report"]["summary"]["net"] == (running - 5_000_000) / 100


def test_embedded_candles_are_the_bars(folder: Path, finished: RunResult) -> None:
    found, _ = embedded((folder / "report.html").read_text(encoding="utf-8"))
    bars = finished.bars["MES"]
    place = {int(ts) // 1_000_000: row for row, ts in enumerate(bars.ts)}
    for day in found["series"]["candles"]:
        decoded = decoded_bars(day)
        assert len(decoded) > 700
        rows = [place[ms] for ms, *_ in decoded]
        for k, name in enumerate(("open", "high", "low", "close"), start=1):
            prices = np.array([bar[k] for bar in decoded]) * 0.25
            np.testing.assert_array_equal(prices, getattr(bars, name)[rows])
    legs = sum(len(day["trades"]) for day in found["series"]["candles"])
    assert legs == len(finished.trades["side"])


def test_candles_skip_the_minutes_that_are_missing(finished: RunResult) -> None:
    bars = finished.bars["MES"].rows(0, 60)
    keep = np.ones(60, dtype=bool)
    keep[[5, 6, 7, 30]] = False
    cut = replace(
        bars,
        **{n: getattr(bars, n)[keep] for n in ("ts", "open", "high", "low", "close", "volume")},
        shift=bars.shift[keep],
        contract_of=bars.contract_of[keep],
    )
    made = series.encoded_bars(cut, 0, len(cut))
    assert made["gaps"] == [[5, 3], [27, 1]]
    assert [bar[0] * 1_000_000 for bar in decoded_bars(made)] == cut.ts.tolist()


def test_a_long_run_keeps_the_newest_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    result = made_run(trades=200, days=20)
    monkeypatch.setattr(series, "MOST_LEGS", 50)
    monkeypatch.setattr(series, "CANDLE_BYTES", 20_000)
    found, _ = embedded(report_page(result, build_report(result)))
    drawn = found["series"]
    assert len(drawn["trades"]["columns"]["net"]) == 50
    assert "newest 50 of" in drawn["trades_note"]
    assert "days with a trade are embedded" in drawn["candles_note"]
    assert drawn["candles"][0]["day"] == max(day["day"] for day in drawn["candles"])
    assert len(drawn["curve"]["cents"]) == len(result.trades["side"])  # the curve is whole


def test_without_plots_the_page_is_small_and_quick(tmp_path: Path) -> None:
    result = made_run(trades=3000, days=60)
    write_run(result, tmp_path, plots=False)
    began = time.process_time()
    write_run(result, tmp_path, plots=False)
    assert time.process_time() - began < 0.3  # a third of that on an idle machine
    found, _ = embedded((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert found["series"]["plots"] is False
    assert found["report"]["summary"]["trades"] == 3000
    assert (tmp_path / "report.html").stat().st_size < 400_000


def test_words_from_outside_cannot_become_script(tmp_path: Path) -> None:
    wicked = "</script><script>alert(1)</script>"
    result = made_run(trades=5, config={"name": wicked}, run_id=wicked)
    text = report_page(result, build_report(result))
    assert "<script>alert" not in text
    found, _ = embedded(text)
    assert found["report"]["config"]["snapshot"]["name"] == wicked


def test_simulated_data_is_labelled(finished: RunResult) -> None:
    bars = {"MES": replace(finished.bars["MES"], simulated=True)}
    report = build_report(replace(finished, bars=bars))
    assert report.simulated
    assert report.warnings[0].startswith("SIMULATED DATA: MES")
    assert any("real market" in words for words in report.not_shown)


def test_traded_on_other_data_counts_in_what_was_traded() -> None:
    result = made_run(trades=40)
    own = {"MES": replace(result.bars["MES"], instrument=INSTRUMENTS["ES"])}
    report = build_report(replace(result, bars=own))
    assert (report.data[0].symbol, report.data[0].traded) == ("ES", "MES")
    assert report.brackets == build_report(result).brackets
    assert report.costs[0].startswith("MES: 0.61 USD")
    dear = replace(INSTRUMENTS["MES"], fees=INSTRUMENTS["ES"].fees)
    named = build_report(replace(result, bars=own, traded={"MES": dear}))
    assert named.costs[0].startswith("MES: 1.89 USD")


def test_a_place_that_cannot_be_written_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError) as refused:
        write_run(made_run(trades=2), tmp_path / "file" / "run")
    assert refused.value.exit_code == Exit.ENVIRONMENT
    assert "cannot write" in str(refused.value)
    assert "--out" in str(refused.value)
    assert (tmp_path / "file").read_text() == "in the way"
