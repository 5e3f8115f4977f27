"""Finds the judges, one file a judge in this folder, and the order in which they are asked."""

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Final

import julie.defense
from julie.core.errors import ConfigError
from julie.defense.base import AnyJudge, Judge, RecordJudge
from julie.defense.overrides import near

DESIGN_ORDER: Final = (
    "session",
    "news",
    "holiday",
    "circuit_breaker",
    "account_rules",
    "volatility",
    "chop",
    "dynamic_chop",
    "extension",
    "trend",
    "impulse",
    "rejection",
    "htf_fvg",
    "bank_level",
    "memory_sr",
    "structure",
    "directional_loss",
    "penalty_box",
    "asia_viability",
    "ml_guards",
)
_FRAME: Final = ("base", "catalogue", "chain", "config", "overrides", "describe")


@cache
def catalogue() -> dict[str, AnyJudge]:
    """Every judge of the package by name."""
    found: dict[str, AnyJudge] = {}
    for info in pkgutil.iter_modules(julie.defense.__path__):
        if info.name not in _FRAME:
            module = importlib.import_module(f"julie.defense.{info.name}")
            found |= {
                one.name: one
                for one in vars(module).values()
                if isinstance(one, Judge | RecordJudge)
            }
    return found


@cache
def default_order() -> tuple[str, ...]:
    """The judges that exist, in the order of the design; a judge it does not know comes last."""
    known = catalogue()
    return (
        *(name for name in DESIGN_ORDER if name in known),
        *sorted(set(known) - set(DESIGN_ORDER)),
    )


def named(name: str) -> AnyJudge:
    """A judge by name, or an error with the nearest one."""
    known = catalogue()
    if name not in known:
        raise ConfigError(
            f"there is no judge {name!r}{near(name, default_order())}", "`julie defense` lists them"
        )
    return known[name]


def in_order(names: Sequence[str]) -> tuple[AnyJudge, ...]:
    """The judges of a configured order; a name given twice or unknown is an error."""
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise ConfigError(f"defense.order names {', '.join(twice)} twice", "name each judge once")
    return tuple(named(name) for name in names)
