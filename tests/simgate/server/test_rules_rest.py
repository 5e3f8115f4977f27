"""What rules do to calls: each deed, its scope, and whom it meets."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from julie.core.clock import MachineClock
from julie.core.zones import SECOND_NS
from tests.simgate.server.gate import ACCOUNT, MARKET, USER, Gate, play

pytestmark = pytest.mark.tier1

OPEN = "/api/Order/searchOpen"
PLACE = "/api/Order/place"


async def paths(gate: Gate) -> list[str]:
    return [one["path"].lower() for one in (await gate.look("truth"))["requests"]]


def test_a_dropped_request_was_never_heard_and_a_dropped_answer_was(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        for deed, status in (("drop_request", 0), ("drop_response", 200)):
            await gate.rule({"path": OPEN, "nth": 1}, deed)
            with pytest.raises(httpx.HTTPError):
                await gate.ask(OPEN, accountId=ACCOUNT)
            last = (await gate.look("truth"))["requests"][-1]
            assert (last["path"].lower(), last["status"]) == (OPEN.lower(), status)
            assert (await gate.ask(OPEN, accountId=ACCOUNT)).status_code == 200

    play(scene, tmp_path)


def test_an_answer_may_hang_until_the_client_leaves(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.rule({"path": OPEN, "nth": 1}, "drop_response", hang=True)
        with pytest.raises(httpx.ReadTimeout):
            await gate.http.post(OPEN, json={"accountId": ACCOUNT}, timeout=0.3)
        assert (await gate.ask(OPEN, accountId=ACCOUNT)).status_code == 200

    play(scene, tmp_path)


def test_a_status_comes_in_place_of_the_answer_or_after_it(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        number = await gate.rule(
            {"path": "/api/order/*"}, "status", status=503, text="down", headers={"X-A": "b"}
        )
        for _ in range(3):
            answer = await gate.ask(OPEN, accountId=ACCOUNT)
            assert (answer.status_code, answer.text, answer.headers["x-a"]) == (503, "down", "b")
        assert (await gate.ask("/api/Position/searchOpen", accountId=ACCOUNT)).status_code == 200
        shown = (await gate.look("rules"))["rules"][0]
        assert (shown["id"], shown["met"], shown["done"], shown["over"]) == (number, 3, 3, False)
        assert await gate.sim(f"rules/{number}", method="DELETE") == {"removed": 1}
        await gate.rule({"path": "/api/Auth/logout"}, "status", status=500, after=True)
        assert (await gate.ask("/api/Auth/logout")).status_code == 500
        assert (await gate.ask("/api/Auth/validate")).status_code == 401

    play(scene, tmp_path)


def test_a_body_may_be_anybodys(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        page = "<!DOCTYPE html><html>Hotel Wi-Fi</html>"
        await gate.rule({"path": OPEN, "nth": 1}, "body", text=page)
        answer = await gate.ask(OPEN, accountId=ACCOUNT)
        assert (answer.status_code, answer.text) == (200, page)
        refused = {"success": False, "errorCode": 7, "errorMessage": None}
        await gate.rule({"path": "/api/Auth/loginKey"}, "body", json=refused, scope={"count": 2})
        login = {"userName": gate.ready.username, "apiKey": gate.ready.api_key}
        said = [await gate.post("/api/Auth/loginKey", **login) for _ in range(3)]
        assert [one["success"] for one in said] == [False, False, True]

    play(scene, tmp_path)


def test_fields_of_an_answer_are_set_and_dropped(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.rule(
            {"path": "/api/Account/search", "nth": 1},
            "edit",
            set={"canTrade": False, "$.errorMessage": "x"},
            drop=["name"],
        )
        answer = await gate.post("/api/Account/search", onlyActiveAccounts=True)
        row = answer["accounts"][0]
        assert (row["canTrade"], "name" in row, answer["errorMessage"]) == (False, False, "x")
        row = (await gate.post("/api/Account/search", onlyActiveAccounts=True))["accounts"][0]
        assert (row["canTrade"], "name" in row) == (True, True)

    play(scene, tmp_path)


def test_a_truncated_answer_breaks_in_the_middle(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.rule({"path": OPEN, "nth": 1}, "truncate", keep=10)
        with pytest.raises(httpx.RemoteProtocolError):
            await gate.ask(OPEN, accountId=ACCOUNT)
        assert (await gate.ask(OPEN, accountId=ACCOUNT)).status_code == 200

    play(scene, tmp_path)


def test_a_delay_is_one_of_the_machine(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        mono_ns = MachineClock().mono_ns
        await gate.rule({"path": OPEN}, "delay", seconds=0.3, scope={"count": 1})
        began = mono_ns()
        await gate.ask(OPEN, accountId=ACCOUNT)
        assert mono_ns() - began >= 0.3 * SECOND_NS

    play(scene, tmp_path)


def test_rules_begin_and_end_by_the_clock_of_the_market(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.rule({"path": OPEN}, "status", status=503, scope={"after_s": 60, "for_s": 60})
        found = []
        for _ in range(4):
            found.append((await gate.ask(OPEN, accountId=ACCOUNT)).status_code)
            await gate.play(50)
        assert found == [200, 200, 503, 200]
        assert (await gate.look("rules"))["rules"][0]["over"] is True

    play(scene, tmp_path)


def test_all_tokens_end_at_once_and_a_login_helps(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.rule({}, "expire_tokens")
        assert (await gate.ask(OPEN, accountId=ACCOUNT)).status_code == 401
        await gate.log_in()
        assert (await gate.ask(OPEN, accountId=ACCOUNT)).status_code == 200

    play(scene, tmp_path)


def test_a_call_may_bring_the_hubs_down(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async with gate.hub("user", *USER) as user, gate.hub("market", *MARKET) as market:
            await gate.rule({"path": OPEN, "nth": 2}, "close", hub="market", allow_reconnect=True)
            for _ in range(2):
                await gate.ask(OPEN, accountId=ACCOUNT)
            while (record := await market.record())["type"] == 1:
                pass
            assert record == {"type": 7, "allowReconnect": True}
            assert (await user.invoke("SubscribeOrders", ACCOUNT))["type"] == 3

    play(scene, tmp_path)


def test_what_is_wrong_with_a_control_is_said_in_words(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        bad = {"match": {"paths": "x"}, "action": {"do": "status"}}
        answer = await gate.http.post("/_sim/rules", json=bad)
        assert answer.status_code == 400
        assert "paths" in answer.json()["error"]
        assert (await gate.http.post("/_sim/dialect", json={"colour": 1})).status_code == 400
        unknown = await gate.http.get("/_sim/nothing")
        assert unknown.status_code == 404
        assert "GET /_sim/truth" in unknown.json()["known"]
        schema = await gate.look("schema")
        assert {"POST rules", "POST market", "POST account", "POST ack"} <= set(schema["controls"])
        text = json.dumps(schema)
        assert all(f'"{deed}"' in text for deed in ("drop_response", "can_trade", "bad_tick"))

    play(scene, tmp_path)


def test_calls_at_the_same_time_do_not_wait_for_one_another(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        mono_ns = MachineClock().mono_ns
        await gate.rule({"path": OPEN}, "delay", seconds=0.4)
        began = mono_ns()
        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(gate.ask(OPEN, accountId=ACCOUNT))
        assert mono_ns() - began < 2 * SECOND_NS

    play(scene, tmp_path)
