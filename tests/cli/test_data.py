"""julie data: results on stdout, talk on stderr, one JSON object, exit codes."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from julie.cli.main import run
from julie.core.calendar import load_calendar
from julie.core.errors import Exit


@pytest.fixture
def es(tmp_path: Path) -> Path:
    """Two trading days of minutes that end where they begin."""
    calendar = load_calendar()
    place = int(np.searchsorted(calendar.day, np.datetime64("2025-06-03").astype(int)))
    ts = np.concatenate(
        [
            np.arange(calendar.open_ns[k], calendar.close_ns[k], 60 * 10**9)
            for k in (place, place + 1)
        ]
    )
    close = 6000 + 0.25 * (np.arange(len(ts)) % 8)
    start = np.append(6000.0, close[:-1])
    path = tmp_path / "es_1m.parquet"
    columns = {
        "ts": pa.array(ts, type=pa.timestamp("ns", tz="UTC")),
        "open": start,
        "high": np.maximum(start, close),
        "low": np.minimum(start, close),
        "close": close,
        "vol_est": np.ones(len(ts)),
    }
    pq.write_table(pa.table(columns), path)
    return path


def test_import_says_what_it_found_and_info_lists_it(
    es: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--data-dir", str(tmp_path / "d")]
    assert run(["data", "import", str(es), "--map", "volume=vol_est", *place]) == Exit.DONE
    said = capsys.readouterr().out
    assert "volume = vol_est" in said
    assert "bar open" in said
    assert "continuous.parquet: 2,760 bars" in said
    assert run(["data", "info", *place]) == Exit.DONE
    assert "ES  1m  continuous  2760" in capsys.readouterr().out
    assert run(["data", "info", "--symbol", "ES", "--json", *place]) == Exit.DONE
    shown = json.loads(capsys.readouterr().out)["bars"][0]
    assert (shown["rows"], shown["volume"], shown["base_s"]) == (2760, True, 60)


def test_import_as_one_json_object(
    es: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "import", str(es), "--json", "--data-dir", str(tmp_path / "d")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["form"]["zone"] == "UTC"
    assert report["filed"][0]["rows"] == 2760
    assert "columns not taken: vol_est" in report["actions"]


def test_notes_are_talk_and_the_json_is_alone_on_stdout(
    es: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "info", "--data", str(es), "--symbol", "ES", "--json"]) == Exit.DONE
    told = capsys.readouterr()
    assert json.loads(told.out)["bars"][0]["symbol"] == "ES"
    assert "--map volume=vol_est" in told.err


def test_check_passes_sound_bars_and_fails_faulty_ones(
    es: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "check", str(es)]) == Exit.DONE
    assert "usable" in capsys.readouterr().out
    table = pq.read_table(es)
    twice = tmp_path / "es_twice.parquet"
    pq.write_table(pa.concat_tables([table, table.slice(0, 2)]), twice)
    assert run(["data", "check", "--data", str(twice), "--symbol", "ES", "--json"]) == 9
    check = json.loads(capsys.readouterr().out)["checks"][0]
    assert check["faults"]["duplicates"] == 2
    assert check["usable"] is False


def test_export_of_a_range(es: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.csv"
    words = ["data", "export", str(es), "--from", "2025-06-04", "--to", "2025-06-04"]
    assert run([*words, "--adjust", "raw", "--out", str(out)]) == Exit.DONE
    lines = out.read_text().splitlines()
    assert lines[0] == "ts,open,high,low,close,volume"
    assert lines[1].startswith("2025-06-03T22:00:00+00:00,")
    assert len(lines) == 1381
    assert "1,380 bars" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["info", "--data", "{es}", "--symbol", "SPY"], "unknown instrument 'SPY'"),
        (["info", "--data", "{es}", "--data", "{es}", "--symbol", "ES"], "give them in pairs"),
        (["info", "--data", "{es}", "--symbol", "ES", "--map", "volume"], "no pair"),
        (["info", "--data", "{es}", "--symbol", "ES", "--map", "volume=v"], "no file has a column"),
        (["info", "--data", "{es}", "--symbol", "ES", "--adjust", "up"], "choose back or raw"),
        (["info", "--data", "{es}", "--symbol", "ES", "--from", "2031-01-01"], "2025-06-03 to"),
        (["import", "{es}", "--stamp", "middle"], "choose open or close"),
        (["import", "nothing.csv", "--symbol", "ES"], "there is no file"),
        (["check"], "no bars were named"),
        (["export", "{es}", "--out", "es.xlsx"], "cannot tell the format"),
    ],
)
def test_wrong_words_end_with_code_2_and_a_cure(
    words: list[str], said: str, es: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", *(word.format(es=es) for word in words)]) == Exit.USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert "->" in told.err
