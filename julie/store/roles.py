"""Which column of a file is what: the names that vendors use, and `--map` for those they do not.

A column keeps its role by name, whatever its case. `--map volume=volume_est` names one by hand.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from julie.core.errors import DataError, UsageError

PRICES: Final = ("open", "high", "low", "close")
ROLES: Final = (
    "ts",
    "date",
    "time",
    *PRICES,
    "volume",
    "up",
    "down",
    "contract",
    "adj",
    "adj_factor",
)

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "ts": (
        "ts", "ts event", "timestamp", "datetime", "date time", "time stamp", "gmt time", "utc",
        "open time", "start time", "bar time", "local time", "unix", "epoch", "t",
        "index level 0", "index",
    ),
    "date": ("date", "day"),
    "time": ("time",),
    "open": ("open", "o", "open price"),
    "high": ("high", "h", "max", "high price"),
    "low": ("low", "l", "min", "low price"),
    "close": ("close", "c", "last", "close last", "close price", "latest"),
    "volume": ("volume", "vol", "total volume", "totalvolume", "v", "tickvol", "tick volume"),
    "up": ("up",),
    "down": ("down",),
    "contract": ("contract", "contract month", "raw symbol", "symbol", "instrument", "ticker"),
    "adj": ("adj",),
    "adj_factor": ("adj factor",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Roles:
    """The column of each role that the file has."""

    of: Mapping[str, str]
    mapped: frozenset[str] = frozenset()

    def get(self, role: str) -> str | None:
        """The column that plays a role, or None."""
        return self.of.get(role)

    def columns(self) -> list[str]:
        """The columns that are read, each once."""
        return list(dict.fromkeys(self.of.values()))


def plain(name: str) -> str:
    """A column name without case, brackets and the kind of its spaces."""
    return re.sub(r"[\s_\-/.]+", " ", re.sub(r'[<>"\'()]', "", name)).strip().lower()


def check_mapping(mapping: Mapping[str, str]) -> None:
    """Refuse a role that does not exist, with the nearest that does."""
    for role in mapping:
        if role not in ROLES:
            near = difflib.get_close_matches(role, ROLES, n=1)
            raise UsageError(
                f"--map {role}=...: there is no {role!r} in a bar",
                f"did you mean {near[0]}?" if near else f"name one of {', '.join(ROLES)}",
            )


def find_roles(columns: Sequence[str], mapping: Mapping[str, str], source: str) -> Roles:
    """The role of each column, by hand where `mapping` says so, else by name."""
    check_mapping(mapping)
    found = {role: _mapped(role, name, columns, source) for role, name in mapping.items()}
    by_name = {plain(column): column for column in reversed(columns)}
    for role, names in _NAMES.items():
        known = next((by_name[name] for name in names if name in by_name), None)
        if role not in found and known is not None:
            found[role] = known
    _settle_time(found, columns)
    missing = [role for role in ("ts", *PRICES) if role not in found]
    if missing:
        raise DataError(
            f"{source}: no column for {', '.join(missing)}; it has {', '.join(columns)}",
            f"name it with --map {missing[0]}=COLUMN",
        )
    return Roles(found, frozenset(mapping))


def _mapped(role: str, name: str, columns: Sequence[str], source: str) -> str:
    if name in columns:
        return name
    near = difflib.get_close_matches(name, columns, n=1)
    raise DataError(
        f"{source}: --map {role}={name}, but there is no column {name!r}",
        f"did you mean {near[0]}?" if near else f"the columns are {', '.join(columns)}",
    )


def _settle_time(found: dict[str, str], columns: Sequence[str]) -> None:
    """One time column or two: `ts` holds the whole time, or the date beside a column `time`."""
    if "ts" in found:
        for role in ("date", "time"):
            found.pop(role, None)
    elif "date" in found:
        found["ts"] = found.pop("date")
    elif "time" in found:
        found["ts"] = found.pop("time")
    elif columns and columns[0] not in found.values():
        found["ts"] = columns[0]  # an index that was saved without a name
