"""How an exchange is set up: what it trades, for whom, by which clock, with which habits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

SourceKind = Literal["bars", "ticks", "generated"]


@dataclass(frozen=True, slots=True)
class Source:
    """A series of prices and the products it is served as: ES bars as MES, or as both."""

    kind: SourceKind
    symbol: str  # of the data
    serve: tuple[str, ...]
    file: Path | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)  # column roles, as `--map`


@dataclass(frozen=True, slots=True)
class AccountRules:
    """The venue's limits of an account; money in cents, sizes in tenths of a mini; 0 = none."""

    mll: int = 200_000
    dll: int = 0
    cap_tenths: int = 50
    scaling: tuple[tuple[int, int], ...] = ()  # (profit in cents, cap in tenths)
    flat: bool = True  # forced flat at 15:10 Chicago


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """One account of the login."""

    id: int = 26282486
    name: str = "PRAC-V2-645601-47191819"
    balance_cents: int = 5_000_000
    rules: AccountRules = field(default_factory=AccountRules)
    auto_oco: bool = True


@dataclass(frozen=True, slots=True)
class Habits:
    """What differs from venue to venue, or is not known of this one."""

    slippage_ticks: int = 1
    touch: bool = False  # a limit fills when touched
    close_cancels_legs: bool = False  # closeContract takes the resting orders with it
    suspended_in_search: bool = False  # bracket legs that wait show in searchOpen and search
    rejected_tags_stay: bool = True  # the tag of a rejected order stays used
    tags_in_search: bool = True
    orders_a_page: int = 500  # at most, of the search that pages, whatever size was asked for
    prints_per_bar: int = 4


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that makes a run repeat itself."""

    sources: tuple[Source, ...]
    start_ns: int
    end_ns: int  # the market stands still from here on
    accounts: tuple[AccountSetup, ...] = (AccountSetup(),)
    lockstep: bool = False
    seed: int = 1
    habits: Habits = field(default_factory=Habits)
    oracle_wall: bool = False  # the oracle's five seconds are wall seconds
