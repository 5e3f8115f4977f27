"""Lockstep: nothing goes on before the client has seen all; one that was killed may return."""

import asyncio
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.simgate.server.pacing import Seen
from tests.simgate.server.gate import MARKET, USER, Gate, Hub, play

pytestmark = pytest.mark.tier1


async def ack(gate: Gate, market: Hub, user: Hub, idle: bool = True) -> Any:
    body = {"market_seen": market.seen, "user_seen": user.seen, "idle": idle}
    return await gate.sim("ack", body)


async def catch_up(gate: Gate, market: Hub, user: Hub) -> Any:
    """Read until all that was sent is seen, and say so."""
    while True:
        told = await ack(gate, market, user)
        if told["accepted"] or told["finished"]:
            return told
        for hub, sent in ((market, told["market_sent"]), (user, told["user_sent"])):
            while hub.seen < (sent or 0):
                await hub.record()


async def read_all(gate: Gate, market: Hub, user: Hub) -> None:
    """Read until all that was sent is seen, and do not say so."""
    while True:
        told = await ack(gate, market, user, idle=False)
        if (told["market_sent"], told["user_sent"]) == (market.seen, user.seen):
            return
        for hub, sent in ((market, told["market_sent"]), (user, told["user_sent"])):
            while hub.seen < sent:
                await hub.record()


def test_the_market_waits_for_every_piece(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER) as user:
            await catch_up(gate, market, user)
            await market.event()
            clock = (await gate.look("clock"))["now_ns"]
            assert (await ack(gate, market, user, idle=False))["accepted"] is False
            wrong = {"market_seen": market.seen + 1_000, "user_seen": user.seen, "idle": True}
            assert (await gate.sim("ack", wrong))["accepted"] is False
            assert (await gate.look("clock"))["now_ns"] == clock
            assert (await catch_up(gate, market, user))["accepted"] is True

    play(scene, tmp_path, speed="lockstep")


def test_a_whole_stretch_is_seen_to_its_end(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER) as user:
            told: dict[str, Any] = {"finished": False}
            steps = 0
            while not told["finished"] and steps < 100:
                told = await catch_up(gate, market, user)
                steps += 1
            assert told["finished"]
            assert 2 <= steps < 100
            assert (await gate.look("clock"))["due_ns"] is None

    play(scene, tmp_path, speed="lockstep", until="09:40")


def test_a_client_that_was_killed_goes_on_with_new_counts(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER) as user:
            for _ in range(5):
                await catch_up(gate, market, user)
            await gate.rule({}, "reset")
            await market.ended()
        clock = (await gate.look("clock"))["now_ns"]
        nobody = await gate.sim("ack", {"market_seen": 0, "user_seen": 0, "idle": True})
        assert (nobody["accepted"], nobody["market_sent"]) == (False, None)
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER) as user:
            for _ in range(5):
                assert (await catch_up(gate, market, user))["accepted"] is True
            while (await gate.look("clock"))["now_ns"] == clock:
                await market.event()

    play(scene, tmp_path, speed="lockstep")


def test_out_of_lockstep_there_is_nothing_to_acknowledge(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER) as user:
            assert (await ack(gate, market, user))["accepted"] is False

    play(scene, tmp_path)


def test_at_full_speed_it_waits_at_each_minute_for_who_acknowledges(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER) as user:
            stood = []
            for _ in range(4):
                await catch_up(gate, market, user)
                await market.event()
                told = await stands(gate, market, user)
                await asyncio.sleep(0.1)
                assert (await gate.look("clock"))["now_ns"] == told["clock"]
                stood.append(told["clock"] // MINUTE_NS)
        assert [b - a for a, b in pairwise(stood)] == [1, 1, 1]

    play(scene, tmp_path, speed="max")


def test_at_full_speed_who_announces_itself_is_waited_for_from_the_start(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.sim("ack", {"market_seen": 0, "user_seen": 0, "idle": False})
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER):
            with suppress(TimeoutError):
                while True:
                    await asyncio.wait_for(market.event(), 1.0)
            clock = await gate.look("clock")
            assert clock["due_ns"] is not None
            assert clock["now_ns"] % MINUTE_NS < SECOND_NS

    play(scene, tmp_path, speed="max")


async def stands(gate: Gate, market: Hub, user: Hub) -> Any:
    """Read until the market waits, and leave it waiting."""
    while True:
        told = await ack(gate, market, user, idle=False)
        seen = (market.seen, user.seen) == (told["market_sent"], told["user_sent"])
        if seen and told["clock"] % MINUTE_NS < SECOND_NS:
            return told
        while market.seen < told["market_sent"]:
            await market.record()


def test_who_leaves_with_its_last_word_misses_nothing(tmp_path: Path) -> None:
    """Its word and its farewell come at once; the market must not run on for nobody."""

    async def scene(gate: Gate) -> None:
        async with gate.hub("market", *MARKET) as market, gate.hub("user", *USER) as user:
            pacing, hubs = gate.gateway._pacing, gate.gateway._hubs
            await catch_up(gate, market, user)
            await read_all(gate, market, user)
            before = (await gate.look("clock"))["now_ns"]
            leaver = hubs.newest("market")
            assert leaver is not None
            assert pacing.acknowledge(Seen(market.seen, user.seen, idle=True))
            hubs.leave(leaver)  # before the market's own task has its turn
            nobody = await gate.sim("ack", {"market_seen": 0, "user_seen": 0, "idle": True})
            assert (nobody["accepted"], nobody["market_sent"]) == (False, None)
            assert (await gate.look("clock"))["now_ns"] == before

    play(scene, tmp_path, speed="lockstep")
