"""How a session comes to its end: who asked for it, what becomes of a position, with which code.

The first word counts, except that a kill switch overrides whatever was said before it. Ctrl-C and
SIGTERM end in order the first time and at once the second time.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from julie.core.errors import Ended, Exit, Interrupted
from julie.core.tasks import Tasks

CODES: Final = {
    name: code
    for name, code in (
        ("SIGINT", Exit.INTERRUPTED),
        ("SIGTERM", Exit.TERMINATED),
        ("SIGHUP", Exit.TERMINATED),  # the terminal was closed
        ("SIGBREAK", Exit.TERMINATED),  # the console was, on Windows
    )
    if hasattr(signal, name)
}
FLATTEN: Final = "SIGUSR1"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class End:
    """Why a session ends."""

    why: str
    code: Exit = Exit.DONE
    position: str = "keep"  # or flatten, or ask
    market_over: bool = False


class Leaving:
    """Waits for the first who asks for the end."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._end: End | None = None
        self.urged = False  # a signal asked for it when it had been asked for

    def ask(self, end: End) -> None:
        """Ask for the end."""
        self.urged = self.urged or (self._end is not None and end.code in CODES.values())
        if self._end is None or end.code is Exit.STOPPED:
            self._end = end
        self._asked.set()

    async def asked(self) -> End:
        """Return once somebody did."""
        await self._asked.wait()
        if self._end is None:
            raise RuntimeError("the end was asked for by nobody")
        return self._end

    async def or_done(self, work: Coroutine[Any, Any, T], tasks: Tasks) -> T | None:
        """What comes of some work; None, and the work broken off, where somebody asks before."""
        working = tasks.start("work", work)
        asked = tasks.start("asked for the end", self._asked.wait())
        await asyncio.wait((working, asked), return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if working.done():
            return working.result()
        working.cancel()
        await asyncio.wait((working,))
        return None

    def raise_broken_off(self) -> None:
        """A second signal broke in: say so, with the code of the first."""
        if self._end is None:
            return
        made = Ended if self._end.code is Exit.TERMINATED else Interrupted
        raise made(
            "ended at once; nothing that was written is lost",
            "start again: it recovers and compares with the venue first",
        )


@contextmanager
def heeding(
    leaving: Leaving, position: str, flatten: Callable[[], None], wanted: bool
) -> Iterator[None]:
    """While it holds, signals ask for the end, and a second one breaks in; main thread only."""
    if not wanted or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, main = asyncio.get_running_loop(), asyncio.current_task()

    signals: list[str] = []

    def heard(name: str) -> None:
        if signals and main is not None:
            main.cancel(name)  # an end that somebody else asked for is not broken off by the first
        signals.append(name)
        leaving.ask(End(f"{_word(name)} was received", CODES[name], position))

    before: dict[Any, Any] = {}
    for name in CODES:
        before[_number(name)] = signal.getsignal(_number(name))
        _heed(loop, _number(name), heard, name)
    if hasattr(signal, FLATTEN):
        before[_number(FLATTEN)] = signal.getsignal(_number(FLATTEN))
        _heed(loop, _number(FLATTEN), lambda _: flatten(), FLATTEN)
    try:
        yield
    finally:
        for number, handler in before.items():
            _unheed(loop, number, handler)


def _word(name: str) -> str:
    return "Ctrl-C" if name == "SIGINT" else name


def _number(name: str) -> signal.Signals:
    return signal.Signals[name]


def _heed(
    loop: asyncio.AbstractEventLoop,
    number: signal.Signals,
    heard: Callable[[str], None],
    name: str,
) -> None:
    try:
        loop.add_signal_handler(number, heard, name)
    except NotImplementedError:  # Windows: a handler there may not touch the loop itself
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(heard, name))


def _unheed(loop: asyncio.AbstractEventLoop, number: signal.Signals, handler: Any) -> None:
    with suppress(NotImplementedError):
        loop.remove_signal_handler(number)
    if handler is not None:
        signal.signal(number, handler)
