"""Named instants at which a test may kill, delay or break the program; inert everywhere else.

`JULIE_FAILPOINT=name[:n]:kill[=ms]|sleep=ms|raise` arms one of them: at its n-th passing (the
first, if nothing is said) the whole process is killed as by `kill -9`, at once or so much later, or
stands still, or raises. What a crash leaves behind is then what a crash at that instruction would
leave behind. `JULIE_FAILPOINT_TRAIL=file` writes down every passing, for who kills at random.
"""

import os
import signal
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

VARIABLE: Final = "JULIE_FAILPOINT"
TRAIL: Final = "JULIE_FAILPOINT_TRAIL"
FAILPOINTS: Final = {
    "K1": "intent built, not committed",
    "K2": "intent committed, not sent",
    "K3": "order sent, no answer read",
    "K4": "answer read, not committed",
    "K5": "answer committed",
    "K6": "fill event read, not committed",
    "K7": "fill committed, legs unchecked",
    "K8": "leg repair sent",
    "K9": "stop move sent, not answered",
    "K10": "cancel sent",
    "K11": "flatten: cancelled, not closed",
    "K12": "close sent, not answered",
    "K13": "status or trades file half written",
    "K14": "in the middle of a schema migration",
    "K15": "reconciliation half applied",
}


class FailpointReached(Exception):
    """What `raise` raises."""


@dataclass(slots=True)
class _Armed:
    """One failpoint that waits for its passing."""

    name: str
    left: int
    act: str
    lock: threading.Lock = field(default_factory=threading.Lock)

    def passed(self, name: str) -> None:
        if name != self.name:
            return
        with self.lock:
            self.left -= 1
            if self.left != 0:
                return
        if self.act == "kill":
            _kill()
        elif self.act.startswith("kill="):
            later = threading.Timer(float(self.act.removeprefix("kill=")) / 1000, _kill)
            later.daemon = True
            later.start()
        elif self.act == "raise":
            raise FailpointReached(f"{name}: {FAILPOINTS[name]}")
        else:
            threading.Event().wait(int(self.act.removeprefix("sleep=")) / 1000)


def _kill() -> None:
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def failpoint(name: str) -> None:
    """Pass the named instant; nothing happens unless a test armed it."""
    if name not in FAILPOINTS:
        raise ValueError(f"no failpoint {name!r}")
    trail = os.environ.get(TRAIL)
    if trail:
        with Path(trail).open("a", encoding="ascii") as file:
            file.write(f"{name}\n")
    armed = os.environ.get(VARIABLE)
    if armed:
        _read(armed).passed(name)


@lru_cache(maxsize=16)
def _read(text: str) -> _Armed:
    """What the variable says; a word that means nothing is an error, never a test that passes."""
    name, *rest = text.split(":")
    count, act = (rest[0], rest[1]) if len(rest) == 2 else ("1", rest[0] if rest else "")
    deed, timed, ms = act.partition("=")
    known = act in ("kill", "raise") or (
        bool(timed) and deed in ("kill", "sleep") and ms.isdecimal()
    )
    if name not in FAILPOINTS or len(rest) > 2 or not count.isdigit() or not known:
        raise ValueError(
            f"{VARIABLE}={text!r}: name[:n]:kill[=ms]|sleep=ms|raise, name one of K1..K15"
        )
    return _Armed(name, int(count), act)
