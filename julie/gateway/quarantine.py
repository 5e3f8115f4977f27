"""Counts whatever the venue sent that could not be read, and shows the first of each kind.

Nothing is dropped in silence, and nothing floods the log: a kind is a place and a reason, told once
with its payload, secrets out; the rest is a number that health reports carry.
"""

import logging
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from julie.gateway.redact import Redactor
from julie.gateway.wire import Misfit

LOG: Final = logging.getLogger(__name__)
READ: Final = 65_536  # bytes of a payload looked at
SHOWN: Final = 600  # characters of a payload
KINDS: Final = 200  # a venue gone mad must not fill the memory
OTHER: Final = "other kinds"

_NUMBERS: Final = re.compile(r"\[\d+\]")
_ACCOUNT: Final = re.compile(r'("accountId"\s*:\s*)\d+')
_VALUES: Final = re.compile(r"'[^']*'|\"[^\"]*\"|-?\d+(?:\.\d+)?")


def kind_of(misfit: Misfit) -> str:
    """Place and reason without the values that differ from one message to the next."""
    path = _NUMBERS.sub("[]", misfit.path)
    reason = _VALUES.sub("_", misfit.reason)
    return f"{misfit.where} {path} {reason}"[:200]


class Quarantine:
    """The counters of everything dropped."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact
        self._counts: dict[str, int] = {}

    def put(self, misfit: Misfit) -> None:
        """Count it, and show it when its kind is new."""
        kind = kind_of(misfit)
        if kind not in self._counts and len(self._counts) >= KINDS:
            kind = OTHER
        first = kind not in self._counts
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if first:
            LOG.warning("not understood: %s; payload: %s", self._redact(kind), self.shown(misfit))

    def shown(self, misfit: Misfit) -> str:
        """The payload as it may be written down."""
        # Masked whole and cut afterwards: a cut secret would no longer be recognised.
        text = self._redact(misfit.raw[:READ].decode("utf-8", "backslashreplace"))
        return _ACCOUNT.sub(r'\1"***"', text)[:SHOWN]

    @property
    def total(self) -> int:
        """Everything dropped."""
        return sum(self._counts.values())

    def counts(self) -> Mapping[str, int]:
        """How often each kind came."""
        return MappingProxyType(self._counts)
