"""The REST surface over loopback: routes, envelope, and the four kinds of refusal."""

import base64
import json
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from julie.core.zones import SECOND_NS
from julie.gateway.wire import OrderType, routes
from tests.simgate.server.gate import ACCOUNT, Gate, play

pytestmark = pytest.mark.tier1

STAMP = "2025-04-15T13:00:00Z"
BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "/api/Account/search": ({"onlyActiveAccounts": True}, "accounts"),
    "/api/Contract/search": ({"searchText": "MES", "live": False}, "contracts"),
    "/api/Contract/available": ({"live": False}, "contracts"),
    "/api/Contract/searchById": ({"contractId": "?"}, "contract"),
    "/api/History/retrieveBars": (
        {
            "contractId": "?",
            "live": False,
            "startTime": "2025-04-14T13:30:00Z",
            "endTime": "2025-04-14T14:30:00Z",
            "unit": 2,
            "unitNumber": 1,
            "limit": 100,
            "includePartialBar": False,
        },
        "bars",
    ),
    "/api/Order/search": ({"accountId": ACCOUNT, "startTimestamp": STAMP}, "orders"),
    "/api/Order/searchOpen": ({"accountId": ACCOUNT}, "orders"),
    "/api/Order/v2/query": ({"filter": {"accountId": ACCOUNT, "statuses": [1, 8]}}, "orders"),
    "/api/Position/searchOpen": ({"accountId": ACCOUNT}, "positions"),
    "/api/Trade/search": ({"accountId": ACCOUNT, "startTimestamp": STAMP}, "trades"),
}


def test_every_search_answers_in_the_envelope_whatever_the_case_of_its_path(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        for path, (body, listed) in BODIES.items():
            filled = {k: gate.contract if v == "?" else v for k, v in body.items()}
            for spelt in (path, path.lower()):
                answer = await gate.post(spelt, **filled)
                assert (answer["success"], answer["errorCode"]) == (True, 0), path
                assert answer["errorMessage"] is None
                assert answer[listed] is not None, path

    play(scene, tmp_path)


def test_orders_are_refused_with_http_200_and_found_by_id(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        nobody = {"accountId": ACCOUNT, "orderId": 1}
        for path in ("/api/Order/modify", "/api/Order/cancel"):
            answer = await gate.post(path, **nobody)
            assert (answer["success"], answer["errorCode"]) == (False, 2), path
        assert (await gate.post("/api/Order/searchById", **nobody))["errorCode"] == 1
        flat = {"accountId": ACCOUNT, "contractId": gate.contract}
        assert (await gate.post("/api/Position/closeContract", **flat))["errorCode"] == 2
        flat["size"] = 1
        assert (await gate.post("/api/Position/partialCloseContract", **flat))["errorCode"] == 2
        assert (await gate.place(accountId=1))["errorCode"] == 1

    play(scene, tmp_path)


def test_the_orders_can_be_read_whatever_was_asked_for(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        for kind in OrderType:
            for size in (-3, 0, 1, 10**9):
                for more in ({}, {"limitPrice": -1.0}, {"stopPrice": 1e12}, {"trailPrice": 0.1}):
                    words = {"type": int(kind), "size": size, **more}
                    answer = await gate.ask(
                        "/api/Order/place",
                        accountId=ACCOUNT, contractId=gate.contract, side=0, **words,
                    )  # fmt: skip
                    assert answer.status_code in (200, 400), words
                    if kind is OrderType.UNKNOWN:
                        assert answer.json()["errorCode"] == 2, words
        since = {"accountId": ACCOUNT, "startTimestamp": "2025-01-01T00:00:00Z"}
        assert (await gate.post("/api/Order/search", **since))["success"]
        assert (await gate.post("/api/Order/searchOpen", accountId=ACCOUNT))["success"]

    play(scene, tmp_path)


def test_ping_needs_no_token_and_unknown_paths_are_404(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        gate.token = ""
        pong = await gate.http.get("/api/Status/ping")
        assert (pong.status_code, pong.json()) == (200, "pong")
        assert (await gate.http.post("/api/Nowhere", json={})).status_code == 404
        assert (await gate.http.get("/api/Account/search")).status_code == 401
        await gate.log_in()
        bearer = {"Authorization": f"Bearer {gate.token}"}
        assert (await gate.http.get("/api/Account/search", headers=bearer)).status_code == 405

    play(scene, tmp_path)


def test_only_the_right_name_and_key_get_a_token(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        name, key = gate.ready.username, gate.ready.api_key
        wrong = await gate.post("/api/Auth/loginKey", userName=name, apiKey=key + "x")
        assert (wrong["success"], wrong["errorCode"], wrong["token"]) == (False, 3, None)
        assert (await gate.post("/api/Auth/loginKey", userName="x", apiKey=key))["errorCode"] == 3
        right = await gate.post("/api/Auth/loginKey", userName=name.upper(), apiKey=key)
        claims = right["token"].split(".")[1]
        read = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        assert read["exp"] - read["iat"] == 24 * 3600
        assert read["iat"] == gate.ready.clock // SECOND_NS

    play(scene, tmp_path)


@pytest.mark.parametrize(
    "body", ["{}", '{"userName":"x"}', '{"userName":1,"apiKey":"k"}', "{", "", "[]"]
)
def test_a_body_that_does_not_fit_is_a_problem_with_http_400(tmp_path: Path, body: str) -> None:
    async def scene(gate: Gate) -> None:
        answer = await gate.http.post("/api/Auth/loginKey", content=body)
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert {"type", "title", "status", "errors"} <= set(answer.json())
        assert "success" not in answer.json()
        for path in routes.PLACE.path, routes.CANCEL.path:
            assert (await gate.ask(path, accountId="x")).status_code == 400

    play(scene, tmp_path)


def test_a_token_that_is_not_good_is_401_with_nothing(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        good = gate.token
        for bad in ("", "x", good[:-2], good.replace(".", ",")):
            gate.token = bad
            answer = await gate.ask("/api/Account/search", onlyActiveAccounts=True)
            assert (answer.status_code, answer.content) == (401, b"")

    play(scene, tmp_path)


def test_validate_gives_a_second_token_and_logout_ends_one(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        first = gate.token
        second = (await gate.post("/api/Auth/validate"))["newToken"]
        assert second != first
        assert (await gate.post("/api/Auth/logout"))["success"] is True
        assert (await gate.ask("/api/Auth/validate")).status_code == 401
        gate.token = second
        assert (await gate.post("/api/Auth/validate"))["success"] is True

    play(scene, tmp_path)


def test_a_token_ends_by_the_clock_of_the_market(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        await gate.sim("dialect", {"token_life_s": 600})
        await gate.log_in()
        await gate.play(590)
        assert (await gate.ask("/api/Auth/validate")).status_code == 200
        await gate.play(20)
        assert (await gate.ask("/api/Auth/validate")).status_code == 401

    play(scene, tmp_path)


@pytest.mark.parametrize("header", [False, True])
def test_above_the_published_limits_comes_429_until_the_window_slides(
    tmp_path: Path, header: bool
) -> None:
    async def scene(gate: Gate) -> None:
        await gate.sim("dialect", {"retry_after": header})
        path, (body, _) = "/api/Order/searchOpen", BODIES["/api/Order/searchOpen"]
        for _ in range(200):
            await gate.ask(path, **body)
        spent = await gate.ask(path, **body)
        assert (spent.status_code, spent.content) == (429, b"")
        assert spent.headers.get("retry-after") == ("60" if header else None)
        bars = BODIES["/api/History/retrieveBars"][0] | {"contractId": gate.contract}
        for _ in range(50):
            assert (await gate.ask("/api/History/retrieveBars", **bars)).status_code == 200
        assert (await gate.ask("/api/History/retrieveBars", **bars)).status_code == 429
        await gate.play(61)
        assert (await gate.ask(path, **body)).status_code == 200
        assert (await gate.ask("/api/History/retrieveBars", **bars)).status_code == 200

    play(scene, tmp_path)


def test_the_date_header_is_the_clock_of_the_market_and_may_be_wrong(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        async def stamped() -> float:
            date = (await gate.ask("/api/Auth/validate")).headers["date"]
            return parsedate_to_datetime(date).timestamp()

        assert await stamped() == gate.ready.clock // SECOND_NS
        await gate.sim("dialect", {"skew_s": 7.0})
        assert await stamped() == gate.ready.clock // SECOND_NS + 7

    play(scene, tmp_path)


def test_bars_come_newest_first_with_whole_seconds(tmp_path: Path) -> None:
    async def scene(gate: Gate) -> None:
        body = BODIES["/api/History/retrieveBars"][0] | {"contractId": gate.contract}
        bars = (await gate.post("/api/History/retrieveBars", **body))["bars"]
        times = [bar["t"] for bar in bars]
        assert times == sorted(times, reverse=True)
        assert times[-1] == "2025-04-14T13:30:00+00:00"
        assert bars[-1] == {"t": times[-1], "o": 5000, "h": 5003, "l": 4998, "c": 5001, "v": 100}

    play(scene, tmp_path)
