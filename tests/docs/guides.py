"""Takes code out of the pages, and makes the package find it as if it stood in its folder."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from julie.core.types import Reason

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r'^```python title="([^"]+)"\n(.*?)^```$', re.DOTALL | re.MULTILINE)


def code_of(page: str) -> dict[str, str]:
    """The named code blocks of a page under docs."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return dict(_BLOCK.findall(text))


def written(code: str, file: Path) -> Path:
    """A block as a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(code, encoding="utf-8")
    return file


@contextmanager
def added_to(package: ModuleType, folder: Path, catalogues: tuple[Any, ...]) -> Iterator[None]:
    """A folder whose files the package finds beside its own."""
    before, known = list(package.__path__), set(sys.modules)
    package.__path__ = [*before, str(folder)]
    for found in catalogues:
        found.cache_clear()
    try:
        yield
    finally:
        package.__path__ = before
        for name in set(sys.modules) - known:
            if name.startswith(f"{package.__name__}."):
                del sys.modules[name]
        for found in catalogues:
            found.cache_clear()


def add_reasons(code: str) -> Iterator[Reason]:
    """Members as a block of `class Reason` writes them; the caller takes them out again."""
    for name, number in re.findall(r"^(\w+) = (\d+)$", code, re.MULTILINE):
        value = int(number)
        assert value not in Reason._value2member_map_, f"{value} is taken, name a free one"
        member = int.__new__(Reason, value)
        member._name_, member._value_ = name, value
        Reason._member_names_.append(name)
        Reason._member_map_[name] = Reason._value2member_map_[value] = member
        type.__setattr__(Reason, name, member)
        yield member


def remove_reason(member: Reason) -> None:
    """Take a member out that `add_reasons` made."""
    Reason._member_names_.remove(member.name)
    del Reason._member_map_[member.name]
    del Reason._value2member_map_[member.value]
    type.__delattr__(Reason, member.name)


def run_tests(file: Path) -> int:
    """Call every test of a file, each parameter for itself; returns how many there were."""
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    calls = 0
    for name, test in vars(module).items():
        if name.startswith("test_"):
            for given in _given(test):
                test(**given)
                calls += 1
    return calls


def _given(test: Callable[..., None]) -> list[dict[str, Any]]:
    marks: list[pytest.Mark] = getattr(test, "pytestmark", [])
    if not marks:
        return [{}]
    (mark,) = marks
    name, values = mark.args
    return [{name: value} for value in values]
