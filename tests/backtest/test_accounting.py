"""The trade list against the bars, by arithmetic that shares no code with the engine."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from julie.cli import main
from julie.core.errors import Exit
from tools.check_accounting import Report, check


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of a run with two legs a trade, and the bars it ran on."""
    place = tmp_path_factory.mktemp("accounting")
    bars = place / "made" / "MES.parquet"
    made = ["synth", "--days", "40", "--seed", "5", "--out", str(bars.parent)]
    assert main.run(made) == Exit.DONE
    words = ["backtest", "--data", str(bars), "--symbol", "MES", "--strategies", "sma_cross"]
    words += [
        "--strategies",
        "liquidity_sweep",
        "--no-plots",
        "--json",
        "--out",
        str(place / "run"),
    ]
    assert main.run(words) == Exit.DONE
    return place / "run", bars


def judged(run: tuple[Path, Path]) -> Report:
    return check(run[0], {"MES": run[1]})


@pytest.mark.tier1
def test_every_fill_fee_and_dollar_follows_from_the_bars(run: tuple[Path, Path]) -> None:
    found = judged(run)
    assert found.differences == []
    legs = pq.read_metadata(run[0] / "trades.parquet").num_rows
    assert legs > 30
    assert found.counts["exit price"] == found.counts["net"] == found.counts["equity"] == legs


@pytest.mark.tier1
@pytest.mark.parametrize(
    ("column", "by", "what"),
    [
        ("entry_price", 0.25, "entry price"),
        ("exit_price", -0.25, "exit price"),
        ("fees", 0.01, "fees"),
        ("gross", 0.01, "gross"),
        ("net", -0.01, "net"),
        ("mae", 1.25, "mae"),
        ("mfe", 1.25, "mfe"),
        ("stop_price", 0.25, "stop distance"),
        ("exit_ts", 60_000_000_000, "the bars say no fill"),
    ],
)
def test_a_figure_that_was_changed_is_found(
    run: tuple[Path, Path], tmp_path: Path, column: str, by: float, what: str
) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(run[0], folder)
    table = pq.read_table(folder / "trades.parquet")
    values = table[column].to_numpy().copy()
    values[len(values) // 2] += np.asarray(by).astype(values.dtype)
    place = table.schema.get_field_index(column)
    changed = table.set_column(place, table.schema.field(place), pa.array(values))
    pq.write_table(changed, folder / "trades.parquet")
    differences = check(folder, {"MES": run[1]}).differences
    assert any(what in one or column in one for one in differences), differences[:5]
