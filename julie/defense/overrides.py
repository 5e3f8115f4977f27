"""Which numbers a judge uses for a candidate: one mechanism of exceptions, the later wins.

`defense.<judge>`, then `defense.sessions.<SESSION>.<judge>`, then
`strategies.<name>.defense.<judge>`. Each layer gives numbers, or a word: `on`, `observe` (judged
and recorded, does not count) or `off`. All layers are settled before the first candidate: for
every strategy and session there is one mode and one set of numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import IntEnum
from typing import Any, Final, Literal, Protocol, get_args, get_origin

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from julie.core.errors import ConfigError
from julie.core.sessions import minute_since_open
from julie.defense.base import CLOCK, AnyJudge, Params, Session, Style, View

SESSIONS: Final = len(Session)
Layer = Mapping[str, Any] | str  # numbers, or a mode
Layers = Mapping[str, Layer]  # by judge
Flags = npt.NDArray[np.int8]


class Mode(IntEnum):
    """Whether a judge is asked, and whether its answer counts."""

    OFF = 0
    ON = 1
    OBSERVE = 2


class Asker(Protocol):
    """What the chain must know of a strategy."""

    @property
    def name(self) -> str: ...
    @property
    def style(self) -> Style: ...
    @property
    def sessions(self) -> tuple[Session, ...]: ...
    @property
    def window(self) -> tuple[str, str] | None: ...


@dataclass(frozen=True, slots=True)
class Overrides:
    """The layers as the configuration gives them."""

    judges: Layers = field(default_factory=dict)
    sessions: Mapping[str, Layers] = field(default_factory=dict)  # by session name
    strategies: Mapping[str, Layers] = field(default_factory=dict)  # by strategy name


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """One judge's modes and numbers for every strategy and session, at strategy x 5 + session."""

    modes: Flags
    numbers: Mapping[str, Any]  # one value, or a table where strategies or sessions differ
    params: Params  # of `defense.<judge>`, for what no session or strategy can change

    def view(self, place: npt.NDArray[np.int64]) -> View:
        """The numbers that hold for the candidates at these places."""
        return View(self.numbers, place)


def settle(judge: AnyJudge, overrides: Overrides, askers: Sequence[Asker]) -> Settled:
    """Lay the layers of one judge over each other for every strategy and session."""
    modes: list[Mode] = []
    sets: list[Params] = []
    faults: list[str] = []
    for asker in askers:
        for session in Session:
            mode, values = Mode.ON, {}
            for where, layer in _layers(judge, overrides, asker.name, session):
                if isinstance(layer, str):
                    mode = _mode(where, layer, faults)
                else:
                    values.update(_known(judge, where, layer, faults))
            modes.append(mode)
            sets.append(_params(judge, values, faults))
    own = overrides.judges.get(judge.name, {})
    base = _params(
        judge,
        {} if isinstance(own, str) else _known(judge, f"defense.{judge.name}", own, faults),
        faults,
    )
    if faults:
        raise ConfigError(
            "\n".join(dict.fromkeys(faults)), "`julie defense` lists the judges and their numbers"
        )
    return Settled(np.array(modes, np.int8), _tables(judge, base, sets), base)


def _layers(
    judge: AnyJudge, overrides: Overrides, strategy: str, session: Session
) -> Iterator[tuple[str, Layer]]:
    """The layers that concern one strategy in one session, weakest first, each with its key."""
    name = judge.name
    shipped: Layer = "off" if strategy in judge.exempt_names else {}
    yield from (
        (f"defense.{name}", overrides.judges.get(name, {})),
        (f"defense.sessions.{session.name}.{name}", judge.by_session.get(session, {})),
        (
            f"defense.sessions.{session.name}.{name}",
            overrides.sessions.get(session.name, {}).get(name, {}),
        ),
        (f"strategies.{strategy}.defense.{name}", shipped),
        (
            f"strategies.{strategy}.defense.{name}",
            overrides.strategies.get(strategy, {}).get(name, {}),
        ),
    )


def _mode(where: str, word: str, faults: list[str]) -> Mode:
    if word.upper() in Mode.__members__:
        return Mode[word.upper()]
    faults.append(f"{where}: expected on, observe, off or numbers, found {word!r}")
    return Mode.ON


def _known(judge: AnyJudge, where: str, layer: Any, faults: list[str]) -> dict[str, Any]:
    """The layer's numbers that the judge has; the others are faults."""
    fields = judge.params.model_fields
    for name in layer:
        if name not in fields:
            faults.append(f"{where}.{name}: unknown key{near(name, fields)}")
        elif where != f"defense.{judge.name}" and not _is_number(judge, name):
            faults.append(f"{where}.{name}: can only be set under defense.{judge.name}")
    return {name: value for name, value in layer.items() if name in fields}


def near(name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    """The name that was probably meant, as the end of a sentence."""
    found = get_close_matches(name, list(known), 1)
    return f"; did you mean {found[0]}?" if found else f"; known: {', '.join(known)}"


def _params(judge: AnyJudge, values: Mapping[str, Any], faults: list[str]) -> Params:
    try:
        return judge.params(**values)
    except ValidationError as error:
        for one in error.errors():
            key = ".".join(str(part) for part in one["loc"])
            faults.append(f"defense.{judge.name}.{key}: {one['msg']}, found {one['input']!r}")
        return judge.params()


def _is_number(judge: AnyJudge, name: str) -> bool:
    """Whether a field can stand in a table: number, switch, time or choice of words."""
    about = judge.params.model_fields[name]
    return (
        about.annotation in (int, float, bool)
        or CLOCK in about.metadata
        or get_origin(about.annotation) is Literal
    )


def _number(params: Params, name: str) -> Any:
    """A field as the rule sees it: a time in minutes since 18:00, a choice as its place."""
    value = getattr(params, name)
    if not isinstance(value, str):
        return value
    annotation = type(params).model_fields[name].annotation
    if get_origin(annotation) is Literal:
        return get_args(annotation).index(value)
    return minute_since_open(value)


def _tables(judge: AnyJudge, base: Params, sets: Sequence[Params]) -> dict[str, Any]:
    """Each field as one value where all agree, else as a table."""
    found: dict[str, Any] = {}
    for name in judge.params.model_fields:
        if _is_number(judge, name):
            values = [_number(params, name) for params in sets] or [_number(base, name)]
            found[name] = values[0] if len(set(values)) == 1 else np.array(values)
    return found


def check_names(overrides: Overrides, judges: Sequence[str]) -> None:
    """Refuse layers of judges or sessions that do not exist."""
    sessions = [session.name for session in Session]
    faults = [
        f"defense.sessions.{name}: unknown key{near(name, sessions)}"
        for name in overrides.sessions
        if name not in sessions
    ]
    groups: list[tuple[str, Layers]] = [("defense", overrides.judges)]
    groups += [(f"defense.sessions.{name}", layers) for name, layers in overrides.sessions.items()]
    groups += [
        (f"strategies.{name}.defense", layers) for name, layers in overrides.strategies.items()
    ]
    for where, layers in groups:
        faults += [
            f"{where}.{name}: there is no judge {name!r}{near(name, judges)}"
            for name in layers
            if name not in judges
        ]
    if faults:
        raise ConfigError("\n".join(faults), "`julie defense` lists the judges and their numbers")
