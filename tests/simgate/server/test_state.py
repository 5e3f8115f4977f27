"""A gateway that comes back with its state folder knows its tokens, orders and clock."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.simgate.server.gate import ACCOUNT, DAY, Gate, bars_file, opened

pytestmark = pytest.mark.tier1


def test_a_restart_with_state_goes_on(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "files": [(str(bars_file(tmp_path)), "MES")],
        "day": DAY,
        "start": "09:30",
        "until": "10:30",
        "state": tmp_path / "state",
    }

    async def first() -> tuple[str, Any, Any]:
        async with opened(**given) as gate:
            await gate.log_in()
            await gate.sim("dialect", {"retry_after": True})
            await gate.play(61)
            await gate.place(customTag="kept", type=1, limitPrice=4000.0)
            orders = (await gate.post("/api/Order/searchOpen", accountId=ACCOUNT))["orders"]
            return gate.token, orders, await gate.look("clock")

    async def second(token: str, orders: Any, clock: Any) -> None:
        async with opened(**given) as gate:
            gate.token = token
            assert (await gate.look("clock"))["now_ns"] == clock["now_ns"]
            assert (await gate.post("/api/Order/searchOpen", accountId=ACCOUNT))["orders"] == orders
            assert (await gate.look("dialect"))["retry_after"] is True
            again = await gate.place(customTag="kept")
            assert (again["success"], again["errorCode"]) == (False, 2)

    asyncio.run(second(*asyncio.run(first())))


def test_without_state_a_restart_forgets(tmp_path: Path) -> None:
    given: dict[str, Any] = {"files": [(str(bars_file(tmp_path)), "MES")], "day": DAY}

    async def token() -> str:
        async with opened(**given) as gate:
            return (await gate.log_in()).token

    async def forgotten(old: str) -> None:
        async with opened(**given) as gate:
            gate.token = old
            assert (await Gate.ask(gate, "/api/Auth/validate")).status_code == 401

    asyncio.run(forgotten(asyncio.run(token())))
