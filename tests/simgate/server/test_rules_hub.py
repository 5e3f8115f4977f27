"""What rules do to the hubs: events lost, held, doubled, turned and broken; connections cut."""

import json
from pathlib import Path

import pytest
import websockets

from tests.simgate.server.gate import ACCOUNT, END, MARKET, USER, Gate, play

pytestmark = pytest.mark.tier1

QUOTE = "GatewayQuote"
TRADE = "GatewayTrade"


def test_muted_events_are_lost_while_pings_go_on(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.play(1)
        async with gate.hub("market", *MARKET) as hub:
            await hub.event(QUOTE)
            await gate.rule({"hub": "market"}, "mute", scope={"for_s": 120})
            await gate.sim("dialect", {"keep_alive_s": 0.1})
            await gate.play(60)
            assert await hub.record() == {"type": 6}
            await gate.play(120)
            assert (await hub.event(QUOTE))["arguments"][0] == gate.contract

    play(scene, tmp_path)


def test_duplicates_holds_and_turns(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.play(1)
        async with gate.hub("market", "SubscribeContractTrades") as hub:
            number = await gate.rule({"event": TRADE}, "duplicate", times=2)
            await gate.play(60)
            three = [await hub.event(TRADE) for _ in range(3)]
            assert three[0] == three[1] == three[2]
            await gate.sim(f"rules/{number}", method="DELETE")
        async with gate.hub("market", "SubscribeContractTrades") as hub:
            await gate.rule({"event": TRADE, "nth": 1}, "hold", seconds=600)
            await gate.play(300)
            first = await hub.event(TRADE)
            while not await hub.silent():
                await hub.event(TRADE)
            await gate.play(600)
            stamps = [first["arguments"][1][0]["timestamp"]]
            while not await hub.silent():
                stamps.append((await hub.event(TRADE))["arguments"][1][0]["timestamp"])
            assert min(stamps) != stamps[0]

    play(scene, tmp_path)


def test_events_are_turned_round_in_windows(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.play(1)
        async with gate.hub("market", "SubscribeContractTrades") as hub:
            await gate.rule({"event": TRADE}, "reorder", window=3)
            await gate.play(600)
            events = [await hub.event(TRADE) for _ in range(6)]
            stamps = [one["arguments"][1][0]["timestamp"] for one in events]
            assert stamps[:3] == sorted(stamps[:3], reverse=True)
            assert stamps[3:] == sorted(stamps[3:], reverse=True)
            assert max(stamps[:3]) < min(stamps[3:])

    play(scene, tmp_path)


def test_frames_are_cut_split_grown_and_mixed_with_noise(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.play(1)
        async with gate.hub("market", "SubscribeContractTrades") as hub:

            async def one_frame(do: str, **action: object) -> str:
                await gate.rule({"event": TRADE, "nth": 1}, do, **action)
                await gate.play(60)
                frame = await hub.frame()
                while not await hub.silent():
                    await hub.record()
                return frame

            assert len(await one_frame("truncate", keep=25)) == 25
            assert not (await one_frame("split")).endswith(END)
            grown = await one_frame("grow", size=100_000)
            assert len(grown) > 100_000
            assert json.loads(grown.removesuffix(END))["target"] == TRADE
            assert len((await one_frame("garbage", size=40)).split(END)[0]) == 40
            await gate.rule({"event": TRADE, "nth": 1}, "edit", set={"type": 42}, drop=["volume"])
            await gate.play(60)
            row = (await hub.event(TRADE))["arguments"][1][0]
            assert (row["type"], "volume" in row) == (42, False)

    play(scene, tmp_path)


def test_connections_are_reset_closed_and_left_hanging(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("user", *USER) as hub:
            await gate.rule({"hub": "user"}, "reset")
            assert (await hub.ended()).rcvd is None
        async with gate.hub("user", *USER) as hub:
            await gate.rule({"hub": "user"}, "close", text="Connection closed with an error.")
            said = {"type": 7, "error": "Connection closed with an error."}
            assert await hub.record() == said
            assert (await hub.ended()).rcvd is not None
        async with gate.hub("market", *MARKET) as hub:
            await gate.rule({"hub": "market"}, "half_open")
            await gate.sim("dialect", {"keep_alive_s": 0.1})
            await gate.play(60)
            while not await hub.silent():
                await hub.record()
            assert (await gate.look("connections"))[0]["life"] == "half_open"
        async with gate.hub("user", *USER) as hub:
            await gate.rule({"hub": "user"}, "logout")
            assert (await hub.event())["target"] == "GatewayLogout"

    play(scene, tmp_path)


def test_resets_come_again_each_so_many_seconds(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.rule(
            {"hub": "market"}, "reset", scope={"after_s": 60, "every_s": 60, "count": 3}
        )
        for _ in range(3):
            async with gate.hub("market", *MARKET) as hub:
                await gate.play(61)
                assert (await hub.ended()).rcvd is None
        async with gate.hub("market", *MARKET) as hub:
            await gate.play(61)
            assert (await hub.event(QUOTE))["arguments"][0] == gate.contract

    play(scene, tmp_path)


def test_connects_are_refused_for_a_while(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.rule({"hub": "user"}, "refuse_connect", status=503, scope={"count": 1})
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with gate.raw_hub("user"):
                pass
        assert refused.value.response.status_code == 503
        await gate.rule({}, "refuse_connect", scope={"count": 2})
        for hub in ("user", "market"):
            with pytest.raises((OSError, EOFError, websockets.WebSocketException)):
                async with gate.raw_hub(hub):
                    pass
        async with gate.hub("user", *USER):
            assert len(await gate.look("connections")) == 1

    play(scene, tmp_path)


def test_a_subscription_is_answered_and_never_served(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.play(1)
        await gate.rule({"subscribe": "SubscribeContractTrades", "nth": 1}, "ignore_subscribe")
        async with gate.hub("market", "SubscribeContractTrades") as hub:
            await gate.play(60)
            assert await hub.silent()
            await hub.invoke("SubscribeContractTrades", gate.contract)
            await gate.play(60)
            assert (await hub.event())["target"] == TRADE

    play(scene, tmp_path)


def test_a_subscription_to_nobodys_account_is_quiet(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("user") as hub:
            assert "error" not in await hub.invoke("SubscribeOrders", ACCOUNT + 1)
            await gate.place()
            assert await hub.silent()

    play(scene, tmp_path)
