"""From the message that closes the bar to the order request on the wire, hop by hop.

python -m benchmarks.order_path    the row `bar_to_order`; and `session`, `ready`, of the same runs

The bot is the real one, on a simulated gateway of its own in another process: sockets, journal on
this disk, six strategies and nine judges, and beside them a rule that wants in at every close, so
that there are orders to be timed. Only the clock readings are added here.
"""

import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from aiohttp.client_reqrep import ClientRequest

from benchmarks.every_minute import every_minute
from benchmarks.results import Bar, Row
from julie.core.market_events import Hub
from julie.core.permits import Approved
from julie.desk.minutes import DeskMinutes
from julie.execution.executor import Executor
from julie.execution.ledger import Ledger
from julie.gateway.hub_transport import WebSocketHub
from julie.gateway.intake import Intake
from julie.gateway.wire import routes
from julie.live.compose import Ended, simulated
from julie.live.sim import end_child, start_child
from julie.live.wanted import Wanted, new_run
from julie.market.columns.graph import Graph
from julie.settings import default_tree, load_settings
from julie.strategies.catalogue import catalogue

HOPS: Final = ("socket", "aggregate", "columns", "desk", "journal", "rest")
RUNS: Final = 2
FLUSHES: Final = 400
JUDGES: Final = ("news", "chop", "circuit_breaker", "account_rules", "directional_loss")
FREE: Final = (
    *(f"strategies.every_minute.defense.{judge}=observe" for judge in JUDGES),
    "account.profile=plain", "risk.gate.entries_a_day=500", "risk.gate.entries_a_minute=30",
    "execution.entries_a_day=500", "execution.entries_a_minute=60", "risk.gate.duplicate_s=0",
)  # fmt: skip
Told = Callable[..., None]


class Stamps:
    """When the entry that is under way passed each station."""

    def __init__(self) -> None:
        self.took_us: list[list[float]] = []
        self._put: deque[int] = deque()
        self._at = dict.fromkeys(("frame", "first", "batch", "desk", "columns", "sent", "safe"), 0)
        self._path: list[int] = []

    def pass_by(self, station: str) -> Told:
        """A callback that notes the moment."""

        def noted(*_: Any) -> None:
            self._at[station] = time.perf_counter_ns()

        return noted

    def put(self, _: Any, hub: Hub, record: Any) -> None:
        """A record was cut out of a frame."""
        del record
        if hub is Hub.MARKET:
            self._put.append(self._at["frame"])

    def batch(self, _: Any, records: list[Any]) -> None:
        """Records are read; the frame of the first of them counts."""
        if records:
            self._at["batch"] = time.perf_counter_ns()
            frames = [self._put.popleft() for _ in records]
            self._at["first"] = frames[0]

    def submitted(self, _: Any, orders: Any) -> None:
        """The desk asks for something; entries count."""
        if any(isinstance(one, Approved) for one in orders):
            self.pass_by("sent")()
            self._path = [self._at[name] for name in ("first", "batch", "desk", "columns", "sent")]

    def written(self, request: ClientRequest, *_: Any) -> None:
        """A request has left."""
        if self._path and request.url.path == routes.PLACE.path:
            whole = [*self._path, self._at["safe"], time.perf_counter_ns()]
            self._path = []
            self.took_us.append([(b - a) / 1e3 for a, b in pairwise(whole)])


@contextmanager
def timed(stamps: Stamps) -> Iterator[None]:
    """Within the block every station tells when it was passed."""
    stations = (
        (WebSocketHub, "_cut", stamps.pass_by("frame"), _nothing),
        (Intake, "put", stamps.put, _nothing),
        (Intake, "_market", stamps.batch, _nothing),
        (DeskMinutes, "close", stamps.pass_by("desk"), _nothing),
        (Graph, "advance", _nothing, stamps.pass_by("columns")),
        (Executor, "submit", stamps.submitted, _nothing),
        (Ledger, "safe", _nothing, stamps.pass_by("safe")),
        (ClientRequest, "write_bytes", _nothing, stamps.written),
    )
    kept = [(of, name, getattr(of, name)) for of, name, _, _ in stations]
    for of, name, before, after in stations:
        setattr(of, name, _around(getattr(of, name), before, after))
    try:
        yield
    finally:
        for of, name, method in kept:
            setattr(of, name, method)


def _around(method: Callable[..., Any], before: Told, after: Told) -> Callable[..., Any]:
    async def later(self: Any, *args: Any, **named: Any) -> Any:
        before(self, *args, *named.values())
        found = await method(self, *args, **named)
        after(self, *args, *named.values())
        return found

    def at_once(self: Any, *args: Any) -> Any:
        before(self, *args)
        found = method(self, *args)
        after(self, *args)
        return found

    return later if iscoroutinefunction(method) else at_once


def _nothing(*_: Any) -> None:
    """No callback."""


async def session(
    folder: Path, speed: str, seed: int, *, busy: bool, until: str = "16:10"
) -> tuple[Ended, float]:
    """The sample session through the whole bot; what it left, and its wall seconds."""
    extra = {every_minute.name: every_minute} if busy else {}
    settings = load_settings(default_tree(extra), [], list(FREE) if busy else []).tree
    on = set(settings.strategies.enabled())
    chosen = [one for name, one in {**catalogue(), **extra}.items() if name in on or name in extra]
    wanted = Wanted(
        "sim", new_run("sim", time.time_ns()), settings, folder, None,
        tuple(sorted(chosen, key=lambda one: one.name)), seed,
    )  # fmt: skip
    words = ("--scenario", "sample", "--speed", speed, "--seed", str(seed), "--until", until)
    child, ready = await start_child(words)
    began = time.perf_counter()
    try:
        return await simulated(wanted, ready), time.perf_counter() - began
    finally:
        await end_child(child)


def bar_to_order() -> dict[str, Any]:
    """Entries of some sessions, and the share of each hop."""
    stamps = Stamps()
    for seed in range(1, RUNS + 1):
        with tempfile.TemporaryDirectory(dir=".") as folder, timed(stamps):
            gc.collect()
            asyncio.run(session(Path(folder), "lockstep", seed, busy=True, until="12:30"))
            disk = flush_ms(Path(folder))
    whole = np.array(stamps.took_us) / 1e3
    total = whole.sum(axis=1)
    return {
        "orders": len(total),
        "p50_ms": float(np.percentile(total, 50)),
        "p99_ms": float(np.percentile(total, 99)),
        "most_ms": float(total.max()),
        "hops_p50_ms": dict(zip(HOPS, np.median(whole, axis=0).round(3).tolist(), strict=True)),
        "hops_share": dict(
            zip(HOPS, (whole.sum(axis=0) / total.sum()).round(3).tolist(), strict=True)
        ),
        "disk": disk,
    }


def flush_ms(folder: Path) -> dict[str, float]:
    """What this disk takes to keep 4 KB for good, with nothing of ours around it: an order waits
    for one such flush, so no way to the venue is shorter.
    """
    took = []
    with (folder / "flush").open("wb", buffering=0) as file:
        for _ in range(FLUSHES):
            file.write(bytes(4096))
            began = time.perf_counter_ns()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter_ns() - began) / 1e6)
            time.sleep(0.01)  # as orders come: one by one
    p50, p99 = np.percentile(took, [50, 99])
    return {"disk_flush_p50_ms": round(float(p50), 3), "disk_flush_p99_ms": round(float(p99), 3)}


def whole_session() -> dict[str, Any]:
    """The sample session at the speed that the machine allows, and the time until it was ready."""
    found = []
    for _ in range(RUNS + 1):
        with tempfile.TemporaryDirectory(dir=".") as folder:
            ended, seconds = asyncio.run(session(Path(folder), "max", 1, busy=False))
        found.append((seconds, ended.ready_s, ended.minutes, ended.legs))
    return {
        "seconds": sorted(one[0] for one in found)[len(found) // 2],
        "ready_s": sorted(one[1] for one in found)[len(found) // 2],
        "minutes": found[-1][2],
        "legs": found[-1][3],
    }


def order_rows() -> list[Row]:
    """The order's way, the session and the start."""
    one, other = bar_to_order(), whole_session()
    told = ("orders", "most_ms", "hops_p50_ms", "hops_share", "disk")
    more = {name: one[name] for name in told}
    enough = one["orders"] >= 50
    return [
        Row("bar_to_order", one["p50_ms"], "ms p50", Bar(most=3.0), None, agrees=enough, more=more),
        Row("bar_to_order", one["p99_ms"], "ms p99", Bar(most=8.0), Bar(most=4.0), agrees=enough),
        Row("session", other["seconds"], "s, 09:30-16:10 at max", Bar(most=60.0), None,
            agrees=other["legs"] > 0, more={"minutes": other["minutes"], "legs": other["legs"]}),
        Row("ready", other["ready_s"], "s from start to ready, warm", Bar(most=3.0), None),
    ]  # fmt: skip


if __name__ == "__main__":
    rows = order_rows()
    print(json.dumps([row.plain() for row in rows], indent=1))
    sys.exit(0 if all(row.ok for row in rows) else 1)
