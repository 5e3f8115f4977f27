"""Both hubs over loopback, by the letter of the protocol."""

import json
from pathlib import Path

import pytest
import websockets

from tests.simgate.server.gate import ACCOUNT, END, HELLO, MARKET, USER, Gate, play

pytestmark = pytest.mark.tier1


@pytest.mark.parametrize("hub", ["user", "market"])
def test_negotiating_in_both_versions_leads_to_a_socket(tmp_path: Path, hub: str) -> None:
    async def scene(gate: Gate) -> None:
        bearer = {"Authorization": f"Bearer {gate.token}"}
        old = (await gate.http.post(f"/hubs/{hub}/negotiate", headers=bearer)).json()
        assert old["negotiateVersion"] == 0
        assert "connectionToken" not in old
        path = f"/hubs/{hub}/negotiate?negotiateVersion=1&access_token={gate.token}"
        new = (await gate.http.post(path)).json()
        assert new["negotiateVersion"] == 1
        assert [one["transport"] for one in new["availableTransports"]] == ["WebSockets"]
        for number in (old["connectionId"], new["connectionToken"], new["connectionId"]):
            async with gate.raw_hub(hub, f"&id={number}") as line:
                await line.line.send(HELLO)
                assert await line.record() == {}
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with gate.raw_hub(hub, "&id=unheard"):
                pass
        assert refused.value.response.status_code == 404

    play(scene, tmp_path)


def test_a_bad_token_is_refused_before_the_upgrade(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        good, gate.token = gate.token, "x"
        assert (await gate.http.post("/hubs/user/negotiate")).status_code == 401
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with gate.raw_hub("user"):
                pass
        assert refused.value.response.status_code == 401
        address = f"{gate.ready.user_hub.replace('http', 'ws')}"
        bearer = {"Authorization": f"Bearer {good}"}
        async with websockets.connect(address, additional_headers=bearer) as line:
            await line.send(HELLO)
            assert await line.recv() == "{}" + END

    play(scene, tmp_path)


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ('{"protocol":"json","version":0}', "does not support version 0"),
        ('{"protocol":"messagepack","version":1}', "'messagepack' is not supported"),
        ("nonsense", "not well-formed"),
    ],
)
def test_a_wrong_handshake_is_answered_and_closed(tmp_path: Path, first: str, said: str) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.raw_hub("user") as hub:
            await hub.line.send(first + END)
            assert said in (await hub.record())["error"]
            assert (await hub.ended()).rcvd is not None
        await gate.sim("dialect", {"handshake_zero": True})
        async with gate.raw_hub("user") as hub:
            await hub.line.send('{"protocol": "json", "version": 0}' + END)
            assert await hub.record() == {}

    play(scene, tmp_path)


def test_whoever_does_not_shake_hands_is_cut_off(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.sim("dialect", {"handshake_timeout_s": 0.2})
        async with gate.raw_hub("market") as hub:
            assert (await hub.record())["type"] == 7
            await hub.ended()

    play(scene, tmp_path)


def test_invocations_are_completed_with_their_number_or_not_at_all(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("user") as hub:
            assert await hub.invoke("SUBSCRIBEorders", ACCOUNT) == {
                "type": 3,
                "invocationId": "1",
                "result": None,
            }
            assert "Method does not exist" in (await hub.invoke("SubscribeNothing"))["error"]
            assert "Method does not exist" in (await hub.invoke("SubscribeContractQuotes"))["error"]
            assert "Failed to invoke" in (await hub.invoke("SubscribeOrders"))["error"]
            assert "Failed to invoke" in (await hub.invoke("SubscribeOrders", "x"))["error"]
            assert "Failed to invoke" in (await hub.invoke("SubscribeAccounts", 1))["error"]
            quiet = {"type": 1, "target": "SubscribeOrders", "arguments": [ACCOUNT]}
            both = json.dumps(quiet) + END + json.dumps({"type": 6}) + END
            await hub.line.send(both + json.dumps({"type": 42, "x": None}) + END)
            assert await hub.silent()
            await hub.line.send("no json" + END)
            assert (await hub.record())["type"] == 7
            await hub.ended()

    play(scene, tmp_path)


def test_who_waits_for_no_answer_is_sent_no_empty_message(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("user") as hub:
            quiet = {"type": 1, "target": "SubscribeOrders", "arguments": [ACCOUNT]}
            await hub.line.send(json.dumps(quiet) + END)
            await hub.line.send(json.dumps({**quiet, "invocationId": "1"}) + END)
            frame = await hub.frame()
            assert frame.endswith(END)
            assert json.loads(frame.removesuffix(END))["invocationId"] == "1"

    play(scene, tmp_path)


def test_pings_come_after_silence_and_the_silent_are_cut_off(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.sim("dialect", {"keep_alive_s": 0.1, "client_timeout_s": 0.6})
        async with gate.hub("user") as hub:
            for _ in range(3):
                assert await hub.record() == {"type": 6}
                await hub.line.send(json.dumps({"type": 6}) + END)
            while (record := await hub.record()) == {"type": 6}:
                pass
            assert record == {"type": 7, "error": "Connection closed with an error."}
            assert (await hub.ended()).rcvd is not None

    play(scene, tmp_path)


def test_the_first_quote_is_whole_and_later_ones_say_what_changed(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.play(1)
        async with gate.hub("market", "SubscribeContractQuotes") as hub:
            contract, whole = (await hub.event("GatewayQuote"))["arguments"]
            assert contract == gate.contract
            assert {"lastPrice", "bestBid", "bestAsk", "symbol", "lastUpdated"} <= set(whole)
            await gate.play(30)
            changes = [(await hub.event("GatewayQuote"))["arguments"][1] for _ in range(10)]
            assert any("bestAsk" not in one for one in changes)
            assert all(one["contract"] == gate.contract for one in changes)
            await gate.sim("dialect", {"quotes": "full"})
            await gate.play(30)
            while "open" not in (last := (await hub.event("GatewayQuote"))["arguments"][1]):
                pass
            assert set(last) >= set(whole)

    play(scene, tmp_path)


def test_prints_come_in_arrays_to_those_who_asked(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with (
            gate.hub("market", "SubscribeContractTrades") as first,
            gate.hub("market", "SubscribeContractTrades") as second,
        ):
            done = await second.invoke("UnsubscribeContractTrades", gate.contract)
            assert "error" not in done
            await gate.play(120)
            contract, prints = (await first.event("GatewayTrade"))["arguments"]
            assert contract == gate.contract
            assert set(prints[0]) == {
                "symbolId",
                "price",
                "timestamp",
                "type",
                "volume",
                "contractId",
            }
            assert await second.silent()
            await gate.sim("dialect", {"market_rows": "object"})
            await gate.play(120)
            while isinstance((one := (await first.event("GatewayTrade"))["arguments"][1]), list):
                pass
            assert set(one) == set(prints[0])

    play(scene, tmp_path)


def test_the_book_starts_with_a_reset_and_holds_a_null(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.play(1)
        async with gate.hub("market", "SubscribeContractMarketDepth") as hub:
            contract, rows = (await hub.event("GatewayDepth"))["arguments"]
            assert contract == gate.contract
            assert (rows[0]["type"], rows[0]["price"]) == (6, 0)
            assert rows[-1] is None
            assert sum(row["type"] in (1, 2) for row in rows if row) == 20
            await gate.play(60)
            rows = (await hub.event("GatewayDepth"))["arguments"][1]
            assert all(row["type"] in (1, 2) for row in rows if row)

    play(scene, tmp_path)


def test_logging_out_is_told_on_both_hubs_and_closes_them(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("user", *USER) as user, gate.hub("market", *MARKET) as market:
            await gate.post("/api/Auth/logout")
            for hub in (user, market):
                assert (await hub.event("GatewayLogout"))["arguments"] == []
                assert (await hub.record()) == {"type": 7}
                assert (await hub.ended()).rcvd is not None

    play(scene, tmp_path)
