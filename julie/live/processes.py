"""Whether a process still runs, and when it started: a number alone may have been given anew."""

import subprocess
import sys
from pathlib import Path


def start_of(pid: int) -> str:
    """A mark of the moment at which a process of this machine started; empty = it does not run."""
    return _start(pid) if pid > 0 else ""


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    def _start(pid: int) -> str:
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
        if not handle:
            return ""
        times = [wintypes.FILETIME() for _ in range(4)]
        code = wintypes.DWORD()
        try:
            alive = kernel.GetExitCodeProcess(handle, ctypes.byref(code)) and code.value == 259
            if not alive or not kernel.GetProcessTimes(handle, *map(ctypes.byref, times)):
                return ""
        finally:
            kernel.CloseHandle(handle)
        return f"{times[0].dwHighDateTime}:{times[0].dwLowDateTime}"

elif sys.platform == "linux":

    def _start(pid: int) -> str:
        try:
            told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        except OSError:
            return ""
        fields = told.rpartition(")")[2].split()  # the name before it may hold anything
        if fields[0] in {"Z", "X"}:  # ended, and nobody has asked for its exit code yet
            return ""
        return f"{boot[:8]}:{fields[19]}"

else:

    def _start(pid: int) -> str:
        words = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
        found = subprocess.run(words, capture_output=True, text=True, check=False)
        return found.stdout.strip()
