"""Runs the gateway in this process until its end."""

import asyncio
from collections.abc import Callable

import msgspec

from julie.simgate.server.gateway import Gateway
from julie.simgate.server.wiring import Wanted


def serve(wanted: Wanted, tell: Callable[[str], None]) -> None:
    """Serve until the end; the line that clients wait for goes to `tell`."""
    asyncio.run(_serve(wanted, tell))


async def _serve(wanted: Wanted, tell: Callable[[str], None]) -> None:
    await Gateway(wanted).serve(lambda ready: tell(msgspec.json.encode(ready).decode()))
