"""Which instruments a session listens to, and what it trades on each: its own, or its micro."""

from collections.abc import Collection

from julie.core.instruments import DEFAULT_TRADED
from julie.settings import LiveSection


def heard_and_traded(
    section: LiveSection, served: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """By the configuration, in its order; `served`: all that the market has, empty = anything."""
    symbols = [one for one in section.symbols if one in served or not served]
    if not symbols:  # a market of its own: whatever it has
        symbols = list(served)
    named = section.trade if len(section.trade) == len(symbols) else ()
    return symbols, list(named) or [_micro(one, served) for one in symbols]


def _micro(symbol: str, served: Collection[str]) -> str:
    micro = DEFAULT_TRADED.get(symbol, symbol)
    return micro if micro in served or not served else symbol
