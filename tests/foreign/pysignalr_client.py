"""pysignalr, which negotiates version 1 and speaks asyncio: both hubs, a bracket.

Reads the line of `julie simgate` from stdin; run by the Python of an environment that has it.
"""

import asyncio
import json
import sys
from typing import Any

import httpx  # comes with project-x-py, which stands on pysignalr
from pysignalr.client import SignalRClient  # type: ignore[import-not-found]

WAIT_S = 30.0


class Session:
    def __init__(self, ready: dict[str, Any], http: httpx.AsyncClient, token: str) -> None:
        self.ready = ready
        self.http = http
        self.token = token
        self.account = ready["accounts"][0]["id"]
        self.contract = next(iter(ready["contracts"].values()))
        self.seen: dict[str, int] = {}
        self.orders: dict[int, dict[str, Any]] = {}
        self.news = asyncio.Event()

    async def call(self, path: str, **body: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return (await self.http.post(path, json=body, headers=bearer)).json()

    async def heard(self, event: str) -> None:
        self.seen[event] = self.seen.get(event, 0) + 1
        self.news.set()

    async def order(self, arguments: list[Any]) -> None:
        row = arguments[0]["data"]
        self.orders[row["id"]] = row
        self.news.set()

    async def until(self, true: Any) -> None:
        async with asyncio.timeout(WAIT_S):
            while not true():
                self.news.clear()
                await self.news.wait()

    def legs(self, status: int) -> int:
        rows = self.orders.values()
        return sum("parentOrderId" in one and one["status"] == status for one in rows)

    def hub(self, url: str) -> SignalRClient:
        return SignalRClient(f"{url}?access_token={self.token}", ping_interval=5)

    async def trade(self) -> dict[str, Any]:
        await self.until(lambda: self.seen.get("GatewayQuote", 0) > 3)
        await self.until(lambda: self.seen.get("GatewayTrade", 0) > 0)
        placed = await self.call(
            "/api/Order/place",
            accountId=self.account,
            contractId=self.contract,
            type=2,
            side=1,
            size=1,
            customTag="foreign-2",
            stopLossBracket={"ticks": 400, "type": 4},
            takeProfitBracket={"ticks": -400, "type": 1},
        )
        assert placed["success"], placed
        await self.until(lambda: self.legs(1) == 2)
        stop = next(one for one in self.orders.values() if one["type"] == 4)
        about = {"accountId": self.account, "orderId": stop["id"]}
        moved = await self.call("/api/Order/modify", **about, stopPrice=stop["stopPrice"] - 10)
        for one in [one for one in self.orders.values() if "parentOrderId" in one]:
            await self.call("/api/Order/cancel", accountId=self.account, orderId=one["id"])
        await self.until(lambda: self.legs(3) == 2)
        flat = {"accountId": self.account, "contractId": self.contract}
        closed = await self.call("/api/Position/closeContract", **flat)
        return {"modified": moved["success"], "closed": closed["success"]}


async def main() -> None:
    ready = json.loads(sys.stdin.readline())
    async with httpx.AsyncClient(base_url=ready["url"]) as http:
        login = {"userName": ready["username"], "apiKey": ready["api_key"]}
        token = (await http.post("/api/Auth/loginKey", json=login)).json()["token"]
        session = Session(ready, http, token)
        market, user = session.hub(ready["market_hub"]), session.hub(ready["user_hub"])
        for event in ("GatewayQuote", "GatewayTrade"):
            market.on(event, lambda _, event=event: session.heard(event))
        user.on("GatewayUserOrder", session.order)

        async def market_open() -> None:
            await market.send("SubscribeContractQuotes", [session.contract])
            await market.send("SubscribeContractTrades", [session.contract])

        async def user_open() -> None:
            await user.send("SubscribeOrders", [session.account])

        market.on_open(market_open)
        user.on_open(user_open)
        runs = [asyncio.ensure_future(one.run()) for one in (market, user)]  # noqa: TID251
        told = await session.trade()
        for run in runs:
            run.cancel()
        await asyncio.wait(runs)
    print(json.dumps({**told, "events": session.seen, "orders": len(session.orders)}))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
