"""Events of the two hubs: one record of the stream to typed rows.

The venue's dialects read alike: a row bare or wrapped as {action, data}, single or in a list, an
object or JSON text of one, null entries among the rows. What does not fit is told beside the rows
that do.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import msgspec

from julie.gateway.wire.json_text import UNREADABLE, Misfit, WireError, decoder
from julie.gateway.wire.market import DepthRow, Print, Quote
from julie.gateway.wire.rows import AccountRow, OrderRow, PositionRow, TradeRow

INVOCATION: Final = 1
COMPLETION: Final = 3
PING: Final = 6
CLOSE: Final = 7

HubRow = AccountRow | OrderRow | PositionRow | TradeRow | Quote | Print | DepthRow

LOGOUT: Final = "GatewayLogout"
USER_EVENTS: Final[Mapping[str, type[HubRow]]] = MappingProxyType(
    {
        "GatewayUserAccount": AccountRow,
        "GatewayUserOrder": OrderRow,
        "GatewayUserPosition": PositionRow,
        "GatewayUserTrade": TradeRow,
    }
)
MARKET_EVENTS: Final[Mapping[str, type[HubRow]]] = MappingProxyType(
    {"GatewayQuote": Quote, "GatewayTrade": Print, "GatewayDepth": DepthRow}
)


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One record of the hub protocol; `arguments` are still text."""

    type: int
    target: str = ""
    arguments: tuple[msgspec.Raw, ...] = ()
    invocation_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What one invocation of the hub carried; `contract` is empty on the user hub."""

    target: str
    contract: str
    rows: tuple[HubRow, ...]
    misfits: tuple[Misfit, ...] = ()


class _Wrapped(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"")
    action: Any = None


_RECORD: Final = decoder(Record)
_WRAPPED: Final = decoder(_Wrapped)
_TEXT: Final = decoder(str)
_RAW_ROWS: Final = decoder(list[msgspec.Raw])
_ROW: Final[Mapping[str, Callable[[bytes], HubRow]]] = MappingProxyType(
    {
        target: decoder(kind).decode
        for target, kind in (*USER_EVENTS.items(), *MARKET_EVENTS.items())
    }
)
_PLAIN_ROWS: Final[Mapping[str, Callable[[bytes], list[HubRow]]]] = MappingProxyType(
    {target: decoder(list[kind]).decode for target, kind in MARKET_EVENTS.items()}  # type: ignore[valid-type]
)


def read_record(raw: bytes) -> Record:
    """One record without its separator; raises `WireError`."""
    try:
        return _RECORD.decode(raw)
    except UNREADABLE as error:
        raise WireError(Misfit.of("hub record", raw, error)) from None


def read_event(record: Record) -> Event:
    """The rows of an invocation; a target that nobody knows is a misfit."""
    target = record.target
    if target == LOGOUT:
        return Event(target, "", ())
    decode = _ROW.get(target)
    if decode is None:
        raw = b"[" + b",".join(bytes(one) for one in record.arguments) + b"]"
        return Event(target, "", (), (Misfit(target[:64], "$.target", "unknown event", raw),))
    contract, first = "", 0
    if target in MARKET_EVENTS:
        first = 1
        try:
            contract = _TEXT.decode(record.arguments[0])
        except (*UNREADABLE, IndexError):
            raw = bytes(record.arguments[0]) if record.arguments else b""
            misfit = Misfit(target, "$.arguments[0]", "a contract id was expected", raw)
            return Event(target, "", (), (misfit,))
    good: list[HubRow] = []
    bad: list[Misfit] = []
    for number, argument in enumerate(record.arguments[first:], first):
        raw = bytes(argument)
        if _taken_plain(target, decode, raw, good):
            continue
        place = f"$.arguments[{number}]"
        try:
            for one in _unwrapped(raw):
                _take(target, decode, one, place, good, bad)
        except UNREADABLE as error:
            bad.append(Misfit.of(target, raw, error, place))
    if len(record.arguments) == first:
        bad.append(Misfit(target, "$.arguments", "no row", b""))
    return Event(target, contract, tuple(good), tuple(bad))


def _taken_plain(
    target: str, decode: Callable[[bytes], HubRow], raw: bytes, good: list[HubRow]
) -> bool:
    """The bulk of a session, market rows without wrapping or fault, read in one go."""
    many = _PLAIN_ROWS.get(target)
    if many is None or b'"data"' in raw:
        return False
    try:
        if raw[:1] == b"[":
            good.extend(many(raw))
        else:
            good.append(decode(raw))
    except UNREADABLE:
        return False
    return True


def _take(
    target: str,
    decode: Callable[[bytes], HubRow],
    raw: bytes,
    place: str,
    good: list[HubRow],
    bad: list[Misfit],
) -> None:
    try:
        good.append(decode(raw))
    except UNREADABLE as error:
        bad.append(Misfit.of(target, raw, error, place))


def _unwrapped(raw: bytes) -> Iterator[bytes]:
    """Bare rows, whatever they are wrapped in; null entries are none."""
    lead = raw.lstrip()[:1]
    if lead == b'"':
        yield from _unwrapped(_TEXT.decode(raw).encode())
    elif lead == b"[":
        for one in _RAW_ROWS.decode(raw):
            yield from _unwrapped(bytes(one))
    elif lead == b"{" and b'"data"' in raw:
        inner = bytes(_WRAPPED.decode(raw).data)
        yield from _unwrapped(inner) if inner else (raw,)  # the word may be somebody's tag
    elif raw.strip() != b"null":
        yield raw
