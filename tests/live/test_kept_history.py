"""The history of a run, kept for its replay: what was written comes back to the last bit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from julie.core.errors import DataError
from julie.core.instruments import INSTRUMENTS
from julie.live.kept_history import KEPT_RUNS, Facts, facts_of, folder_of, keep, kept
from julie.synth import sample

FACTS = Facts(["MES"], ["MES"], ["CON.F.US.MES.H25"], [], 1_740_000_000_000_000_000)


def test_a_history_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    bars = sample(tmp_path / "made").bars["MES"].rows(0, 2000)
    holey = replace(bars, volume=np.where(np.arange(2000) % 7 == 0, np.nan, bars.volume))
    shifted = replace(holey, shift=np.full(2000, 51.75))
    keep(tmp_path, "sim-1", [shifted], FACTS)
    (found,) = kept(tmp_path, "sim-1", [INSTRUMENTS["MES"]])
    for name in ("ts", "open", "high", "low", "close", "volume", "shift"):
        was, now = getattr(shifted, name), getattr(found, name)
        assert np.array_equal(was, now, equal_nan=name != "ts"), name
    assert facts_of(tmp_path, "sim-1") == FACTS


def test_only_the_newest_runs_are_kept(tmp_path: Path) -> None:
    bars = sample(tmp_path / "made").bars["MES"].rows(0, 10)
    for number in range(KEPT_RUNS + 2):
        keep(tmp_path, f"sim-{number}", [bars], FACTS)
    there = {one.name for one in folder_of(tmp_path, "x").parent.iterdir()}
    assert there == {f"sim-{number}" for number in range(2, KEPT_RUNS + 2)}
    with pytest.raises(DataError, match="is not kept"):
        facts_of(tmp_path, "sim-0")
