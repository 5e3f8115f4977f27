"""The file STOP in the data folder: whoever makes it flattens the bot, and no start passes it.

An empty file does, made with any tool. What `julie flatten` makes says who, when and why.
"""

import asyncio
import getpass
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from julie.core.clock import Clock, MachineClock
from julie.core.errors import Exit, JulieError
from julie.core.zones import SECOND_NS, eastern_iso
from julie.store.atomic import write_text

NAME: Final = "STOP"
LOOK_S: Final = 0.25


class Stop(NamedTuple):
    """Who stopped the bot, when, and why."""

    who: str
    when: str
    why: str


class StoppedByFile(JulieError):
    """A STOP file lies in the data folder."""

    exit_code = Exit.STOPPED

    def __init__(self, path: Path, stop: Stop) -> None:
        why = f" ({stop.why})" if stop.why else ""
        super().__init__(
            f"{path} forbids trading: made by {stop.who} at {stop.when}{why}",
            f"see that the account is as it should be, then delete {path} and start again",
            "no request was sent",
        )


def stop_path(data_dir: Path) -> Path:
    """Where the file lies."""
    return data_dir / NAME


def write_stop(data_dir: Path, why: str, clock: Clock | None = None) -> Path:
    """Stop the bot of a data folder; the first one's word stands."""
    path = stop_path(data_dir)
    if not path.exists():
        who = f"{_user()} on {socket.gethostname()}"
        when = eastern_iso((clock or MachineClock()).now_ns())
        write_text(path, json.dumps({"who": who, "when": when, "why": why}) + "\n")
    return path


def read_stop(data_dir: Path) -> Stop | None:
    """What the file says; None where there is none. That it is there is enough: one that another
    user made, and nobody else may read, stops as well.
    """
    path = stop_path(data_dir)
    try:
        made_ns = path.stat().st_mtime_ns
    except (FileNotFoundError, NotADirectoryError):
        return None
    when = eastern_iso(made_ns // SECOND_NS * SECOND_NS)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        return Stop(_owner(path), when, f"it cannot be read: {error.strerror or error}")
    try:
        told = json.loads(text)
        return Stop(str(told["who"]), str(told["when"]), str(told.get("why", "")))
    except (ValueError, KeyError, TypeError, AttributeError):  # made by hand
        return Stop(_owner(path), when, " ".join(text.split())[:200])


def refuse_when_stopped(data_dir: Path) -> None:
    """Raise `StoppedByFile` where the file lies: called before anything else of a start."""
    stop = read_stop(data_dir)
    if stop is not None:
        raise StoppedByFile(stop_path(data_dir), stop)


async def watch(data_dir: Path, stopped: Callable[[Stop], None]) -> None:
    """Call `stopped` once, as soon as the file is there."""
    while True:
        stop = read_stop(data_dir)
        if stop is not None:
            stopped(stop)
            return
        await asyncio.sleep(LOOK_S)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):  # a number without a name, as in a container
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "somebody"


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except (OSError, KeyError, NotImplementedError):  # Windows does not tell
        return "somebody"
