"""Failpoints: inert until armed, the n-th passing counts, and a word that means nothing is told."""

import os
import subprocess
import sys
import time

import pytest

from julie.core.failpoints import FAILPOINTS, TRAIL, VARIABLE, FailpointReached, failpoint


def test_nothing_happens_until_one_is_armed(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    for name in FAILPOINTS:
        failpoint(name)
    with pytest.raises(ValueError, match="no failpoint 'K99'"):
        failpoint("K99")


def test_the_counted_passing_raises(monkeypatch):
    monkeypatch.setenv(VARIABLE, "K4:3:raise")
    failpoint("K4")
    failpoint("K5")
    failpoint("K4")
    with pytest.raises(FailpointReached, match="answer read"):
        failpoint("K4")
    failpoint("K4")


def test_it_sleeps(monkeypatch):
    monkeypatch.setenv(VARIABLE, "K9:sleep=30")
    began = time.monotonic()
    failpoint("K9")
    assert time.monotonic() - began >= 0.03


def test_every_passing_leaves_its_mark(monkeypatch, tmp_path):
    monkeypatch.setenv(TRAIL, str(tmp_path / "trail.txt"))
    for name in ("K1", "K2", "K13"):
        failpoint(name)
    assert (tmp_path / "trail.txt").read_text().split() == ["K1", "K2", "K13"]


@pytest.mark.parametrize(
    "text", ["K4:kill=x", "K4:raise=3", "K4", "K4:0x:kill", "K4:stop", "X1:kill", "K4:1:2:kill"]
)
def test_a_word_that_means_nothing_is_told(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ValueError, match="JULIE_FAILPOINT"):
        failpoint("K4")


@pytest.mark.skipif(os.name == "nt", reason="Windows ends the process by another code")
@pytest.mark.parametrize("act", ["kill", "kill=20"])
def test_the_whole_process_is_killed(act):
    code = (
        "import time; from julie.core.failpoints import failpoint; failpoint('K2');"
        " time.sleep(10); print('alive')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, VARIABLE: f"K2:{act}"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == -9
    assert done.stdout == b""
