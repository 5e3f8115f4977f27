"""Keeps the machine awake while a position is open, where its system lets a program do that.

A helper of the system holds the machine for as long as its input stays open, so that it lets go
when this program ends in whatever way. Where there is none, the stop at the venue has to do.
"""

import logging
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

LOG: Final = logging.getLogger(__name__)
WHY: Final = "julie holds a position"
END_S: Final = 2.0


def keeping_awake() -> Sequence[str]:
    """The command of this system that keeps it awake; empty = it has none."""
    if sys.platform == "darwin" and shutil.which("caffeinate"):
        return ("caffeinate", "-i", "cat")
    if sys.platform.startswith("linux") and shutil.which("systemd-inhibit"):
        about = ("--what=sleep:idle", "--who=julie", f"--why={WHY}", "--mode=block")
        return ("systemd-inhibit", *about, "cat")
    return ()


class Awake:
    """Held while `hold(True)` was the last word."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = keeping_awake() if command is None else command
        self._helper: subprocess.Popen[bytes] | None = None

    @property
    def held(self) -> bool:
        """Whether the machine is kept awake by us."""
        return self._helper is not None and self._helper.poll() is None

    def hold(self, wanted: bool) -> None:
        """Keep it awake, or let go; may be called again and again."""
        if wanted and self._helper is None and self._command:
            self._begin()
        elif not wanted:
            self.release()

    def release(self) -> None:
        """Let go; may be called twice."""
        gone, self._helper = self._helper, None
        if gone is None or gone.stdin is None:
            return
        gone.stdin.close()
        try:
            gone.wait(END_S)
        except subprocess.TimeoutExpired:
            gone.kill()
            gone.wait()

    def _begin(self) -> None:
        try:
            self._helper = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            LOG.warning("the machine is not kept awake: %s", error)
            self._command = ()
