"""The default sample is made once, read back as it was, and made anew when something is wrong."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from julie.synth import generate, sample, write
from julie.synth.kept import sample_folder


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in (
            "ts",
            "open",
            "high",
            "low",
            "close",
            "volume",
            "shift",
            "contract_of",
            "rolls",
        )
    ) and (one.contract, one.source, one.sha256, one.notes, one.simulated) == (
        other.contract,
        other.source,
        other.sha256,
        other.notes,
        other.simulated,
    )


def test_the_kept_sample_is_read_back_as_it_was_made(tmp_path):
    made = sample(tmp_path)
    stamps = {file: file.stat().st_mtime_ns for file in sample_folder(tmp_path).iterdir()}
    assert {file.name for file in stamps} == {"MES.parquet", "MNQ.parquet", "VIX.parquet"}
    kept = sample(tmp_path)
    assert {file: file.stat().st_mtime_ns for file in stamps} == stamps
    for symbol, bars in made.bars.items():
        assert same(bars, kept.bars[symbol])
    for line in ("day", "open", "high", "low", "close"):
        assert np.array_equal(getattr(made.vix, line), getattr(kept.vix, line))


@pytest.mark.parametrize("harm", ["cut", "missing", "other make"])
def test_a_damaged_sample_is_made_anew(tmp_path, harm):
    made = sample(tmp_path)
    file = sample_folder(tmp_path) / "MES.parquet"
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:1000])
    elif harm == "missing":
        file.unlink()
    else:
        table = pq.read_table(file)
        labels = {**table.schema.metadata, b"julie.make": b"0"}
        pq.write_table(table.replace_schema_metadata(labels), file)
    again = sample(tmp_path)
    assert same(made.bars["MES"], again.bars["MES"])
    assert pq.read_table(file).num_rows == len(made.bars["MES"])


def test_where_nothing_can_be_kept_the_sample_says_so(tmp_path):
    blocked = tmp_path / "data"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    made = sample(blocked)
    assert any("not kept" in note for note in made.bars["MES"].notes)
    assert made.bars["MES"].simulated


def test_files_are_labelled_and_shaped_like_files_of_the_trade(tmp_path):
    made = generate(70, 3)
    files = write(made, tmp_path / "out")
    assert [file.name for file in files] == ["MES.parquet", "MNQ.parquet", "VIX.parquet"]
    assert not list((tmp_path / "out").glob(".*"))
    table = pq.read_table(files[0])
    assert table.schema.metadata[b"julie.simulated"] == b"true"
    assert table.column_names == [
        "ts", "open", "high", "low", "close", "volume", "adj", "contract",
    ]  # fmt: skip
    assert str(table.schema.field("ts").type) == "timestamp[ns, tz=UTC]"
    assert set(table["contract"].to_pylist()) == set(made.bars["MES"].contract)
