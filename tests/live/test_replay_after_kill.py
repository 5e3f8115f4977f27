"""A run that was killed and started again is replayed without a difference: both its lives."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from julie.core.errors import JulieError
from julie.live.replay import Replayed, replay
from julie.settings import default_tree, load_settings
from julie.store.journal import JournalReader, Wanted
from tests.live.real_days import ROOT, gateway
from tests.live.test_run_bot import wait_until

pytestmark = [pytest.mark.tier3, pytest.mark.timeout(300)]
MARKET = ("--scenario", "sample", "--speed", "lockstep")


def count(folder: Path, kind: str) -> int:
    """How many records of a kind stand in the journal by now."""
    with suppress(JulieError), JournalReader.of(folder) as reader:
        return sum(1 for _ in reader.records(Wanted(kinds=(kind,))))
    return 0


def in_a_trade(folder: Path) -> bool:
    """An entry was filled whose leg is not closed yet."""
    closed = count(folder, "TradeClosed")  # read first: the bot goes on
    return closed > 0 and count(folder, "Fill") > 2 * closed


def again(folder: Path, run: str) -> Replayed:
    return replay(folder, run, load_settings(default_tree()).tree)


def test_a_run_that_was_killed_in_a_trade_replays_in_both_its_lives(tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    with gateway(MARKET, tmp_path) as ready:
        words = [sys.executable, "run_bot.py", "--sim", str(ready), "--data-dir", str(folder)]
        first = subprocess.Popen([*words, "--headless"], cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: first.poll() is not None or in_a_trade(folder))
            assert first.poll() is None, "it was over before it could be killed"
        finally:
            first.kill()
            first.wait()
        minutes = count(folder, "MinuteTaken")
        second = subprocess.run(
            [*words, "--headless"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert second.returncode == 0, second.stderr[-2000:]
    with JournalReader.of(folder) as reader:
        runs = reader.run_names()
    assert len(runs) == 2
    lives = [again(folder, run) for run in runs]
    assert [one.differences for one in lives] == [[], []]
    assert lives[0].minutes == minutes
    assert lives[1].minutes > 60
    assert lives[1].decisions > 5
