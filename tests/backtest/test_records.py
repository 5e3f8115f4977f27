"""The record files: names and kinds of design 13, nulls, codes, outcomes, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from julie.backtest.record_files import (
    DECISIONS_FILE,
    NUMBERS_FILE,
    TRADES_FILE,
    read_columns,
    read_table,
    write_records,
)
from julie.backtest.records import trades_table
from julie.backtest.result import Coded
from julie.core.errors import DataError
from julie.core.types import Code
from tests.backtest.made_run import JUDGES, made_run

TRADE_FIELDS = [
    "trade_id",
    "leg",
    "strategy",
    "style",
    "group",
    "mode",
    "instrument",
    "contract",
    "side",
    "qty",
    "decided_ts",
    "entry_kind",
    "entry_ts",
    "entry_price",
    "exit_ts",
    "exit_price",
    "exit_reason",
    "stop_price",
    "target_price",
    "stop_at_exit",
    "slippage_ticks",
    "slippage",
    "gross",
    "fees",
    "net",
    "mae",
    "mfe",
    "bars",
    "session",
    "bucket",
    "vol_regime",
    "hmm_state",
    "candidate_id",
    "tie",
]
DECISION_FIELDS = [
    "candidate_id",
    "ts",
    "instrument",
    "strategy",
    "style",
    "side",
    "confidence",
    "ref_close",
    "sl_ticks",
    "tp_ticks",
    "note",
]


def test_names_stand_in_the_order_of_the_design(tmp_path: Path) -> None:
    write_records(made_run(trades=40), tmp_path)
    assert pq.read_schema(tmp_path / TRADES_FILE).names == TRADE_FIELDS
    assert pq.read_schema(tmp_path / DECISIONS_FILE).names == [*DECISION_FIELDS, *JUDGES, "outcome"]
    numbers = pq.read_schema(tmp_path / NUMBERS_FILE).names
    assert numbers == ["candidate_id", "judge", "reason", "n1", "n2", "n3", "n4"]


def test_times_are_whole_ns_and_codes_one_byte(tmp_path: Path) -> None:
    write_records(made_run(trades=40), tmp_path)
    trades = pq.read_schema(tmp_path / TRADES_FILE)
    assert {trades.field(name).type for name in ("decided_ts", "entry_ts", "exit_ts")} == {
        pa.int64()
    }
    assert trades.field("tie").type == pa.bool_()
    decisions = pq.read_schema(tmp_path / DECISIONS_FILE)
    assert {decisions.field(judge).type for judge in JUDGES} == {pa.int8()}


def test_columns_come_back_as_they_went(tmp_path: Path) -> None:
    result = made_run(trades=60)
    write_records(result, tmp_path)
    back = read_columns(tmp_path / TRADES_FILE)
    for name, column in result.trades.items():
        again = back[name]
        if isinstance(column, Coded):
            assert isinstance(again, Coded)
            assert again.words() == column.words()
        else:
            np.testing.assert_array_equal(np.asarray(again), np.asarray(column))


def test_not_applicable_is_null(tmp_path: Path) -> None:
    write_records(made_run(trades=60), tmp_path)
    trades = pq.read_table(tmp_path / TRADES_FILE)
    assert trades["hmm_state"].null_count == len(trades)
    decisions = pq.read_table(tmp_path / DECISIONS_FILE).to_pydict()
    closed = [
        ticks
        for ticks, outcome in zip(decisions["sl_ticks"], decisions["outcome"], strict=True)
        if outcome == "session_closed"
    ]
    assert closed
    assert set(closed) == {None}
    assert None in decisions["confidence"]
    assert 0.7 in decisions["confidence"]


def test_outcome_is_the_refusal_or_the_trade(tmp_path: Path) -> None:
    result = made_run(trades=60)
    write_records(result, tmp_path)
    outcome = pq.read_table(tmp_path / DECISIONS_FILE)["outcome"].to_pylist()
    ids = np.asarray(result.decisions["trade_id"])
    reasons = np.asarray(result.decisions["reason"])
    assert [word for word, traded in zip(outcome, ids, strict=True) if traded != -1] == [
        str(trade) for trade in ids if trade != -1
    ]
    refused = {word for word, traded in zip(outcome, ids, strict=True) if traded == -1}
    assert refused == {"in_chop", "penalty_box", "session_closed", "position_open"}
    assert outcome.count("in_chop") == int((reasons == 31).sum())


def test_schema_names_judges_codes_and_numbers(tmp_path: Path) -> None:
    write_records(made_run(trades=20), tmp_path)
    decisions = pq.read_schema(tmp_path / DECISIONS_FILE).metadata
    assert decisions[b"julie.schema"] == b"1"
    assert decisions[b"julie.run_id"] == b"made-7"
    assert json.loads(decisions[b"julie.judges"]) == list(JUDGES)
    assert json.loads(decisions[b"julie.codes"])[str(int(Code.DENY))] == "deny"
    numbers = json.loads(pq.read_schema(tmp_path / NUMBERS_FILE).metadata[b"julie.numbers"])
    assert numbers["chop"] == ["range", "threshold"]


def test_a_column_too_many_or_too_few_is_refused() -> None:
    trades = dict(made_run(trades=5).trades)
    del trades["mae"]
    with pytest.raises(ValueError, match="mae"):
        trades_table(trades, "x")
    with pytest.raises(ValueError, match="luck"):
        trades_table({**trades, "mae": trades["mfe"], "luck": trades["mfe"]}, "x")


def test_a_newer_schema_and_a_broken_file_are_refused(tmp_path: Path) -> None:
    newer = pa.table({"trade_id": [1]}).replace_schema_metadata({"julie.schema": "99"})
    pq.write_table(newer, tmp_path / "newer.parquet")
    with pytest.raises(DataError, match="newer than this program"):
        read_table(tmp_path / "newer.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="cannot be read"):
        read_table(tmp_path / "broken.parquet")


def test_a_run_without_a_trade_has_empty_files(tmp_path: Path) -> None:
    write_records(made_run(trades=0), tmp_path)
    back = read_columns(tmp_path / TRADES_FILE)
    assert list(back) == TRADE_FIELDS
    assert {len(column) for column in back.values()} == {0}


def test_words_are_coded_with_empty_as_missing() -> None:
    coded = Coded.of(["b", "", "a", "b"])
    assert coded.names == ("a", "b")
    assert coded.codes.tolist() == [1, -1, 0, 1]
    assert coded.words("-") == ["b", "-", "a", "b"]
