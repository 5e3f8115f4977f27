"""`julie synth`: the result on stdout, talk on stderr, files where they were asked for."""

import json

from julie.cli.main import run


def test_json_is_one_object_and_names_the_files(tmp_path, capsys):
    code = run(["synth", "--days", "3", "--seed", "4", "--out", str(tmp_path / "made"), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert code == 0
    assert said["simulated"] is True
    assert (said["days"], said["seed"], said["start"]) == (3, 4, "2025-01-02")
    assert said["bars"]["MES"]["rows"] <= 3 * 1380
    assert sorted(file.name for file in (tmp_path / "made").iterdir()) == [
        "MES.parquet", "MNQ.parquet", "VIX.parquet",
    ]  # fmt: skip
    assert "statistics" not in said


def test_the_table_says_what_it_compared(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("JULIE_DATA", str(tmp_path))
    assert run(["synth", "--days", "5", "--stats"]) == 0
    told = capsys.readouterr()
    assert "simulated: 5 trading days from 2025-01-02, seed 1" in told.out
    assert "autocorrelation of |r|, lag 30" in told.out
    assert "0 of 0 compared measures" in told.out
    assert "no real sets in" in told.err


def test_an_impossible_wish_is_a_usage_error(capsys, tmp_path):
    assert run(["synth", "--symbols", "GC"]) == 2
    assert "cannot simulate GC" in capsys.readouterr().err
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert run(["synth", "--days", "2", "--out", str(blocked)]) == 2
    assert "cannot write" in capsys.readouterr().err
