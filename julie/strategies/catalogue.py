"""Finds the strategies: one file each in this folder, or `path/to/mine.py:name` outside of it."""

import importlib
import importlib.util
import pkgutil
import sys
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import ModuleType

import julie.strategies
from julie.core.errors import StrategyError, UsageError
from julie.strategies.base import Strategy

_FRAME = ("base", "catalogue", "config", "describe", "evaluate", "silence")


def _strategies_in(module: ModuleType) -> list[Strategy]:
    return [found for found in vars(module).values() if isinstance(found, Strategy)]


@cache
def catalogue() -> dict[str, Strategy]:
    """Every strategy of the package by name, in alphabetical order of files."""
    found: dict[str, Strategy] = {}
    for info in pkgutil.iter_modules(julie.strategies.__path__):
        if info.name not in _FRAME:
            for one in _strategies_in(importlib.import_module(f"julie.strategies.{info.name}")):
                found[one.name] = one
    return found


def named(name: str) -> Strategy:
    """A strategy by name, or from a file: `path/to/mine.py:my_strategy`."""
    if ".py" in name:
        return _from_file(name)
    known = catalogue()
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"there is no strategy {name!r}", f"{hint}known: {', '.join(known)}")
    return known[name]


def _from_file(spec: str) -> Strategy:
    file, _, wanted = spec.partition(":")
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise UsageError(
            f"there is no strategy file {file!r}", "give --strategies path/to/file.py:name"
        )
    module_spec = importlib.util.spec_from_file_location(f"outside_{path.stem}", path)
    if module_spec is None or module_spec.loader is None:
        raise UsageError(f"{file} is not a Python file", "a strategy file ends in .py")
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module_spec.name] = module
    try:
        module_spec.loader.exec_module(module)
    except Exception as error:
        raise StrategyError(
            f"{file} could not be loaded: {type(error).__name__}: {error}", "mend the file"
        ) from error
    there = {one.name: one for one in _strategies_in(module)}
    if wanted not in there:
        raise UsageError(
            f"{file} holds no strategy {wanted!r}", f"it holds: {', '.join(there) or 'none'}"
        )
    return there[wanted]
