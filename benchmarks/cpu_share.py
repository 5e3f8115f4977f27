"""What the bot takes of a core while it trades at the pace of life.

python -m benchmarks.cpu_share    the row `cpu_share`: four instruments, 64 messages a second
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from benchmarks.results import HERE, Bar, Row
from julie.live.sim import Ready, end_child, start_child

SYMBOLS: Final = ("MES", "MNQ", "ES", "NQ")
PRICES: Final = {"MES": 5_575.0, "MNQ": 20_370.0, "ES": 5_575.0, "NQ": 20_370.0}
RATE: Final = 64  # messages a second, all together
WALL_S: Final = 120.0
WARM_S: Final = 20.0
START_S: Final = 60.0


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def pour(ready: Ready, seconds: float) -> None:
    """Quotes of every contract, evenly, from now on."""
    each = RATE / len(SYMBOLS)
    async with httpx.AsyncClient(base_url=ready.url, trust_env=False, timeout=30.0) as control:
        for symbol in SYMBOLS:
            quotes = [
                (k / each, PRICES[symbol] - 0.25 * (1 + k % 2), PRICES[symbol] + 0.25)
                for k in range(round(seconds * each))
            ]
            body = {"kind": "quotes", "contract": ready.contracts[symbol], "quotes": quotes}
            answer = await control.post("/_sim/market", json=body)
            answer.raise_for_status()


async def sent(ready: Ready) -> int:
    """Messages that the gateway has sent on open streams."""
    async with httpx.AsyncClient(base_url=ready.url, trust_env=False, timeout=30.0) as control:
        return sum(one["sent"] for one in (await control.get("/_sim/connections")).json())


async def measured(folder: Path) -> dict[str, Any]:
    """CPU seconds of the bot's process over two minutes of the wall."""
    symbols = json.dumps(SYMBOLS)
    words = ("--scenario", "four", "--from", "09:29", "--until", "09:45", "--speed", "1")
    child, ready = await start_child(words)
    line = folder / "READY.json"
    line.write_bytes(msgspec.json.encode(ready))
    bot = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE.parent / "run_bot.py"), "--sim", str(line), "--headless",
        "--data-dir", str(folder / "data"),
        "--set", f"live.symbols={symbols}", "--set", f"live.trade={symbols}",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(START_S):
            while not (folder / "data" / "control.json").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        await pour(ready, WARM_S + WALL_S)
        await asyncio.sleep(WARM_S)
        before, messages, began = cpu_s(bot.pid), await sent(ready), time.monotonic()
        await asyncio.sleep(WALL_S)
        used, wall = cpu_s(bot.pid) - before, time.monotonic() - began
        return {
            "share": 100 * used / wall,
            "messages_a_second": (await sent(ready) - messages) / wall,
        }
    finally:
        if bot.returncode is None:
            bot.terminate()
        await bot.wait()
        await end_child(child)


def cpu_rows() -> list[Row]:
    """The share of a core."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        found = asyncio.run(measured(Path(folder).resolve()))
    more = {"messages_a_second": round(found["messages_a_second"], 1)}
    enough = found["messages_a_second"] >= RATE
    return [
        Row("cpu_share", found["share"], "% of a core", Bar(most=3.0), None, agrees=enough,
            more=more),
    ]  # fmt: skip


if __name__ == "__main__":
    rows = cpu_rows()
    print(json.dumps([row.plain() for row in rows], indent=1))
    sys.exit(0 if all(row.ok for row in rows) else 1)
