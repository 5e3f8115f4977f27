"""A whole simulated gateway on loopback, and raw clients of HTTP and websockets beside it."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

import httpx
import websockets

from julie.core.tasks import Tasks
from julie.simgate.server.control_types import Ready
from julie.simgate.server.gateway import Gateway
from julie.simgate.wanted import Asked, wanted

END: Final = "\x1e"
LIMIT_S: Final = 10.0
DAY: Final = date(2025, 4, 15)
ACCOUNT: Final = 26282486
HELLO: Final = '{"protocol":"json","version":1}' + END


def bars_file(folder: Path, days: int = 2, minutes: int = 60, start: float = 5000.0) -> Path:
    """Bars of MES: each minute opens, dips 2 points, rises 3 above its open, closes 1 above it."""
    file = folder / "MES.csv"
    with file.open("w", newline="", encoding="utf-8") as lines:
        out = csv.writer(lines)
        out.writerow(["timestamp", "open", "high", "low", "close", "volume"])
        price = start
        for back in reversed(range(days)):
            first = datetime(DAY.year, DAY.month, DAY.day, 13, 30, tzinfo=UTC)
            for minute in range(minutes):
                ts = first - timedelta(days=back) + timedelta(minutes=minute)
                out.writerow([ts.isoformat(), price, price + 3, price - 2, price + 1, 100])
                price += 1
    return file


class Hub:
    """A raw client of one hub."""

    def __init__(self, line: websockets.ClientConnection) -> None:
        self.line = line
        self.seen = 0  # events of this connection
        self.frames: list[str] = []
        self._records: list[dict[str, Any]] = []
        self._number = 0

    async def frame(self) -> str:
        """One message of the websocket."""
        async with asyncio.timeout(LIMIT_S):
            frame = await self.line.recv()
        assert isinstance(frame, str)
        self.frames.append(frame)
        return frame

    async def record(self) -> dict[str, Any]:
        """One record."""
        while not self._records:
            self._records += [_read(one) for one in (await self.frame()).split(END) if one]
        record = self._records.pop(0)
        self.seen += record.get("type") == 1
        return record

    async def event(self, *targets: str) -> dict[str, Any]:
        """The next event of one of these targets; of any where none is named."""
        while True:
            record = await self.record()
            if record.get("type") == 1 and (not targets or record["target"] in targets):
                return record

    async def invoke(self, method: str, *arguments: Any) -> dict[str, Any]:
        """Call a method; returns its completion. Events on the way are kept."""
        self._number += 1
        body = {
            "type": 1,
            "target": method,
            "arguments": list(arguments),
            "invocationId": str(self._number),
        }
        await self.line.send(json.dumps(body) + END)
        passed: list[dict[str, Any]] = []
        while True:
            record = await self.record()
            if record.get("type") == 3 and record["invocationId"] == str(self._number):
                self.seen -= sum(one.get("type") == 1 for one in passed)
                self._records = passed + self._records
                return record
            passed.append(record)

    async def silent(self, seconds: float = 0.15) -> bool:
        """Whether nothing comes for so long."""
        try:
            async with asyncio.timeout(seconds):
                record = await self.record()
        except TimeoutError:
            return True
        self.seen -= record.get("type") == 1
        self._records.insert(0, record)
        return False

    async def ended(self) -> websockets.ConnectionClosed:
        """How the connection ended."""
        try:
            while True:
                await self.record()
        except websockets.ConnectionClosed as closed:
            return closed


class Gate:
    """The gateway that runs, and one login at it."""

    def __init__(self, gateway: Gateway, ready: Ready, http: httpx.AsyncClient) -> None:
        self.gateway = gateway
        self.ready = ready
        self.http = http
        self.token = ""

    @property
    def contract(self) -> str:
        return self.ready.contracts["MES"]

    async def log_in(self) -> Self:
        answer = await self.post(
            "/api/Auth/loginKey", userName=self.ready.username, apiKey=self.ready.api_key
        )
        self.token = answer["token"]
        return self

    async def ask(self, path: str, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.http.post(path, json=body, headers=headers)

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.ask(path, **body)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    async def sim(self, name: str, body: Any = None, method: str = "POST") -> Any:
        answer = await self.http.request(method, f"/_sim/{name}", json=body)
        assert answer.status_code == 200, (name, answer.status_code, answer.text)
        return answer.json()

    async def look(self, name: str) -> Any:
        return await self.sim(name, method="GET")

    async def rule(self, match: dict[str, Any], do: str, **action: Any) -> int:
        scope = action.pop("scope", {})
        body = {"match": match, "action": {"do": do, **action}, "scope": scope}
        made = await self.sim("rules", body)
        return int(made["ids"][0])

    async def place(self, **order: Any) -> Any:
        body = {"accountId": ACCOUNT, "contractId": self.contract, "type": 2, "side": 0, "size": 1}
        return await self.post("/api/Order/place", **{**body, **order})

    async def play(self, seconds: float) -> Any:
        return await self.sim("clock", {"advance_s": seconds})

    @asynccontextmanager
    async def raw_hub(self, name: str, query: str = "") -> AsyncIterator[Hub]:
        address = f"{self.ready.url.replace('http', 'ws')}/hubs/{name}?access_token={self.token}"
        async with websockets.connect(
            address + query,
            compression=None,
            max_size=2**24,
            max_queue=None,
            ping_interval=None,
            close_timeout=1,
        ) as line:
            yield Hub(line)

    @asynccontextmanager
    async def hub(self, name: str, *subscriptions: str) -> AsyncIterator[Hub]:
        """A client of a hub that has shaken hands and subscribed."""
        async with self.raw_hub(name) as hub:
            await hub.line.send(HELLO)
            assert await hub.record() == {}
            about: tuple[Any, ...] = (ACCOUNT,) if name == "user" else (self.contract,)
            for one in subscriptions:
                given = () if one == "SubscribeAccounts" else about
                done = await hub.invoke(one, *given)
                assert "error" not in done, done
            yield hub


def _read(record: str) -> dict[str, Any]:
    """A record; one that is none has type 0."""
    try:
        found: dict[str, Any] = json.loads(record)
    except json.JSONDecodeError:
        return {"type": 0}
    return found


USER: Final = ("SubscribeAccounts", "SubscribeOrders", "SubscribePositions", "SubscribeTrades")
MARKET: Final = ("SubscribeContractQuotes", "SubscribeContractTrades")


@asynccontextmanager
async def opened(**asked: Any) -> AsyncIterator[Gate]:
    """A gateway that serves while the block runs."""
    gateway = Gateway(wanted(Asked(**asked)))
    told: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(30), Tasks() as tasks:
        served = tasks.start("gateway", gateway.serve(told.set_result))
        ready = await told
        try:
            async with httpx.AsyncClient(base_url=ready.url, timeout=LIMIT_S) as http:
                yield Gate(gateway, ready, http)
        finally:
            gateway.stop.set()
            await served


def play(scene: Callable[[Gate], Awaitable[None]], folder: Path, **asked: Any) -> None:
    """Run a scene against a gateway whose market is paused unless a speed is named."""

    async def whole() -> None:
        given: dict[str, Any] = {"files": [(str(bars_file(folder)), "MES")], "day": DAY}
        given |= {"start": "09:30", "until": "10:30", **asked}
        async with opened(**given) as gate:
            if "speed" not in asked:
                await gate.sim("clock", {"paused": True})
            await scene(await gate.log_in())

    asyncio.run(whole())
