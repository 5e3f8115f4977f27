"""What a strategy states, and what its rule answers.

A rule is written for longs. The house asks it again on the market turned upside down, and that
answer is the short; a strategy that only buys says `sides="long"`. Everything the rule reads is a
declared column, every number a field of its Params. Sessions, windows, cooldown and once-a-day are
kept by the house.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from julie.core.instruments import INDEX_FUTURES
from julie.core.params import Params
from julie.core.types import BracketSource, OnExpiry, Session, Sizing, Style
from julie.market.columns.column import Column
from julie.market.columns.window import Vec, Window

ALL_SESSIONS = (Session.ASIA, Session.LONDON, Session.NY_AM, Session.NY_PM)
NY = (Session.NY_AM, Session.NY_PM)
ONE_MINUTE = (60,)
ANY_BASE = (1, 60, 180, 300, 900, 1800, 3600)
INDEX = INDEX_FUTURES
ANY_INSTRUMENT: tuple[str, ...] = ()

__all__ = [
    "ALL_SESSIONS",
    "ANY_BASE",
    "ANY_INSTRUMENT",
    "INDEX",
    "NY",
    "ONE_MINUTE",
    "Entries",
    "Params",
    "Session",
    "Strategy",
    "Style",
    "strategy",
]


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Where the rule would buy, and on what terms. Prices are levels, not distances."""

    when: Vec
    stop: Vec | None = None  # own stop
    target: Vec | None = None  # own target
    target_r: float | None = None  # own target as a multiple of the final stop distance
    first_target: Vec | None = None  # nearer target of the first leg
    stop_beyond: Vec | None = None  # structure that a table's stop must at least clear
    min_r: float = 0.0  # refuse when target / stop is smaller
    limit: Vec | None = None  # work a limit here instead of buying at market
    expires_bars: Vec | int | None = None
    on_expiry: OnExpiry = OnExpiry.CANCEL
    confidence: Vec | float = 0.5
    levels: tuple[str, ...] = ()  # columns of prices that tell why, noted as traded
    note: tuple[str, ...] = ()  # other columns that do; both together at most four


Rule = Callable[[Window, Any], Entries]
ExitRule = Callable[[Window, Any], Vec]
Declared = tuple[Column, ...] | Callable[[Any], tuple[Column, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Strategy:
    """One rule with all it states about itself."""

    name: str
    group: str
    style: Style
    bracket: BracketSource
    columns: Declared
    entries: Rule
    params: type[Params]
    doc: str
    exits: ExitRule | None = None
    structural: bool = False
    tier: int = 2
    sessions: tuple[Session, ...] = ALL_SESSIONS
    window: tuple[str, str] | None = None  # Eastern, first and last minute of entries
    instruments: tuple[str, ...] = INDEX  # empty = all
    bases: tuple[int, ...] = ONE_MINUTE
    needs: str = ""  # V volume, P peer, X VIX, T ticks, M model
    sizing: Sizing = Sizing.RISK
    contracts: int = 1  # for sizing FIXED
    cooldown: int = 15  # base bars from our last entry
    once_a_day: bool = False  # one entry a side and day
    sides: str = "both"
    on: bool = True

    def declared(self, params: Params) -> tuple[Column, ...]:
        """The columns its rule reads, with these parameters."""
        return self.columns(params) if callable(self.columns) else self.columns


class Stated(TypedDict, total=False):
    """What a strategy may state beyond its name, group, style, bracket and columns."""

    exits: ExitRule
    structural: bool
    tier: int
    sessions: tuple[Session, ...]
    window: tuple[str, str]
    instruments: tuple[str, ...]
    bases: tuple[int, ...]
    needs: str
    sizing: Sizing
    contracts: int
    cooldown: int
    once_a_day: bool
    sides: str
    on: bool


def strategy(
    *,
    name: str,
    group: str,
    style: Style,
    bracket: BracketSource,
    columns: Declared,
    params: type[Params] = Params,
    **stated: Unpack[Stated],
) -> Callable[[Rule], Strategy]:
    """Declare the rule below as a strategy; the module's docstring is its description."""

    def declare(rule: Rule) -> Strategy:
        doc = sys.modules[rule.__module__].__doc__ or rule.__doc__ or ""
        return Strategy(
            name=name,
            group=group,
            style=style,
            bracket=bracket,
            columns=columns,
            entries=rule,
            params=params,
            doc=doc,
            **stated,
        )

    return declare
