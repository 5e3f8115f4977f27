"""Ctrl-C and SIGTERM: they break in at once, except where work in hand is first brought to an end.

Both may be held back while results are written. The first one is then only remembered; whoever asks
a second time means it.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final


class Terminated(BaseException):
    """SIGTERM asked the program to end."""


INTERRUPTIONS: Final = (KeyboardInterrupt, Terminated)
_ERROR_OF: Final = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}


@dataclass(slots=True)
class Held:
    """The interruption that came meanwhile, if any."""

    back: BaseException | None = None


def heed_termination() -> None:
    """From here on SIGTERM breaks in as Ctrl-C does; without effect outside the main thread."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _break_in)


def _break_in(number: int, frame: FrameType | None) -> None:
    del frame
    raise _ERROR_OF[signal.Signals(number)]


@contextmanager
def held_back(tell: Callable[[], None]) -> Iterator[Held]:
    """Hold the first interruption back until the block has ended, and tell that it came."""
    held = Held()
    if threading.current_thread() is not threading.main_thread():
        yield held
        return

    def hold(number: int, frame: FrameType | None) -> None:
        if held.back is not None:
            _break_in(number, frame)
        held.back = _ERROR_OF[signal.Signals(number)]()
        tell()

    before = {number: signal.signal(number, hold) for number in _ERROR_OF}
    try:
        yield held
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
