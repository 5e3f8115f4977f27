"""JSON in and out: prices as exact numbers, times as text, and what does not fit as a `Misfit`.

Extra fields are passed over; a needed field that is missing, null or of another type is refused
with its path. One bad row of a list does not hide the good ones, and is never silently gone.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from julie.gateway.wire.stamps import Stamp

T = TypeVar("T")

UNREADABLE: Final = (msgspec.DecodeError, ValueError, RecursionError)


def _read(kind: type, value: Any) -> Any:
    if kind is Stamp:
        return Stamp.parse(value)
    raise NotImplementedError(f"no reading of {kind}")


def _write(value: Any) -> str:
    if isinstance(value, Stamp):
        return value.text()
    raise NotImplementedError(f"no writing of {type(value)}")


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """A decoder that knows the venue's times."""
    return msgspec.json.Decoder(kind, dec_hook=_read)


_ENCODER: Final = msgspec.json.Encoder(decimal_format="number", enc_hook=_write)


def encode(message: msgspec.Struct) -> bytes:
    """A message as the venue reads it."""
    return _ENCODER.encode(message)


class _Ids(msgspec.Struct, rename="camel"):
    id: Any = None
    order_id: Any = None
    contract_id: Any = None


_IDS: Final = msgspec.json.Decoder(_Ids)
_PLACE: Final = re.compile(r"^(?P<reason>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Misfit:
    """What came and could not be read: where, which field, why, and whom it concerns."""

    where: str  # path of the REST call, or the hub's event
    path: str  # of the field, as $.orders[3].status
    reason: str
    raw: bytes
    row_id: int | None = None
    order_id: int | None = None
    contract_id: str | None = None

    @classmethod
    def of(cls, where: str, raw: bytes, error: Exception, root: str = "$") -> "Misfit":
        """The misfit that a decoding error tells of; `root` is where `raw` stood."""
        found = _PLACE.match(str(error))
        path = (found["path"] if found else None) or "$"
        reason = found["reason"] if found else str(error)
        try:
            ids = _IDS.decode(raw)
        except UNREADABLE:
            ids = _Ids()
        return cls(
            where,
            root + path[1:],
            reason,
            raw,
            ids.id if isinstance(ids.id, int) else None,
            ids.order_id if isinstance(ids.order_id, int) else None,
            ids.contract_id if isinstance(ids.contract_id, str) else None,
        )

    def __str__(self) -> str:
        return f"{self.where}: {self.reason} at {self.path}"


class WireError(Exception):
    """A whole message that could not be read."""

    def __init__(self, misfit: Misfit) -> None:
        super().__init__(str(misfit))
        self.misfit = misfit
