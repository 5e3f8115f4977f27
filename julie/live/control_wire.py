"""What goes over the bot's local socket: one JSON object a line, UTF-8.

The bot greets with `welcome`, a client answers with `hello` (and the token, where there is one) and
names its topics. Then the bot tells `record`, `status` and `lost`; a client may send `command`,
which is `taken` at once and answered by `answer` when it is done. NaN is null on the line.
"""

import dataclasses
import types
import typing
from dataclasses import dataclass
from functools import cache
from math import nan
from typing import Any, Final, get_args, get_origin

import msgspec

from julie.core.events import AuditRecord, Command
from julie.store.journal.kinds import KINDS, RawRecord
from julie.store.status import Status

SCHEMA: Final = 1
LINE_MAX: Final = 1 << 16  # bytes of what a client sends
TOPICS: Final = ("audit", "status")


class Welcome(msgspec.Struct, frozen=True):
    """Who is at the other end."""

    run: str
    mode: str
    pid: int
    version: str
    schema: int = SCHEMA


class Hello(msgspec.Struct, frozen=True):
    """What a client wants to hear."""

    topics: tuple[str, ...] = ()
    token: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command."""

    id: str
    ok: bool
    text: str


class FromClient(msgspec.Struct, frozen=True):
    """One line of a client; one of these is there."""

    hello: Hello | None = None
    command: Command | None = None


class Line(msgspec.Struct, frozen=True):
    """One line of the bot as a client reads it; one of these is there."""

    welcome: Welcome | None = None
    record: dict[str, Any] | None = None
    status: Status | None = None
    taken: str | None = None
    answer: Answer | None = None
    lost: int | None = None
    bye: str | None = None


Heard = AuditRecord | RawRecord

_FROM_CLIENT: Final = msgspec.json.Decoder(FromClient)
_LINE: Final = msgspec.json.Decoder(Line)


def line_of(word: str, value: object) -> bytes:
    """One line."""
    return msgspec.json.encode({word: value}) + b"\n"


def record_line(record: AuditRecord) -> bytes:
    """The line of an audit record."""
    told = {
        "run": record.run,
        "seq": record.seq,
        "ts_exchange": record.ts_exchange,
        "ts_local": record.ts_local,
        "kind": record.kind,
        "payload": record.payload,
    }
    return line_of("record", told)


def from_client(line: bytes) -> FromClient:
    """What a client said; raises `ValueError`."""
    try:
        return _FROM_CLIENT.decode(line)
    except msgspec.MsgspecError as error:
        raise ValueError(f"no line of this protocol: {error}") from error


def line_from(text: bytes) -> Line:
    """What the bot said; raises `ValueError`."""
    try:
        return _LINE.decode(text)
    except msgspec.MsgspecError as error:
        raise ValueError(f"no line of this protocol: {error}") from error


def record_from(told: dict[str, Any]) -> Heard:
    """The record that was told; raw where this program does not know its kind or form."""
    head = (told["run"], told["seq"], told["ts_exchange"], told["ts_local"])
    kind, payload = told["kind"], told["payload"]
    known = KINDS.get(kind)
    if known is not None:
        try:
            return AuditRecord(*head, msgspec.convert(_with_nan(payload, known), known))
        except (msgspec.ValidationError, TypeError):  # a form of its own, in a newer program
            pass
    return RawRecord(*head, kind, msgspec.msgpack.encode(payload))


def _with_nan(value: Any, kind: Any) -> Any:
    """The value with NaN in the place of null wherever a number must stand."""
    if value is None:
        return nan if kind is float else None
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        hints = _hints(kind if isinstance(kind, type) else type(kind))
        return {name: _with_nan(one, hints.get(name)) for name, one in value.items()}
    if get_origin(kind) is types.UnionType:
        (kind,) = [one for one in get_args(kind) if one is not types.NoneType][:1]
        return _with_nan(value, kind)
    if get_origin(kind) is tuple and isinstance(value, list):
        inner = get_args(kind)
        each = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        return [_with_nan(one, of) for one, of in zip(value, each, strict=True)]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
