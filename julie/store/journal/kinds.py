"""How a payload becomes bytes and is read back: msgpack of its fields, by name.

A field that a newer program added is passed over when an older one reads it; a kind this program
does not know is handed on as it lies there. Each line carries a check sum, because SQLite notices a
flipped bit in its own structure but not in what it was given to keep.
"""

import zlib
from dataclasses import dataclass
from typing import Final, get_args

import msgspec

from julie.core.events import AuditRecord, BarClosed, Command, Fill, OrderUpdate, Payload
from julie.core.taken import MinuteTaken

KINDS: Final[dict[str, type]] = {kind.__name__: kind for kind in get_args(Payload)}
# What the desk acted on: a replay hands it these again, and nothing else.
HEARD: Final = frozenset(
    kind.__name__ for kind in (MinuteTaken, BarClosed, OrderUpdate, Fill, Command)
)

_DECODERS: Final[dict[str, msgspec.msgpack.Decoder[Payload]]] = {
    name: msgspec.msgpack.Decoder(kind) for name, kind in KINDS.items()
}
_ENCODER: Final = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A line of a kind, or a form, that a newer program wrote."""

    run: str
    seq: int
    ts_exchange: int
    ts_local: int
    kind: str
    body: bytes


def encode(payload: Payload) -> bytes:
    """The bytes of a payload."""
    return _ENCODER.encode(payload)


def decode(
    run: str, seq: int, ts_exchange: int, ts_local: int, kind: str, body: bytes
) -> AuditRecord | RawRecord:
    """The record that was written; raw where this program does not know its form."""
    decoder = _DECODERS.get(kind)
    if decoder is not None:
        try:
            return AuditRecord(run, seq, ts_exchange, ts_local, decoder.decode(body))
        except msgspec.ValidationError:  # a form of its own, in a newer minor version
            pass
    return RawRecord(run, seq, ts_exchange, ts_local, kind, body)


def fields_of(record: AuditRecord | RawRecord) -> dict[str, object]:
    """The payload's fields for a person or for JSON; a raw one shows what its bytes hold."""
    try:
        plain = msgspec.msgpack.decode(
            record.body if isinstance(record, RawRecord) else encode(record.payload)
        )
    except msgspec.DecodeError:
        return {"bytes": getattr(record, "body", b"").hex()}
    return plain if isinstance(plain, dict) else {"value": plain}


def checksum(
    run: str, seq: int, ts_exchange: int, ts_local: int, kind: str, heard: bool, body: bytes
) -> int:
    """Check sum of a line with all that stands in it."""
    head = f"{run}|{seq}|{ts_exchange}|{ts_local}|{kind}|{heard:d}|"
    return zlib.crc32(body, zlib.crc32(head.encode()))
