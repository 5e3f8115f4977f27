"""A market at a multiple of life: every second is told, every time of a rule is the market's."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simgate.server.gate import ACCOUNT, MARKET, USER, Gate, Hub, play

pytestmark = pytest.mark.tier1

QUOTE = "GatewayQuote"
SECOND_NS = 1_000_000_000
WAIT_S = 20.0


def at_twenty(scene: Callable[[Gate], Awaitable[None]], folder: Path) -> None:
    play(scene, folder, speed="20")


async def now(gate: Gate) -> int:
    return int((await gate.look("clock"))["now_ns"])


async def until(gate: Gate, met: Callable[[], Awaitable[Any]]) -> Any:
    """What `met` says as soon as it says anything."""
    async with asyncio.timeout(WAIT_S):
        while True:
            if found := await met():
                return found
            await asyncio.sleep(0.02)


async def seconds_told(hub: Hub, count: int) -> list[int]:
    """The seconds of so many quotes, without the answer to the subscription."""
    await hub.event(QUOTE)
    stamps: list[int] = []
    while len(stamps) < count:
        event = await hub.event(QUOTE)
        at = int(datetime.fromisoformat(event["arguments"][1]["lastUpdated"]).timestamp())
        if at not in stamps:
            stamps.append(at)
    return stamps


@pytest.mark.parametrize(
    "script",
    [
        None,
        {"kind": "ticks", "ticks": [[3, 5001.0, 1], [25, 5002.0, 1]]},
        {"kind": "quotes", "quotes": [[2, 5000.0, None], [9, None, None]]},
        {"kind": "silent", "seconds": 60},
        {"kind": "halt", "seconds": 60, "limit": "up"},
        {"kind": "gap", "points": 7.0},
        {"kind": "crossed", "seconds": 10},
    ],
    ids=lambda script: "bars" if script is None else script["kind"],
)
def test_every_second_of_the_market_is_told(script: dict[str, Any] | None, tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", "SubscribeContractQuotes") as hub:
            await hub.event(QUOTE)
            if script is not None:
                await gate.sim("market", script)
            stamps = await seconds_told(hub, 30)
            assert stamps == list(range(stamps[0], stamps[0] + 30))

    at_twenty(scene, tmp_path)


@pytest.mark.parametrize("deed", ["mute", "half_open", "reset", "close"])
def test_the_clock_runs_while_nobody_hears_it(deed: str, tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as hub:
            await hub.event(QUOTE)
            await gate.rule({"hub": "market"}, deed)
            began = await now(gate)
            await until(gate, lambda: _after(gate, began + 10 * SECOND_NS))

    at_twenty(scene, tmp_path)


async def _after(gate: Gate, ns: int) -> bool:
    return await now(gate) >= ns


def test_a_naked_position_is_found_in_the_markets_seconds_though_nothing_is_heard(
    tmp_path: Path,
) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as hub:
            await hub.event(QUOTE)
            await gate.rule({"hub": "market"}, "half_open")
            assert (await gate.place())["success"]
            began = await now(gate)
            [naked] = await until(gate, lambda: gate.look("violations"))
            assert naked["invariant"] == "I1"
            assert (await now(gate)) - began < 60 * SECOND_NS

    at_twenty(scene, tmp_path)


def test_a_delay_is_counted_in_the_markets_seconds(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as hub:
            await hub.event(QUOTE)
            await gate.rule({"path": "/api/Order/searchOpen"}, "delay", seconds=20)
            loop = asyncio.get_running_loop()
            began, wall = await now(gate), loop.time()
            await gate.post("/api/Order/searchOpen", accountId=ACCOUNT)
            assert await now(gate) - began >= 19 * SECOND_NS
            assert loop.time() - wall < 10.0

    at_twenty(scene, tmp_path)


def test_the_scope_of_a_rule_is_counted_in_the_markets_seconds(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as hub:
            await hub.event(QUOTE)
            path = {"path": "/api/Order/searchOpen"}
            await gate.rule(path, "status", status=503, scope={"after_s": 10, "for_s": 20})
            began = await now(gate)
            answers: list[tuple[float, int]] = []

            async def all_over() -> bool:
                at = (await now(gate) - began) / SECOND_NS
                answer = await gate.ask("/api/Order/searchOpen", accountId=ACCOUNT)
                answers.append((at, answer.status_code))
                return at > 40

            await until(gate, all_over)
            down = [at for at, status in answers if status == 503]
            assert down
            assert min(down) > 8.0
            assert max(down) < 30.0
            assert answers[-1][1] == 200

    at_twenty(scene, tmp_path)


def test_a_rule_at_the_venue_has_a_scope_and_is_counted(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as hub:
            await hub.event(QUOTE)
            number = await gate.rule({"role": "entry"}, "reject", scope={"for_s": 30})
            other = await gate.rule({"tag": "*-second"}, "reject", scope={"count": 5})
            assert not (await gate.place())["success"]
            assert not (await gate.place())["success"]
            done = {one["id"]: one["done"] for one in (await gate.look("rules"))["rules"]}
            assert (done[number], done[other]) == (2, 0)
            began = await now(gate)
            await until(gate, lambda: _after(gate, began + 30 * SECOND_NS))
            assert (await gate.place(customTag="the-first"))["success"]
            await gate.sim(f"rules/{number}", method="DELETE")
            assert not (await gate.place(customTag="the-second"))["success"]

    at_twenty(scene, tmp_path)


def test_held_events_come_after_the_markets_seconds(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER) as user:
            await market.event(QUOTE)
            await gate.rule({"event": "GatewayUserTrade"}, "hold", seconds=20)
            assert (await gate.place())["success"]
            began = await now(gate)
            await user.event("GatewayUserTrade")
            assert await now(gate) - began >= 18 * SECOND_NS

    at_twenty(scene, tmp_path)


def test_a_window_that_never_fills_is_sent_when_its_rule_is_over(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER) as user:
            await market.event(QUOTE)
            scope = {"for_s": 15}
            await gate.rule({"hub": "user"}, "reorder", window=50, scope=scope)
            assert (await gate.place())["success"]
            targets = [(await user.event())["target"] for _ in range(5)]
            assert targets[0] == "GatewayUserAccount"
            assert targets[-1] == "GatewayUserOrder"

    at_twenty(scene, tmp_path)


def test_a_reset_with_lines_breaks_the_calls_connection_too(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as hub:
            await hub.event(QUOTE)
            await gate.post("/api/Order/searchOpen", accountId=ACCOUNT)
            hold = {"path": "/api/Position/searchOpen"}
            await gate.rule(hold, "delay", seconds=600, scope={"count": 1})
            await gate.rule({}, "reset", lines=True, scope={"after_s": 10, "count": 1})
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                await gate.ask("/api/Position/searchOpen", accountId=ACCOUNT)
            await hub.ended()

    at_twenty(scene, tmp_path)


def test_the_market_moves_for_who_listens_to_the_account_alone(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        began = await now(gate)
        async with gate.hub("user", *USER):
            await until(gate, lambda: _after(gate, began + 5 * SECOND_NS))

    at_twenty(scene, tmp_path)
