"""signalrcore 1.0.2, which negotiates nothing and pings by a thread: both hubs, a bracket.

Reads the line of `julie simgate` from stdin; run by the Python of an environment that has it.
"""

import json
import sys
import threading
from typing import Any

import httpx
from signalrcore.hub_connection_builder import (  # type: ignore[import-not-found]
    HubConnectionBuilder,
)
from signalrcore.protocol.json_hub_protocol import (  # type: ignore[import-not-found]
    JsonHubProtocol,
)
from signalrcore.types import HttpTransportType  # type: ignore[import-not-found]

WAIT_S = 15.0


def call(ready: dict[str, Any], path: str, body: dict[str, Any], token: str = "") -> Any:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(ready["url"] + path, json=body, headers=bearer, timeout=WAIT_S).json()


def connect(url: str, token: str, handlers: dict[str, Any]) -> Any:
    hub = (
        HubConnectionBuilder()
        .with_url(
            f"{url}?access_token={token}",
            options={"skip_negotiation": True, "transport": HttpTransportType.web_sockets},
        )
        .with_hub_protocol(JsonHubProtocol(version=1))
        .with_automatic_reconnect({"type": "raw", "keep_alive_interval": 5})
        .build()
    )
    opened = threading.Event()
    hub.on_open(opened.set)
    for event, handler in handlers.items():
        hub.on(event, handler)
    hub.start()
    if not opened.wait(WAIT_S):
        raise TimeoutError(f"{url} did not open")
    return hub


def main() -> None:
    ready = json.loads(sys.stdin.readline())
    login = {"userName": ready["username"], "apiKey": ready["api_key"]}
    token = call(ready, "/api/Auth/loginKey", login)["token"]
    listed = call(ready, "/api/Contract/available", {"live": False}, token)["contracts"]
    account, contract = ready["accounts"][0]["id"], listed[0]["id"]
    seen: dict[str, int] = {}
    orders: dict[int, dict[str, Any]] = {}
    enough, filled, gone = threading.Event(), threading.Event(), threading.Event()

    def market(event: str) -> Any:
        def heard(arguments: list[Any]) -> None:
            assert arguments[0] == contract
            seen[event] = seen.get(event, 0) + 1
            if seen.get("GatewayQuote", 0) > 3 and seen.get("GatewayTrade", 0) > 0:
                enough.set()

        return heard

    def order(arguments: list[Any]) -> None:
        row = arguments[0]["data"]
        orders[row["id"]] = row
        legs = [one for one in orders.values() if "parentOrderId" in one]
        if len(legs) == 2 and all(one["status"] == 1 for one in legs):
            filled.set()
        if len(legs) == 2 and all(one["status"] == 3 for one in legs):
            gone.set()

    market_hub = connect(
        ready["market_hub"], token, {e: market(e) for e in ("GatewayQuote", "GatewayTrade")}
    )
    user_hub = connect(ready["user_hub"], token, {"GatewayUserOrder": order})
    market_hub.invoke("SubscribeContractQuotes", [contract])
    market_hub.invoke("SubscribeContractTrades", [contract])
    user_hub.invoke("SubscribeOrders", [account])
    assert enough.wait(WAIT_S * 2), seen
    placed = call(
        ready,
        "/api/Order/place",
        {
            "accountId": account,
            "contractId": contract,
            "type": 2,
            "side": 0,
            "size": 1,
            "customTag": "foreign-1",
            "stopLossBracket": {"ticks": -400, "type": 4},
            "takeProfitBracket": {"ticks": 400, "type": 1},
        },
        token,
    )
    assert placed["success"], placed
    assert filled.wait(WAIT_S), orders
    stop = next(one for one in orders.values() if one["type"] == 4)
    target = next(one for one in orders.values() if one["type"] == 1)
    move = {"accountId": account, "orderId": stop["id"], "stopPrice": stop["stopPrice"] + 10}
    moved = call(ready, "/api/Order/modify", move, token)
    for leg in (stop, target):
        call(ready, "/api/Order/cancel", {"accountId": account, "orderId": leg["id"]}, token)
    assert gone.wait(WAIT_S), orders
    flat = {"accountId": account, "contractId": contract}
    closed = call(ready, "/api/Position/closeContract", flat, token)
    for hub in (market_hub, user_hub):  # its own stop() waits for a server that says nothing
        transport = hub.transport
        transport.manually_closing = True
        transport.connection_checker.stop()
        transport._client.sock.shutdown(2)
    told = {"contracts": len(listed), "events": seen, "orders": len(orders)}
    print(json.dumps({**told, "modified": moved["success"], "closed": closed["success"]}))  # noqa: T201


if __name__ == "__main__":
    main()
