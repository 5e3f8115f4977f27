"""The tag an order bears at the venue: unique for ever, short, and readable again.

`julie-<run>-<symbol>.<plan>-<attempt>-<role><leg>`: the run as eight letters, the desk's plan, a
count that never goes back within a plan, then what the order is for. The venue names the legs of a
native bracket after their entry, with -SL and -TP behind. A tag of the house from a run that nobody
here knows means that another desk trades this account.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2s
from typing import Final

from julie.execution.venue import TAG_MAX

_SUFFIX: Final = 3  # what the venue puts behind, of the letters it allows


class Role(StrEnum):
    """What an order is for."""

    ENTRY = "entry"
    STOP = "stop"
    TARGET = "target"
    CLOSE = "close"


_LETTERS: Final = {"L": Role.ENTRY, "S": Role.STOP, "T": Role.TARGET, "C": Role.CLOSE}
_LETTER_OF: Final = {role: letter for letter, role in _LETTERS.items()}
_CHILD: Final = {"-SL": Role.STOP, "-TP": Role.TARGET}
_SHAPE: Final = re.compile(
    r"julie-(?P<run>[0-9a-f]{8})-(?P<symbol>[A-Z0-9]+)\.(?P<plan>x?\d+)"
    r"-(?P<attempt>\d+)-(?P<letter>[LSTC])(?P<leg>\d)(?P<child>-SL|-TP)?"
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the house, read."""

    run: str
    symbol: str
    plan: str
    attempt: int
    role: Role
    leg: int

    @property
    def key(self) -> str:
        """The plan's name as the desk says it."""
        return f"{self.symbol}:{self.plan}"


def run_mark(run: str) -> str:
    """Eight letters that stand for a run."""
    return blake2s(run.encode(), digest_size=4).hexdigest()


def tag_of(run: str, key: str, attempt: int, role: Role, leg: int) -> str:
    """The tag of a new order of a plan."""
    symbol, _, plan = key.partition(":")
    text = f"julie-{run_mark(run)}-{symbol}.{plan}-{attempt}-{_LETTER_OF[role]}{leg + 1}"
    if len(text) + _SUFFIX > TAG_MAX or _SHAPE.fullmatch(text) is None:
        raise ValueError(f"no tag can be made of {key!r}, attempt {attempt}, leg {leg}")
    return text


def child_tag(entry: str, role: Role) -> str:
    """The tag that the venue gives a leg of a native bracket."""
    return entry + ("-SL" if role is Role.STOP else "-TP")


def entry_tag(text: str | None) -> str:
    """The entry's tag in that of a leg of its native bracket; empty where it is no such tag."""
    return text[:-_SUFFIX] if text is not None and text.endswith(tuple(_CHILD)) else ""


def read_tag(text: str | None) -> Tag | None:
    """What a tag says; None where it is not of the house."""
    found = _SHAPE.fullmatch(text or "")
    if found is None:
        return None
    role = _CHILD.get(found["child"] or "", _LETTERS[found["letter"]])
    return Tag(
        found["run"],
        found["symbol"],
        found["plan"],
        int(found["attempt"]),
        role,
        int(found["leg"]) - 1,
    )
