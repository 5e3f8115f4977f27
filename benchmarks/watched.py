"""Runs a command and prints its exit code, wall seconds and peak megabytes.

A process inherits its parent's peak at its start; so commands are started from here, where little
was ever loaded.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence


def watched(words: Sequence[str]) -> tuple[int, float, float]:
    """(exit code, wall seconds, peak megabytes) of a command."""
    began = time.perf_counter()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, seconds, usage.ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(watched(sys.argv[1:])))
