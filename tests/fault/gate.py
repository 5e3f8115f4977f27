"""The simulated gateway of a row, in a process of its own, and what a test may do to it."""

import asyncio
import os
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec

from julie.core.zones import SECOND_NS
from julie.live.sim import Ready
from julie.simgate.exchange.bodies import Truth, Violation
from tests.fault.flat_market import DAY, write_bars
from tests.fault.loaded import LOOK_S, Life, loader

KEY: Final = "sentinel-key-93b1c7e05f"  # searched for in everything the bot writes
USER: Final = "sentinel-user-4d20aa"
JWT: Final = "eyJhbGciOi"  # as every token of the venue begins
START_S: Final = 60.0  # of the wall, on a busy machine
ENDED: Final = (2, 3, 4, 5)  # statuses of orders to which nothing more happens
_TRUTH: Final = msgspec.json.Decoder(Truth)
_VIOLATIONS: Final = msgspec.json.Decoder(list[Violation])


def secrets_of(ready: Ready) -> tuple[str, ...]:
    """What no byte that the bot writes may hold."""
    names = [str(one["name"]) for one in ready.accounts]
    return (KEY, USER, JWT, ready.api_key, ready.username, *names)


class Gate:
    """A running gateway; all its times are seconds of its market."""

    def __init__(self, child: Life, ready: Ready, speed: float) -> None:
        self._child = child
        self.ready = ready
        self.speed = speed
        self.contract = ready.contracts["MES"]
        self.broken_ns: int | None = None  # when the first fault was asked for
        self._asked: list[str] = []  # all that was made to go wrong, as it was said
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and the usual one is slow
        self._http = httpx.AsyncClient(
            base_url=ready.url, timeout=20.0, trust_env=False, verify=plain
        )

    @classmethod
    async def start(
        cls,
        folder: Path,
        *,
        seed: int,
        speed: float,
        dialect: Mapping[str, Any] | None = None,
        words: Sequence[str] = (),
    ) -> Self:
        """Start one on the quiet market; words are more of `julie simgate`."""
        data = ["--data", str(write_bars(folder)), "--symbol", "MES", "--date", str(DAY)]
        if "--data" in words or "--scenario" in words:
            data = []
        if "--from" not in words and "--scenario" not in words:
            data += ["--from", "09:30", "--until", "13:20"]
        given = [
            *(*data, "--speed", f"{speed:g}", "--seed", str(seed)),
            *("--username", USER, "--api-key", KEY),
            *("--dialect", msgspec.json.encode(dict(dialect or {})).decode()),
            *words,
        ]
        child, ready = await started(given, folder)
        return cls(child, ready, speed)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            error.add_note(f"what was asked of the gateway:\n{self.asked()}")
        await self._http.aclose()
        self._child.kill()  # it keeps nothing, and nobody waits for its good order
        await self._child.wait()

    # faults

    async def rule(
        self,
        do: str,
        match: Mapping[str, Any] | None = None,
        scope: Mapping[str, Any] | None = None,
        **action: Any,
    ) -> int:
        """Something goes wrong from now on; returns the rule's number."""
        await self.breaks()
        body = {"match": match or {}, "action": {"do": do, **action}, "scope": scope or {}}
        made = await self.sim("rules", body)
        return int(made["ids"][0])

    async def drop_rule(self, number: int) -> None:
        """It goes wrong no more."""
        await self.sim(f"rules/{number}", method="DELETE")

    async def market(self, kind: str, **body: Any) -> None:
        """A script of the market: gap, ticks, bars, halt, silent ..."""
        await self.breaks()
        await self.sim("market", {"kind": kind, **body})

    async def account(self, kind: str, **body: Any) -> None:
        """Something happens to the account: foreign, can_trade, void ..."""
        await self.breaks()
        await self.sim("account", {"kind": kind, **body})

    async def taken_off(self, order: int) -> None:
        """Somebody cancels an order, unless it has ended by itself in this very moment."""
        await self.breaks()
        told = {"kind": "foreign_cancel", "order": order}
        self._asked.append(f"POST account {told}, if it still works")
        answer = await self._http.post("/_sim/account", json=told)
        assert answer.status_code in {200, 409}, answer.text

    async def dialect(self, **switches: Any) -> None:
        """The gateway speaks otherwise from now on."""
        await self.sim("dialect", switches)

    async def breaks(self) -> None:
        """The fault begins here; the first time counts."""
        if self.broken_ns is None:
            self.broken_ns = await self.now_ns()

    async def streams_up(self) -> bool:
        """Whether somebody listens on both hubs."""
        found = await self.sim("connections", method="GET")
        return {one["hub"] for one in found if one["groups"]} == {"market", "user"}

    # time

    async def now_ns(self) -> int:
        """The market's time."""
        return int((await self.sim("clock", method="GET"))["now_ns"])

    async def pause(self, *, paused: bool = True) -> None:
        """Hold the market, or let it go on."""
        await self.sim("clock", {"paused": paused})

    async def play(self, seconds: float) -> None:
        """Play so much of the market at once, whoever listens."""
        await self.sim("clock", {"advance_s": seconds})

    async def play_to(self, second: float) -> None:
        """Play at once up to that second of a minute: this one, or the next."""
        at = (await self.now_ns()) / SECOND_NS % 60
        if (left := (second - at) % 60) > 0:
            await self.play(left)

    # truth

    async def truth(self) -> Truth:
        """The gateway's own record of all that happened."""
        return _TRUTH.decode(await self._raw("truth"))

    async def violations(self) -> list[Violation]:
        """What its oracle found: I1, I2, I6, I7."""
        return _VIOLATIONS.decode(await self._raw("violations"))

    def asked(self) -> str:
        """All rules and scripts of the row in their order, for a person."""
        return "\n".join(self._asked) or "nothing"

    async def _raw(self, name: str) -> bytes:
        answer = await self._http.get(f"/_sim/{name}")
        assert answer.status_code == 200, (name, answer.status_code, answer.text)
        return answer.content

    async def sim(self, name: str, body: Any = None, method: str = "POST") -> Any:
        """A control call."""
        if method != "GET" and name != "clock":
            self._asked.append(f"{method} {name} {msgspec.json.encode(body).decode()}")
        answer = await self._http.request(method, f"/_sim/{name}", json=body)
        assert answer.status_code == 200, (name, answer.status_code, answer.text)
        return answer.json()


async def started(words: Sequence[str], folder: Path) -> tuple[Life, Ready]:
    """A gateway that ends with us, and what it says when clients may come."""
    given = ("simgate", "--with-parent", str(os.getpid()), *words)
    line, said = folder / "gate-ready.json", folder / "gate.txt"
    child = loader().born(given, folder, os.environ, line, said)
    async with asyncio.timeout(START_S):
        while not (told := _told(line)).endswith("\n"):
            assert child.returncode is None, _told(said)
            await asyncio.sleep(LOOK_S)
    return child, msgspec.json.decode(told, type=Ready)


def _told(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def net(truth: Truth, contract: str) -> int:
    """Contracts held."""
    return sum(one.net for one in truth.positions if one.contract == contract)


def working(truth: Truth, *roles: str) -> list[Any]:
    """Orders that may still fill."""
    return [
        one for one in truth.orders if one.status not in ENDED and (not roles or one.role in roles)
    ]


def protected(truth: Truth, contract: str) -> bool:
    """Whether something is held, and stops work for all of it."""
    held = [one for one in truth.positions if one.contract == contract and one.net]
    return bool(held) and all(one.covered >= abs(one.net) for one in held)


def flat(truth: Truth) -> bool:
    """Nothing held and nothing working."""
    return not truth.positions and not working(truth)


def calls(truth: Truth, path: str, since: int = 0) -> list[Any]:
    """Requests to a path that came from an instant on."""
    return [one for one in truth.requests if one.path.endswith(path) and one.ns >= since]
