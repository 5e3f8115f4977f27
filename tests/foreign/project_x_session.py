"""project-x-py 4.4.1, an SDK of the venue: login, contracts, bars, stream, a bracket and its end.

Reads the line of `julie simgate` from stdin; run by the Python of an environment that has it. The
SDK looks into its token, so the gateway needs the switch `machine_tokens`.
"""

import asyncio
import json
import sys
from typing import Any

from project_x_py import ProjectX, ProjectXConfig  # type: ignore[import-not-found]
from project_x_py.event_bus import EventBus  # type: ignore[import-not-found]
from project_x_py.order_manager import OrderManager  # type: ignore[import-not-found]
from project_x_py.realtime import ProjectXRealtimeClient  # type: ignore[import-not-found]

WAIT_S = 30.0


async def main() -> None:
    ready = json.loads(sys.stdin.readline())
    config = ProjectXConfig(
        api_url=ready["url"] + "/api",
        user_hub_url=ready["user_hub"],
        market_hub_url=ready["market_hub"],
    )
    seen: dict[str, int] = {}
    async with ProjectX(ready["username"], ready["api_key"], config=config) as client:
        await client.authenticate()
        account = client.get_account_info()
        instruments = await client.search_instruments("MES")
        instrument = await client.get_instrument("MES")
        realtime = ProjectXRealtimeClient(
            client.get_session_token(), str(account.id), config=config
        )
        news = asyncio.Event()

        def counting(event: str) -> Any:
            async def heard(*_: Any) -> None:
                seen[event] = seen.get(event, 0) + 1
                news.set()

            return heard

        for event in ("quote_update", "market_trade", "order_update", "position_update"):
            await realtime.add_callback(event, counting(event))
        assert await realtime.connect()
        await realtime.subscribe_user_updates()
        await realtime.subscribe_market_data([instrument.id])

        async def until(event: str, count: int) -> None:
            async with asyncio.timeout(WAIT_S):
                while seen.get(event, 0) < count:
                    news.clear()
                    await news.wait()

        await until("quote_update", 3)
        await until("market_trade", 1)
        orders = OrderManager(client, EventBus())
        await orders.initialize(realtime_client=realtime)
        placed = await orders.place_order(
            contract_id=instrument.id,
            order_type=2,
            side=0,
            size=1,
            stop_loss_bracket={"ticks": -400, "type": 4},
            take_profit_bracket={"ticks": 400, "type": 1},
        )
        await until("position_update", 1)
        working = await orders.search_open_orders()
        stop = next(one for one in working if one.type == 4)
        moved = await orders.modify_order(stop.id, stop_price=stop.stopPrice + 10)
        cancelled = [await orders.cancel_order(one.id) for one in working]
        positions = await client.search_open_positions()
        closed = await orders.place_market_order(instrument.id, 1, 1)
        await realtime.disconnect()
        told = {
            "account": account.id,
            "contracts": len(instruments),
            "placed": placed.success,
            "legs": len(working),
            "modified": moved,
            "cancelled": cancelled,
            "positions": len(positions),
            "closed": closed.success,
            "events": seen,
        }
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
