"""The simulated gateway as the bot meets it: found by its line, or started as a child.

Its clock is the program's: every message carries exchange time, and nothing else moves it. In
lockstep the market waits after each piece until we say that all of it was handled and nothing is
under way here; at `max`, which is quicker, where a minute begins and where our account has news.
"""

import asyncio
import json
import os
import ssl
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import msgspec

from julie.core.errors import Exit, JulieError, UsageError

START_S: Final = 30.0
LEAVE_S: Final = 2.0  # of the wall
LOOK_S: Final = 0.25  # of the wall, between two looks at whether the market has ended
ASK_AGAIN_S: Final = 0.02
CALL_S: Final = 30.0


class SimError(JulieError):
    """The simulated gateway did not come up, or is gone."""

    exit_code = Exit.ENVIRONMENT


class Ready(msgspec.Struct, kw_only=True):
    """The line that the simulated gateway prints when clients may come."""

    url: str
    user_hub: str
    market_hub: str
    username: str
    api_key: str
    accounts: list[dict[str, object]]
    contracts: dict[str, str]
    speed: float | str
    clock: int
    until: int

    @property
    def account_id(self) -> int:
        """Its first account."""
        return int(str(self.accounts[0]["id"]))


class Seen(NamedTuple):
    """Events of the present connections that were handled here."""

    market: int
    user: int


def read_ready(place: Path) -> Ready:
    """The line of a gateway that runs already."""
    try:
        return msgspec.json.decode(place.read_bytes(), type=Ready)
    except OSError as error:
        raise UsageError(
            f"{place} cannot be read: {error.strerror}",
            "`julie simgate > READY.json` writes it; without a file the bot starts its own",
        ) from error
    except msgspec.DecodeError as error:
        raise UsageError(
            f"{place} is not the line of a simulated gateway: {error}",
            "give the first line that `julie simgate` prints",
        ) from error


async def start_child(words: Sequence[str]) -> tuple[Process, Ready]:
    """Start a gateway that ends with us."""
    command = ("-m", "julie.cli.main", "simgate", "--with-parent", str(os.getpid()), *words)
    child = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=PIPE, start_new_session=True
    )
    if child.stdout is None:
        raise SimError("the simulated gateway has no output")
    try:
        async with asyncio.timeout(START_S):
            line = await child.stdout.readline()
        return child, msgspec.json.decode(line, type=Ready)
    except (TimeoutError, msgspec.DecodeError) as error:
        await _gone(child)
        raise _not_started(child.returncode) from error


async def _gone(child: Process) -> None:
    """Let a child that ended by itself do so: to ask one that is gone would lose its exit code."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_S):
            await child.wait()
    await end_child(child)


def _not_started(code: int | None) -> SimError:
    """Why the child did not start, as its exit code has it; its own words were shown already."""
    error = SimError("the simulated gateway did not start", "`julie simgate` by itself shows why")
    if code in tuple(Exit) and code != Exit.DONE:
        error.exit_code = Exit(code)
    return error


async def end_child(child: Process) -> None:
    """Ask the child to end, and see that it does."""
    if child.returncode is None:
        child.terminate()
        try:
            async with asyncio.timeout(5.0):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


class Told(NamedTuple):
    """What the market answers."""

    goes_on: bool
    finished: bool  # there is no more market
    sent: tuple[int | None, int | None]  # events, on either hub


class SimControl:
    """The controls of a simulated gateway that a bot may use: its clock, and lockstep."""

    def __init__(self, url: str) -> None:
        # On this machine and plain: to read the certificates of the world would take its time.
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._http = httpx.AsyncClient(base_url=url, timeout=CALL_S, trust_env=False, verify=nobody)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def finished(self) -> bool:
        """Whether there is no more market."""
        return bool((await self._asked("GET", "/_sim/clock"))["finished"])

    async def now_ns(self) -> int:
        """The market's time."""
        return int(str((await self._asked("GET", "/_sim/clock"))["now_ns"]))

    async def announce(self) -> None:
        """Before anything is heard: we are one for whom a market at `max` waits."""
        body = {"market_seen": 0, "user_seen": 0, "idle": False}
        await self._asked("POST", "/_sim/ack", body)

    async def acknowledge(self, seen: Seen) -> Told:
        """Say what was handled."""
        body = {"market_seen": seen.market, "user_seen": seen.user, "idle": True}
        told = await self._asked("POST", "/_sim/ack", body)
        sent = told["market_sent"], told["user_sent"]
        return msgspec.convert((told["accepted"], told["finished"], sent), Told)

    async def _asked(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        try:
            content = None if body is None else json.dumps(body)
            answer = await self._http.request(method, path, content=content)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise SimError(
                f"the simulated gateway does not answer {path} ({type(error).__name__})",
                "see whether `julie simgate` still runs",
            ) from error
        found: dict[str, object] = answer.json()
        return found


class Lockstep:
    """Lets the market go on, piece by piece, when everything here has come to rest."""

    def __init__(
        self,
        control: SimControl,
        seen: Callable[[], Seen],
        at_rest: Callable[[], bool],
        commit: Callable[[], Awaitable[None]],
    ) -> None:
        self._control = control
        self._seen = seen
        self._at_rest = at_rest
        self._commit = commit
        self._news = asyncio.Event()
        self.pieces = 0

    def wake(self) -> None:
        """Something was handled, or has come to rest."""
        self._news.set()

    async def run(self) -> None:
        """Until the market has ended and all of it was handled."""
        over = False
        while not over:
            await self._rest()
            await self._commit()
            seen = self._seen()
            told = await self._control.acknowledge(seen)
            over = told.finished and told.sent == seen
            self.pieces += told.goes_on
            if told.goes_on and not over:
                await self._more_than(seen)
            elif not over:
                await self._as_many_as(told.sent)

    async def _rest(self) -> None:
        """Return once nothing is under way; work that was just begun gets its turn first."""
        while True:
            await asyncio.sleep(0)
            if self._at_rest():
                return
            self._news.clear()
            try:
                async with asyncio.timeout(ASK_AGAIN_S):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _as_many_as(self, sent: tuple[int | None, int | None]) -> None:
        """Return when all that was sent is handled, or a little later."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ASK_AGAIN_S):
                while self._seen() != sent:
                    self._news.clear()
                    await self._news.wait()

    async def _more_than(self, seen: Seen) -> None:
        """Return once something new was handled, or nothing new can come."""
        while self._seen() == seen:
            self._news.clear()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                if await self._control.finished():
                    return


async def until_finished(control: SimControl) -> None:
    """Return when a gateway that runs by its own clock has no more market."""
    while True:
        if await control.finished():
            return
        await asyncio.sleep(LOOK_S)
