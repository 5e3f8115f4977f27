"""A request that is written in its caller's turn.

The library leaves the body to a task of its own, and whatever else is ready runs before that: the
preparation of another order, say. From Python 3.12 on it begins such a task at once; here that is
done by hand.
"""

from collections.abc import Coroutine, Generator
from contextlib import suppress
from typing import Any

import aiohttp

Work = Coroutine[Any, Any, None]


class PromptRequest(aiohttp.ClientRequest):
    """Its body goes out with its head, as far as the socket takes it."""

    def write_bytes(self, *args: Any, **named: Any) -> Work:
        """Write what can be written now; the rest is for the task that awaits this."""
        work = super().write_bytes(*args, **named)
        try:
            waits_for = work.send(None)
        except StopIteration:
            return _nothing()
        return _later(_Rest(work, waits_for))


class _Rest:
    """What is left of work that was begun and has to wait."""

    def __init__(self, work: Work, waits_for: Any) -> None:
        self._work, self._waits_for = work, waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            yield self._waits_for
        except BaseException as error:  # given up, or broken, while it waits
            with suppress(StopIteration):  # which says that the library has dealt with it
                self._work.throw(error)
                raise
            return
        yield from self._work.__await__()


async def _nothing() -> None:
    """All was written."""


async def _later(rest: _Rest) -> None:
    await rest
