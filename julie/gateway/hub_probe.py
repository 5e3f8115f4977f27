"""One short connection to a hub, as a person asks for it: whether streams get through, how fast.

Nothing is listened to: what comes is thrown away, and the connection is left at once.
"""

import asyncio
from typing import Final

from julie.core.tasks import Tasks, cause_of
from julie.gateway.errors import NoAnswer, TokenRefused
from julie.gateway.hub import Subscription
from julie.gateway.hub_transport import WebSocketHub
from julie.gateway.hub_url import hub_url
from julie.gateway.session import Session
from julie.gateway.wire import Misfit
from julie.gateway.wire.hub import Record

PATIENCE_S: Final = 10.0


async def opened_ms(session: Session, address: str, call: Subscription) -> float:
    """Milliseconds to connect, shake hands and subscribe; raises `GatewayError`."""
    token = await session.for_reading()
    hub, now = WebSocketHub(_away, _odd), asyncio.get_running_loop().time
    began = now()
    try:
        async with asyncio.timeout(PATIENCE_S), Tasks() as tasks:
            await hub.start(hub_url(address, token))
            reader = tasks.start("hub", hub.run())
            await hub.invoke(*call)
            took_ms = (now() - began) * 1000
            reader.cancel()
    except TimeoutError:
        told = f"the hub did not answer within {PATIENCE_S:g} s"
        raise NoAnswer(told, "a firewall or a proxy may hold WebSockets back") from None
    except ExceptionGroup as group:
        cause = cause_of(group)
        if isinstance(cause, TokenRefused):
            session.refused(token)
        raise cause from None
    finally:
        await hub.stop()
    return took_ms


def _away(record: Record) -> None:
    """Nobody listens."""
    del record


def _odd(misfit: Misfit) -> None:
    """Nobody reads."""
    del misfit
