"""Whether another process is still there."""

import os
import sys


def is_alive(pid: int) -> bool:
    """Whether a process of that number runs."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x00100000, False, pid)  # the right to wait for its end
        if not handle:
            return False
        running = kernel.WaitForSingleObject(handle, 0) != 0
        kernel.CloseHandle(handle)
        return bool(running)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """A dead parent that nobody has buried yet still has its number (Linux)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as lines:  # noqa: PTH123
            return lines.read().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
