"""Times on the wire: ISO-8601 with an offset, nought to nine decimals, as ns UTC.

REST trims trailing zeros, the hubs write seven decimals, bars write none. A time without an offset
is refused, because guessing its zone would move a fill by hours.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Self

_FORM: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_SECOND_NS: Final = 1_000_000_000


@lru_cache(maxsize=512)
def _whole(clock: str, offset: str) -> int:
    """A time of whole seconds in ns UTC; neighbours in a stream share it."""
    moment = datetime.fromisoformat(clock.upper() + offset.upper())
    return int(moment.timestamp()) * _SECOND_NS


class Stamp(int):
    """A time in ns UTC that is text on the wire."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read one; the message of the refusal shows what came."""
        found = _FORM.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"not a time with an offset: {repr(text)[:40]}")
        clock, decimals, offset = found.groups()
        return cls(_whole(clock, offset) + int((decimals or "").ljust(9, "0")))

    def text(self) -> str:
        """As the venue writes it: seven decimals at most, trailing zeros trimmed."""
        seconds, ns = divmod(self, _SECOND_NS)
        decimals = f"{ns // 100:07d}".rstrip("0")
        clock = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{clock}.{decimals}+00:00" if decimals else f"{clock}+00:00"
