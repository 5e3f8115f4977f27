"""The compiled desk is kept by what the code says; that all of it is there, by where it lies."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import julie

ASK = (
    "from julie.core.compiled import machine_folder, whole_mark;"
    "print(machine_folder(), whole_mark())"
)


def told(root: Path, cache: Path) -> list[str]:
    """Folder and mark as a process says that runs the code under `root`."""
    env = {**os.environ, "PYTHONPATH": str(root), "JULIE_CACHE_DIR": str(cache)}
    words = [sys.executable, "-c", ASK]
    ran = subprocess.run(words, env=env, cwd=root, capture_output=True, text=True, check=True)
    return ran.stdout.split()


@pytest.mark.tier1
def test_a_second_clone_and_a_touched_file_are_not_taken_for_compiled(tmp_path: Path) -> None:
    package, cache = Path(julie.__file__).parent, tmp_path / "cache"
    for clone in ("one", "two"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package, tmp_path / clone / "julie", ignore=ignore)
    one, two = told(tmp_path / "one", cache), told(tmp_path / "two", cache)
    assert one[0] == two[0]  # the same code
    assert one[1] != two[1]  # but compiled for other files
    assert told(tmp_path / "one", cache) == one
    os.utime(tmp_path / "one" / "julie" / "backtest" / "walk.py", ns=(1, 1))
    assert told(tmp_path / "one", cache)[1] != one[1]
