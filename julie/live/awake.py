"""Keeps the machine awake while a position is open, where its system lets a program do that.

On macOS and Linux a helper of the system holds the machine for as long as its input stays open; on
Windows the program tells it to the system itself, which forgets it with the thread that told it. So
both let go when this program ends in whatever way. Where there is neither, and when somebody closes
the lid, the stop at the venue has to do.
"""

import ctypes
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Final

LOG: Final = logging.getLogger(__name__)
WHY: Final = "julie holds a position"
END_S: Final = 2.0
SYSTEM_REQUIRED: Final = 0x0000_0001  # ES_SYSTEM_REQUIRED: no sleep for want of a user
CONTINUOUS: Final = 0x8000_0000  # ES_CONTINUOUS: until this thread says otherwise

Tell = Callable[[int], int]  # what the system shall do -> what it did before; 0 = it refused


def keeping_awake() -> Sequence[str]:
    """The command of this system that keeps it awake; empty = it has none."""
    if sys.platform == "darwin" and shutil.which("caffeinate"):
        return ("caffeinate", "-i", "cat")
    if sys.platform.startswith("linux") and shutil.which("systemd-inhibit"):
        about = ("--what=sleep:idle", "--who=julie", f"--why={WHY}", "--mode=block")
        return ("systemd-inhibit", *about, "cat")
    return ()


def telling() -> Tell | None:
    """How Windows is told; None on any other system."""
    told: Tell | None = None
    if sys.platform == "win32":
        told = ctypes.windll.kernel32.SetThreadExecutionState
        told.argtypes, told.restype = (ctypes.c_uint32,), ctypes.c_uint32
    return told


class Awake:
    """Held while `hold(True)` was the last word; always spoken to by the same thread."""

    def __init__(self, command: Sequence[str] | None = None, tell: Tell | None = None) -> None:
        self._command = keeping_awake() if command is None else command
        self._tell = telling() if command is None and tell is None else tell
        self._helper: subprocess.Popen[bytes] | None = None
        self._told = False

    @property
    def held(self) -> bool:
        """Whether the machine is kept awake by us."""
        return self._told or (self._helper is not None and self._helper.poll() is None)

    def hold(self, wanted: bool) -> None:
        """Keep it awake, or let go; may be called again and again."""
        if not wanted:
            self.release()
        elif self._tell is not None and not self._told:
            self._ask(self._tell)
        elif self._helper is None and self._command:
            self._begin()

    def release(self) -> None:
        """Let go; may be called twice."""
        if self._told and self._tell is not None:
            self._tell(CONTINUOUS)
            self._told = False
        gone, self._helper = self._helper, None
        if gone is None or gone.stdin is None:
            return
        gone.stdin.close()
        try:
            gone.wait(END_S)
        except subprocess.TimeoutExpired:
            gone.kill()
            gone.wait()

    def _ask(self, tell: Tell) -> None:
        self._told = tell(CONTINUOUS | SYSTEM_REQUIRED) != 0
        if not self._told:
            LOG.warning("the machine is not kept awake: the system refuses it")
            self._tell = None

    def _begin(self) -> None:
        try:
            self._helper = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            LOG.warning("the machine is not kept awake: %s", error)
            self._command = ()
