"""What goes over a hub as text: records of the protocol around the venue's rows.

Live habits, each a switch of the dialect: rows wrapped as {action, data}, fields without a value
left out, prints and depth in arrays, null entries in the depth, quotes that carry only what
changed. Quotes and prints are the bulk of a session and are written by hand; the rest is encoded.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec

from julie.core.zones import SECOND_NS
from julie.gateway.wire import BarsReply, DepthRow, Print, Quote, Stamp
from julie.simgate.exchange.events import QUOTE, TRADE, MarketEvent
from julie.simgate.server.dialect import Dialect, Form

END: Final = b"\x1e"
EVENT: Final = b'{"type":1,'
PING: Final = b'{"type":6}\x1e'
HANDSHAKE_DONE: Final = b"{}\x1e"
LOGOUT: Final = b'{"type":1,"target":"GatewayLogout","arguments":[]}\x1e'
Fields = dict[str, Any]

_ENCODER: Final = msgspec.json.Encoder(
    decimal_format="number", enc_hook=lambda value: Stamp.text(value)
)
_QUOTED: Final = (  # attribute and wire name of what a quote may change
    ("last_price", "lastPrice"),
    ("best_bid", "bestBid"),
    ("best_ask", "bestAsk"),
    ("change", "change"),
    ("change_percent", "changePercent"),
    ("open", "open"),
    ("high", "high"),
    ("low", "low"),
    ("volume", "volume"),
)


def encode(value: object) -> bytes:
    """JSON with prices as exact numbers and times as the venue writes them."""
    return _ENCODER.encode(value)


def invocation(target: str, *arguments: object) -> bytes:
    """An event as one record."""
    return encode({"type": 1, "target": target, "arguments": arguments}) + END


def completion(number: str, error: str | None = None) -> bytes:
    """The answer to an invocation that asked for one."""
    if error is None:
        return encode({"type": 3, "invocationId": number, "result": None}) + END
    return encode({"type": 3, "invocationId": number, "error": error}) + END


def closing(error: str | None = None, allow_reconnect: bool | None = None) -> bytes:
    """The last record of a connection that ends in good order."""
    record: Fields = {"type": 7}
    if error is not None:
        record["error"] = error
    if allow_reconnect is not None:
        record["allowReconnect"] = allow_reconnect
    return encode(record) + END


def fields_of(row: msgspec.Struct, nulls: bool) -> Fields:
    """A row as its wire fields, with or without those that have no value."""
    names = zip(row.__struct_fields__, row.__struct_encode_fields__, strict=True)
    found = {wire: getattr(row, name) for name, wire in names}
    return found if nulls else {k: v for k, v in found.items() if v is not None}


class StampText:
    """Times as text; the seconds are kept, because neighbours share them."""

    def __init__(self) -> None:
        self._second = -1
        self._head = ""

    def __call__(self, ns: int) -> str:
        """Seven decimals at most, trailing zeros trimmed."""
        second, rest = divmod(ns, SECOND_NS)
        if second != self._second:
            self._second = second
            self._head = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        if not rest:
            return self._head + "+00:00"
        decimals = f"{rest // 100:07d}".rstrip("0")
        return f"{self._head}.{decimals}+00:00" if decimals else self._head + "+00:00"


class HubText:
    """Writes events as the dialect has them; keeps the last quote of every contract."""

    def __init__(self, dialect: Callable[[], Dialect]) -> None:
        self._dialect = dialect
        self._quotes: dict[str, Fields] = {}
        self._stamp = StampText()

    @property
    def nulls(self) -> bool:
        """Whether fields without a value are sent."""
        return self._dialect().nulls == "sent"

    def market(self, event: MarketEvent) -> list[bytes]:
        """Quotes or prints of one instant."""
        if event.target == TRADE:
            return self.prints(event.contract, cast("Sequence[Print]", event.rows))
        quotes = cast("Sequence[Quote]", event.rows)
        records = (self.quote(event.contract, one) for one in quotes)
        return [record for record in records if record is not None]

    def user(self, event: str, fields: Fields, action: int) -> bytes:
        """A row of the user hub."""
        dialect = self._dialect()
        form: Form = dialect.user_events_of.get(event, dialect.user_events)
        if form == "flat":
            return invocation(event, fields)
        wrapped: object = {"action": action, "data": fields}
        if form == "list":
            wrapped = [wrapped]
        elif form == "text":
            wrapped = encode(wrapped).decode()
        return invocation(event, wrapped)

    def quote(self, contract: str, quote: Quote) -> bytes | None:
        """What changed of the quote, with its times."""
        known = self._quotes.setdefault(contract, {})
        full = self._dialect().quotes == "full"
        changed = ""
        for name, wire in _QUOTED:
            value = getattr(quote, name)
            if value is not None and known.get(wire) != value:
                known[wire] = value
                changed += f'"{wire}":{_number(value)},'
        known["symbol"] = quote.symbol
        known["symbolName"] = quote.symbol_name or known.get("symbolName")
        updated = quote.last_updated or quote.timestamp or 0
        known["lastUpdated"], known["timestamp"] = updated, quote.timestamp or updated
        if full:
            return self.full_quote(contract)
        text = self._stamp(updated)
        stamp = text if quote.timestamp in (None, updated) else self._stamp(known["timestamp"])
        return (
            f'{{"type":1,"target":"GatewayQuote","arguments":["{contract}",{{"symbol":'
            f'"{quote.symbol}",{changed}"lastUpdated":"{text}","timestamp":"{stamp}",'
            f'"contract":"{contract}"}}]}}\x1e'
        ).encode()

    def first_quote(self, contract: str, quote: Quote) -> list[bytes]:
        """The whole quote for a new listener; nothing before there is a market."""
        if quote.last_price is None and quote.best_bid is None:
            return []
        self.quote(contract, quote)
        record = self.full_quote(contract)
        return [record] if record else []

    def forget(self, event: MarketEvent) -> None:
        """Nobody heard it: the next quote of the contract starts from nothing."""
        if event.target == QUOTE:
            self._quotes.pop(event.contract, None)

    def full_quote(self, contract: str) -> bytes | None:
        """The whole quote, as it comes first after subscribing; None before any."""
        known = self._quotes.get(contract)
        if not known:
            return None
        fields = {k: v for k, v in known.items() if v is not None}
        fields["lastUpdated"] = Stamp(known["lastUpdated"])
        fields["timestamp"] = Stamp(known["timestamp"])
        return invocation("GatewayQuote", contract, {**fields, "contract": contract})

    def prints(self, contract: str, prints: Sequence[Print]) -> list[bytes]:
        """Trades of the market: one record, or one each in the bare dialect."""
        rows = [
            f'{{"symbolId":"{one.symbol_id}","price":{_number(one.price)},"timestamp":'
            f'"{self._stamp(one.timestamp)}","type":{int(one.type)},"volume":{one.volume},'
            f'"contractId":"{contract}"}}'
            for one in prints
        ]
        bare = self._dialect().market_rows == "object"
        bodies = rows if bare else [f"[{','.join(rows)}]"]
        head = f'{{"type":1,"target":"GatewayTrade","arguments":["{contract}",'
        return [f"{head}{body}]}}\x1e".encode() for body in bodies]

    def depth(self, contract: str, rows: Sequence[DepthRow]) -> list[bytes]:
        """Levels of the book."""
        dialect = self._dialect()
        listed: list[Fields | None] = [fields_of(row, nulls=False) for row in rows]
        if dialect.market_rows == "object":
            return [invocation("GatewayDepth", contract, one) for one in listed]
        if dialect.null_depth_entries:
            listed.append(None)
        return [invocation("GatewayDepth", contract, listed)]


def bars_text(reply: BarsReply) -> bytes:
    """History as text; times are whole seconds with an offset, twenty thousand bars at a time."""
    if reply.bars is None:
        return encode(reply)
    rows = ",".join(
        f'{{"t":"{one.t.isoformat()}","o":{_number(one.o)},"h":{_number(one.h)},'
        f'"l":{_number(one.l)},"c":{_number(one.c)},"v":{one.v}}}'
        for one in reply.bars
    )
    rest = encode(msgspec.structs.replace(reply, bars=None))
    return rest.replace(b'"bars":null', f'"bars":[{rows}]'.encode())


def edited(fields: Fields, changes: Mapping[str, Any], dropped: Sequence[str]) -> Fields:
    """A row with fields set otherwise and others taken out."""
    return {k: v for k, v in {**fields, **changes}.items() if k not in dropped}


def edited_record(record: bytes, changes: Mapping[str, Any], dropped: Sequence[str]) -> bytes:
    """A record of the market hub with the fields of its rows changed."""
    whole = msgspec.json.decode(record.removesuffix(END))
    arguments = whole["arguments"]
    rows = arguments[1]
    if isinstance(rows, list):
        arguments[1] = [edited(one, changes, dropped) if one else one for one in rows]
    else:
        arguments[1] = edited(rows, changes, dropped)
    return encode(whole) + END


def _number(value: float) -> str:
    return f"{value:.10g}" if abs(value) < 1e9 else repr(value)
