"""A bracket over the wire: placed by REST, told on the user hub in order, in every dialect."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simgate.server.gate import ACCOUNT, MARKET, USER, Gate, Hub, play

pytestmark = pytest.mark.tier1

BRACKET: dict[str, Any] = {
    "customTag": "t-1",
    "stopLossBracket": {"ticks": -200, "type": 4},
    "takeProfitBracket": {"ticks": 400, "type": 1},
}


async def rows(hub: Hub) -> list[tuple[str, int, dict[str, Any]]]:
    """All that the user hub has said up to now."""
    found = []
    while not await hub.silent():
        record = await hub.event()
        (said,) = record["arguments"]
        found.append((record["target"].removeprefix("GatewayUser"), said["action"], said["data"]))
    return found


async def trading(gate: Gate) -> None:
    """The market has a price."""
    await gate.play(1)


def test_a_bracket_is_placed_filled_moved_and_taken_out(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await trading(gate)
        async with gate.hub("user", *USER) as hub:
            placed = await gate.place(**BRACKET)
            assert placed["success"] is True
            entry = placed["orderId"]
            await gate.play(5)
            told = await rows(hub)
            kinds = [kind for kind, _, _ in told]
            assert kinds.index("Order") < kinds.index("Trade") < kinds.index("Position")
            orders = {row["id"]: row for kind, _, row in told if kind == "Order"}
            assert orders[entry]["status"] == 2
            stop, target = orders[entry + 1], orders[entry + 2]
            fill = next(row for kind, _, row in told if kind == "Trade")
            assert (stop["status"], stop["stopPrice"]) == (1, fill["price"] - 50)
            assert (target["status"], target["limitPrice"]) == (1, fill["price"] + 100)
            assert stop["parentOrderId"] == target["parentOrderId"] == entry
            assert target["linkedOrderId"] == stop["id"]
            assert (stop["customTag"], target["customTag"]) == ("t-1-SL", "t-1-TP")
            assert "profitAndLoss" not in fill
            held = (await gate.post("/api/Position/searchOpen", accountId=ACCOUNT))["positions"]
            assert [(one["type"], one["size"]) for one in held] == [(1, 1)]
            move = {"accountId": ACCOUNT, "orderId": stop["id"], "stopPrice": fill["price"] - 40}
            assert (await gate.post("/api/Order/modify", **move))["success"] is True
            cancel = {"accountId": ACCOUNT, "orderId": target["id"]}
            assert (await gate.post("/api/Order/cancel", **cancel))["success"] is True
            open_ = (await gate.post("/api/Order/searchOpen", accountId=ACCOUNT))["orders"]
            assert [(one["id"], one["stopPrice"]) for one in open_] == [
                (stop["id"], fill["price"] - 40)
            ]
            flat = {"accountId": ACCOUNT, "contractId": gate.contract}
            assert (await gate.post("/api/Position/closeContract", **flat))["success"] is True
            await gate.play(5)
            told = await rows(hub)
            closed = [(action, row) for kind, action, row in told if kind == "Position"][-1]
            assert (closed[0], closed[1]["size"], closed[1]["type"]) == (2, 0, 0)
            trade = [row for kind, _, row in told if kind == "Trade"][-1]
            assert "profitAndLoss" in trade
        since = {"accountId": ACCOUNT, "startTimestamp": "2025-04-15T00:00:00Z"}
        assert len((await gate.post("/api/Trade/search", **since))["trades"]) == 2

    play(scene, tmp_path)


def test_the_dialects_say_the_same_in_other_forms(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await trading(gate)
        async with gate.hub("user", "SubscribeOrders") as hub:
            for form in ("wrapped", "flat", "list", "text"):
                await gate.sim("dialect", {"user_events": form})
                await gate.place(customTag=f"tag-{form}")
                said = (await hub.event("GatewayUserOrder"))["arguments"][0]
                row = {
                    "wrapped": lambda x: x["data"],
                    "flat": lambda x: x,
                    "list": lambda x: x[0]["data"],
                    "text": lambda x: json.loads(x)["data"],
                }[form](said)
                assert row["customTag"] == f"tag-{form}"
                assert "stopPrice" not in row
                while not await hub.silent():
                    await hub.record()
            await gate.sim("dialect", {"user_events": "wrapped", "nulls": "sent"})
            await gate.place()
            row = (await hub.event("GatewayUserOrder"))["arguments"][0]["data"]
            assert row["stopPrice"] is None

    play(scene, tmp_path)


def test_a_refusal_may_come_with_another_status(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await trading(gate)
        unsigned = {**BRACKET, "stopLossBracket": {"ticks": 40, "type": 4}}
        refused = await gate.place(**unsigned)
        assert (refused["success"], refused["errorCode"]) == (False, 2)
        assert "less than zero when longing" in refused["errorMessage"]
        await gate.sim("dialect", {"refusals": "400"})
        body = {"accountId": ACCOUNT, "contractId": gate.contract, "type": 2, "side": 0, "size": 1}
        answer = await gate.ask("/api/Order/place", **body, **{**unsigned, "customTag": "t-2"})
        assert (answer.status_code, answer.json()["success"]) == (400, False)

    play(scene, tmp_path)


def test_rules_at_the_venue_reject_an_entry_or_a_leg(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await trading(gate)
        await gate.rule({"role": "entry"}, "reject", code=3, text="no funds")
        refused = await gate.place(customTag="r-1")
        assert (refused["success"], refused["errorCode"]) == (False, 3)
        assert refused["errorMessage"] == "no funds"
        await gate.rule({"role": "stop"}, "reject")
        placed = await gate.place(**BRACKET)
        await gate.play(5)
        about = {"accountId": ACCOUNT, "orderId": placed["orderId"] + 1}
        assert (await gate.post("/api/Order/searchById", **about))["order"]["status"] == 5
        await gate.play(10)
        found = await gate.look("violations")
        assert [one["invariant"] for one in found] == ["I1"]

    play(scene, tmp_path)


def test_the_account_is_changed_by_others(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await trading(gate)
        async with gate.hub("user", *USER) as hub, gate.hub("market", *MARKET):
            await gate.sim("account", {"kind": "can_trade", "value": False})
            row = (await hub.event("GatewayUserAccount"))["arguments"][0]["data"]
            assert row["canTrade"] is False
            await gate.sim("account", {"kind": "can_trade", "value": True})
            foreign = {"kind": "foreign", "contract": gate.contract, "side": "sell", "size": 2}
            await gate.sim("account", foreign)
            await gate.play(5)
            held = (await gate.post("/api/Position/searchOpen", accountId=ACCOUNT))["positions"]
            assert [(one["type"], one["size"]) for one in held] == [(2, 2)]
        truth = await gate.look("truth")
        assert truth["fills"][0]["foreign"] is True
        assert truth["positions"][0]["net"] == -2

    play(scene, tmp_path)


def test_a_script_moves_the_market(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.play(30)
        async with gate.hub("market", "SubscribeContractTrades") as hub:
            await gate.sim("market", {"kind": "bad_tick", "price": 1.25})
            await gate.play(2)
            prints = []
            while not await hub.silent():
                prints += (await hub.event("GatewayTrade"))["arguments"][1]
            assert 1.25 in [one["price"] for one in prints]

    play(scene, tmp_path)


def test_the_count_of_a_naked_position_stops_in_an_outage(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await trading(gate)
        await gate.rule({"path": "/api/*"}, "status", status=503, scope={"after_s": 2, "for_s": 60})
        await gate.place()
        await gate.play(50)
        assert await gate.look("violations") == []
        await gate.play(12)
        await gate.post("/api/Order/searchOpen", accountId=ACCOUNT)
        await gate.play(10)
        assert [one["invariant"] for one in await gate.look("violations")] == ["I1"]

    play(scene, tmp_path)


def test_an_entry_is_judged_by_who_hears_the_market_when_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("julie.simgate.server.pacing.UPKEEP_S", 3600.0)

    async def scene(gate: Gate) -> None:
        async with gate.hub("user", *USER), gate.hub("market", *MARKET):
            await gate.play(1)
        async with gate.hub("user", *USER):
            await gate.play(20)
            async with gate.hub("market", *MARKET):  # hears the whole quote at once, and acts
                await gate.place(**BRACKET)
                assert await gate.look("violations") == []
            await gate.play(20)
            await gate.place(**{**BRACKET, "customTag": "t-2"})
            (found,) = await gate.look("violations")
            assert found["detail"] == "an entry was asked for: market data muted"

    play(scene, tmp_path)
