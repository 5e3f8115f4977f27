"""The stream through real sockets: a hub in a process of its own, ours from socket to minutes here.

python -m benchmarks.stream    the row `stream`; a third of the messages are prints, each a frame
"""

import asyncio
import gc
import json
import multiprocessing as mp
import struct
import sys
import time
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.results import Bar, Row
from julie.core.calendar import load_calendar
from julie.core.clock import MachineClock
from julie.core.instruments import INSTRUMENTS
from julie.core.market_events import Hub, HubChanged, MarketEvent, Print
from julie.core.tasks import Tasks
from julie.gateway.bad_ticks import TickFilter
from julie.gateway.hub_transport import WebSocketHub
from julie.gateway.intake import Intake
from julie.gateway.quarantine import Quarantine
from julie.gateway.quotes import Books
from julie.gateway.redact import Redactor
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.stream import Stream
from julie.live.warm import Watched
from julie.market.aggregator import Together

BURST: Final = 200_000  # messages as fast as they are taken
PACED: Final = 20_000
RATE: Final = 5_000  # messages a second when paced
RUNS: Final = 3
AHEAD: Final = 1 << 20  # bytes that may wait in the sender
CONTRACTS: Final = {one: INSTRUMENTS[one].contract_id("Z26") for one in ("MES", "MNQ", "ES", "NQ")}
NAMES: Final = tuple(CONTRACTS.values())
STAMP: Final = "2026-11-20T15:%02d:%02d.%03d4567+00:00"
FIRST: Final = 51  # minute of the first message
FIRST_NS: Final = int(np.datetime64(f"2026-11-20T15:{FIRST}", "ns").astype(np.int64))
A_SECOND: Final = 1_000  # messages a second by their stamps


def frame(text: str) -> bytes:
    """A record as a text frame of its own."""
    body = text.encode() + b"\x1e"
    short = len(body) < 126
    head = bytes((0x81, len(body))) if short else b"\x81\x7e" + struct.pack("!H", len(body))
    return head + body


def message(number: int, sent_ns: int) -> bytes:
    """Two quotes and a print in turn; a print's size is the moment at which it left."""
    contract = NAMES[number % 4]
    second = number // A_SECOND
    stamp = STAMP % (FIRST + second // 60, second % 60, number % A_SECOND)
    price = 6335.0 + number % 16 * 0.25
    if number % 3:
        row = (
            f'{{"symbol":"{contract[4:-4]}","bestBid":{price},"bestAsk":{price + 0.25},'
            f'"lastUpdated":"{stamp}","timestamp":"{stamp}","contract":"{contract}"}}'
        )
        return frame(f'{{"type":1,"target":"GatewayQuote","arguments":["{contract}",{row}]}}')
    row = (
        f'{{"symbolId":"{contract[4:-4]}","price":{price},"timestamp":"{stamp}","type":0,'
        f'"volume":{sent_ns},"contractId":"{contract}"}}'
    )
    return frame(f'{{"type":1,"target":"GatewayTrade","arguments":["{contract}",[{row}]]}}')


async def _send(socket: ServerConnection) -> None:
    await socket.recv()
    transport = socket.transport
    made = [b"".join(message(k + j, 1) for j in range(50)) for k in range(0, BURST, 50)]
    await socket.send("{}\x1e")
    await socket.recv()
    for part in made:
        transport.write(part)
        while transport.get_write_buffer_size() > AHEAD:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.0005)
    await socket.recv()
    begun = time.monotonic_ns()
    for number in range(PACED):
        due = begun + number * 1_000_000_000 // RATE
        while time.monotonic_ns() < due:  # noqa: ASYNC110 - finer than a timer
            await asyncio.sleep(0)
        transport.write(message(BURST + number, time.monotonic_ns()))
    await socket.wait_closed()


def _hub(pipe: Connection) -> None:
    async def whole() -> None:
        async with serve(_send, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.get_running_loop().create_future()

    asyncio.run(whole())


class Counting:
    """A sink that makes minutes, counts, and knows how long each print was under way."""

    def __init__(self) -> None:
        self.prints = self.quotes = self.minutes = 0
        self.took_ns: list[int] = []
        watched = [Watched(INSTRUMENTS[symbol], id_) for symbol, id_ in CONTRACTS.items()]
        self._stream = Stream(watched, load_calendar())
        self._stream.begin(FIRST_NS, whole=True)

    @property
    def summed(self) -> int:
        """Prints that are in a minute."""
        return sum(one.counts.prints for one in self._stream.aggregators)

    def market(self, event: MarketEvent) -> None:
        """Into its minute, and count it."""
        for one in self._stream.heard(event, event.ts_exchange):
            self.minutes += isinstance(one, Together)
        if isinstance(event, Print):
            self.prints += 1
            self.took_ns.append(time.monotonic_ns() - event.qty)
        else:
            self.quotes += 1

    def user(self, event: Any) -> None:
        """There are none."""

    def hub(self, change: HubChanged) -> None:
        """Nobody listens."""

    def alarm(self, alarm: Any) -> None:
        """There are none."""


class Taken:
    """Our side: one connection and the intake behind it."""

    def __init__(self) -> None:
        books, ticks = Books(), Ticks()
        self.sink = Counting()
        self.quarantine = Quarantine(Redactor())
        self.intake = Intake(
            MachineClock(), self.sink, VenueRows(1, ticks), books,
            TickFilter(books, ticks, 10.0, 0.2), self.quarantine,
        )  # fmt: skip
        self.hub = WebSocketHub(lambda record: self.intake.put(Hub.MARKET, record), self._misfit)

    def _misfit(self, misfit: Any) -> None:
        self.quarantine.put(misfit)

    async def until(self, messages: int) -> None:
        """Wait until so many were read and handed on."""
        while self.intake.seen(Hub.MARKET) < messages:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.001)


async def _measured(port: int) -> dict[str, float]:
    taken = Taken()
    sink = taken.sink
    await taken.hub.start(f"ws://127.0.0.1:{port}/hubs/market")
    async with Tasks() as tasks:
        running = tasks.start("hub", taken.hub.run()), tasks.start("intake", taken.intake.run())
        gc.freeze()
        begun, used = time.perf_counter(), time.process_time()
        await taken.hub._say("burst")
        await taken.until(BURST)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - used
        lost = BURST - sink.prints - sink.quotes - taken.intake.coalesced
        sink.took_ns.clear()
        await taken.hub._say("pace")
        await taken.until(BURST + PACED)
        lost += PACED + BURST - lost - sink.prints - sink.quotes - taken.intake.coalesced
        await taken.hub.stop()
        for task in running:
            task.cancel()
    took = np.array(sink.took_ns) / 1e6
    return {
        "messages_a_second": BURST / seconds,
        "cpu_us_a_message": cpu / BURST * 1e6,
        "p50_ms": float(np.percentile(took, 50)),
        "p99_ms": float(np.percentile(took, 99)),
        "lost": lost + taken.quarantine.total,
        "prints": sink.prints,
        "prints_in_minutes": sink.summed,
        "minutes": sink.minutes,
        "coalesced": taken.intake.coalesced,
    }


def stream() -> dict[str, float]:
    """The run whose rate is the median."""
    context = mp.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=_hub, args=(there,), daemon=True)
    child.start()
    try:
        port = here.recv()
        found = [asyncio.run(_measured(port)) for _ in range(RUNS)]
    finally:
        child.terminate()
        child.join()
    found.sort(key=lambda one: one["messages_a_second"])
    return found[RUNS // 2]


def stream_rows() -> list[Row]:
    """Sustained rate as microseconds a message, and the way of a print when paced."""
    found = stream()
    more = {name: round(value, 3) for name, value in found.items()}
    whole = found["lost"] == 0 and found["prints_in_minutes"] == found["prints"]
    whole &= found["minutes"] == (BURST + PACED - 1) // A_SECOND // 60
    each_us = 1e6 / found["messages_a_second"]
    return [
        Row("stream", each_us, "us a message", Bar(most=1e6 / 30_000), Bar(most=1e6 / 60_000),
            agrees=whole, more=more),
        Row("stream", found["p50_ms"], "ms p50 at 5,000/s", Bar(most=0.3), None,
            agrees=whole, more=more),
    ]  # fmt: skip


if __name__ == "__main__":
    rows = stream_rows()
    print(json.dumps([row.plain() for row in rows], indent=1))
    sys.exit(0 if all(row.ok for row in rows) else 1)
