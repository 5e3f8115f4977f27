"""What a session is asked to be: mode, folder, configuration, and the words of the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from julie.core.zones import SECOND_NS
from julie.settings import Settings
from julie.strategies.base import Strategy


def _silent(line: str) -> None:
    """Nobody reads."""
    del line


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """One session of the bot."""

    mode: str  # sim, paper or live
    run: str
    settings: Settings
    folder: Path
    until: str | None = None  # Eastern time at which it ends
    strategies: tuple[Strategy, ...] = ()  # instead of those that the configuration enables
    seed: int = 1
    config_hash: str = ""
    tell: Callable[[str], None] = _silent  # lines for the terminal
    shows: bool = False  # every fill and denial there too
    ask: Callable[[str], str] | None = None  # a question to whoever sits there; None = nobody does
    heeds_signals: bool = False  # the process is this session's own


def new_run(mode: str, now_ns: int) -> str:
    """The name of a run: its mode and when it began, to the millisecond."""
    at = datetime.fromtimestamp(now_ns / SECOND_NS, UTC)
    return f"{mode}-{at:%Y%m%d-%H%M%S}-{at.microsecond // 1000:03d}"
