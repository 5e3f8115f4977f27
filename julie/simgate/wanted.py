"""From the words of a command line to a gateway: data, days, hours, speed, login.

What a flag does not say the scenario says, and what neither says is the default: generated bars of
MES and MNQ, and of a file the last trading day that it holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import numpy as np

from julie.core.calendar import Calendar, load_calendar
from julie.core.errors import UsageError
from julie.core.instruments import DEFAULT_TRADED
from julie.core.sessions import minute_since_open
from julie.core.zones import MINUTE_NS
from julie.simgate.exchange.setup import AccountSetup, Habits, Setup, Source, SourceKind
from julie.simgate.scenarios.base import Scenario
from julie.simgate.scenarios.catalogue import scenario
from julie.simgate.server.calls import Login
from julie.simgate.server.dialect import Dialect
from julie.simgate.server.pacing import Speed
from julie.simgate.server.wiring import Wanted

T = TypeVar("T")

GENERATED: Final = (
    Source("generated", "MES", ("MES",)),
    Source("generated", "MNQ", ("MNQ",)),
)
GENERATED_DAY: Final = date(2025, 4, 22)  # of the generated ones the busiest for the desk


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    files: Sequence[tuple[str, str]] = ()  # file and symbol
    mapping: Mapping[str, str] = field(default_factory=dict)
    serve: Sequence[str] = ()  # products; a file's own and its micro where none is named
    scenario: str | None = None
    day: date | None = None
    days: int | None = None
    start: str | None = None
    until: str | None = None
    speed: str = "1"
    seed: int = 1
    port: int = 0
    state: Path | None = None
    username: str = ""
    api_key: str = ""
    accounts: Sequence[AccountSetup] = ()
    dialect: Mapping[str, Any] = field(default_factory=dict)
    parent: int | None = None
    idle_exit_s: float | None = None


def wanted(asked: Asked) -> Wanted:
    """What to start."""
    named = scenario(asked.scenario) if asked.scenario else Scenario(about="")
    sources = _sources(asked) or named.sources or GENERATED
    speed = _speed(asked.speed)
    switches = dict(named.dialect) | dict(asked.dialect)
    names = set(Habits.__dataclass_fields__)
    habits = {k: v for k, v in switches.items() if k in names}
    wire = {k: v for k, v in switches.items() if k not in names}
    first, last = _hours(asked, named, sources, load_calendar())
    setup = Setup(
        sources=sources,
        start_ns=first,
        end_ns=last,
        accounts=tuple(asked.accounts) or named.accounts or (AccountSetup(),),
        lockstep=speed == "lockstep",
        seed=asked.seed,
        habits=_switched(habits, Habits),
    )
    return Wanted(
        setup=setup,
        speed=speed,
        login=Login(
            user_name=asked.username or "simulated",
            api_key=asked.api_key or f"simulated-key-{asked.seed}",
        ),
        port=asked.port,
        state=asked.state,
        dialect=_switched(wire, Dialect),
        rules=named.rules,
        scripts=named.scripts,
        parent=asked.parent,
        idle_exit_s=asked.idle_exit_s,
    )


def switches_of(text: str) -> dict[str, Any]:
    """Switches of the dialect from a line of JSON."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise UsageError(f"--dialect {text}: {error}", 'write {"nulls": "sent"}') from None


def _switched(switches: Mapping[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(dict(switches), kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"--dialect: {error}", "GET /_sim/dialect lists the switches") from None


def _sources(asked: Asked) -> tuple[Source, ...]:
    found = []
    for file, symbol in asked.files:
        path = Path(file)
        if not path.exists():
            raise UsageError(f"{file} is not there", "name a file of bars, quotes or trades")
        served = tuple(asked.serve) or (symbol, *_micro(symbol))
        kind: SourceKind = "bars" if _is_bars(path, asked.mapping) else "ticks"
        found.append(Source(kind, symbol, served, path, dict(asked.mapping)))
    return tuple(found)


def _micro(symbol: str) -> tuple[str, ...]:
    return (DEFAULT_TRADED[symbol],) if symbol in DEFAULT_TRADED else ()


def _is_bars(path: Path, mapping: Mapping[str, str]) -> bool:
    from julie.store.sheet import column_names

    if path.is_dir() or "high" in mapping:
        return True
    names = {name.lower() for name in column_names(path)}
    return bool(names & {"high", "h", "high_price"}) or "bid" not in names


def _speed(word: str) -> Speed:
    if word == "max":
        return "max"
    if word == "lockstep":
        return "lockstep"
    try:
        speed = float(word)
    except ValueError:
        speed = 0.0
    if not 0.0 < speed < float("inf"):
        raise UsageError(f"--speed {word}: no such speed", "a number above 0, max or lockstep")
    return speed


def _hours(
    asked: Asked, named: Scenario, sources: Sequence[Source], calendar: Calendar
) -> tuple[int, int]:
    """First and last moment of the run."""
    days = asked.days or named.days
    day = asked.day or (None if asked.files else named.day or GENERATED_DAY)
    if day is None:
        last = int(_last_day(sources[0], calendar))
        first = max(last - days + 1, 0)
    else:
        first = calendar.place_of(day)
        if first < 0:
            raise UsageError(f"{day} is no trading day", "choose another with --date")
        last = min(first + days - 1, len(calendar) - 1)
    start = _at(calendar, first, asked.start or named.start, int(calendar.open_ns[first]))
    until = _at(calendar, last, asked.until or named.until, int(calendar.close_ns[last]))
    if until <= start:
        raise UsageError("the run ends before it begins", "look at --from and --until")
    return start, min(until, int(calendar.close_ns[last]))


def _at(calendar: Calendar, place: int, clock: str | None, otherwise: int) -> int:
    if clock is None:
        return otherwise
    try:
        minutes = minute_since_open(clock)
    except ValueError:
        raise UsageError(f"{clock!r} is no time of day", "write 09:30, Eastern time") from None
    return int(calendar.open_ns[place]) + minutes * MINUTE_NS


def _last_day(source: Source, calendar: Calendar) -> int:
    from julie.store.read import load_bars

    if source.kind != "bars" or source.file is None:
        raise UsageError("which day of the ticks?", "name it with --date 2026-03-10")
    bars = load_bars(source.file, source.symbol, mapping=source.mapping)
    place: int = int(calendar.index_of(np.asarray(bars.ts[-1:]))[0])
    return place
