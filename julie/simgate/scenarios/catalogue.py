"""Finds a scenario by its name: the file of the same name in this folder."""

import importlib
from pathlib import Path
from typing import Final

from julie.core.errors import UsageError
from julie.simgate.scenarios.base import Scenario

_OTHERS: Final = frozenset({"__init__", "base", "catalogue"})


def names() -> tuple[str, ...]:
    """Every scenario there is."""
    files = Path(__file__).parent.glob("*.py")
    return tuple(sorted(file.stem for file in files if file.stem not in _OTHERS))


def scenario(name: str) -> Scenario:
    """The scenario of that name."""
    if name not in names():
        raise UsageError(f"there is no scenario {name!r}", f"there are: {', '.join(names())}")
    found = importlib.import_module(f"julie.simgate.scenarios.{name}").SCENARIO
    if not isinstance(found, Scenario):
        raise TypeError(f"{name}.SCENARIO is a {type(found).__name__}")
    return found
