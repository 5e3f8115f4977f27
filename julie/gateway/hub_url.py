"""The address of a hub with its token: never in the clear outside this machine, never shown."""

from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from julie.core.errors import UsageError
from julie.gateway.line import LOOPBACK

_SCHEMES: Final = {"https": "wss", "wss": "wss", "http": "ws", "ws": "ws"}
CURE: Final = (
    "set PROJECTX_USER_HUB and PROJECTX_MARKET_HUB to the venue's, such as "
    "https://rtc.topstepx.com/hubs/user"
)


def check_hub(base: str) -> str:
    """The address as a WebSocket's; refuses one that would carry the token in the clear."""
    parts = urlsplit(base)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"{base!r} is no address of a hub", CURE)
    if scheme == "ws" and parts.hostname not in LOOPBACK:
        raise UsageError(f"{base!r}: https is needed, http only on this machine", CURE)
    return urlunsplit((scheme, parts.netloc, parts.path, "", ""))


def hub_url(base: str, token: str) -> str:
    """The address to connect to; whoever holds it holds the token."""
    return f"{check_hub(base)}?access_token={quote(token, safe='')}"
