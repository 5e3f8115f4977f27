"""Reads a YAML file as plain values, remembering the line of every key.

Only `true` and `false` are booleans, dates and times stay text, so that `off`, `on`, `15:05` and
`2026-11-21` mean what a reader sees. A key given twice is a fault, not a silent choice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

Key = tuple[str, ...]

_NULL: Final = "tag:yaml.org,2002:null"
_BOOL: Final = "tag:yaml.org,2002:bool"
_INT: Final = "tag:yaml.org,2002:int"
_FLOAT: Final = "tag:yaml.org,2002:float"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was given: a line of a file, or a flag."""

    source: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the configuration, and where."""

    origin: Origin
    text: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.text}"


@dataclass(slots=True)
class Layer:
    """The values of one source with the origin of each key."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Key, Origin] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class _Plain(yaml.SafeLoader):
    """YAML with the plain values of its version 1.2: no `yes`, no dates, no 15:05 that is 905."""

    yaml_implicit_resolvers = {"": [(_NULL, re.compile(r"^(?:~|null|)$"))]}  # noqa: RUF012


_NUMBER_STARTS: Final = list("+-.0123456789")
for _tag, _pattern, _starts in (
    (_NULL, r"^(?:~|null)$", list("~n")),
    (_BOOL, r"^(?:true|false)$", list("tf")),
    (_INT, r"^[-+]?[0-9]+$", _NUMBER_STARTS),
    (_FLOAT, r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", _NUMBER_STARTS),
):
    _Plain.add_implicit_resolver(_tag, re.compile(_pattern), _starts)
_Plain.add_constructor(_INT, lambda _, node: int(node.value))
_Plain.add_constructor(_FLOAT, lambda _, node: float(node.value))


def scalar(text: str) -> Any:
    """The value of a flag's text, read as YAML reads a scalar or a list."""
    loader = _Plain(text)
    try:
        node = loader.get_single_node()
        return loader.construct_object(node, deep=True) if node is not None else None
    finally:
        loader.dispose()


def read_file(path: Path) -> Layer:
    """The values of a file; what is wrong with it is in `faults`."""
    layer = Layer()
    try:
        loader = _Plain(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        layer.faults.append(Fault(Origin(str(path)), f"cannot be read: {error}"))
        return layer
    try:
        _fill(loader, layer, str(path))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        layer.faults.append(Fault(Origin(str(path), line), f"is not YAML: {error.problem}"))
    finally:
        loader.dispose()
    return layer


def _fill(loader: _Plain, layer: Layer, source: str) -> None:
    node = loader.get_single_node()
    if isinstance(node, yaml.MappingNode):
        layer.values = _mapping(loader, node, (), source, layer)
    elif node is not None and node.tag != _NULL:
        layer.faults.append(Fault(Origin(source, 1), "expected lines `key: value` at the top"))


def _mapping(
    loader: _Plain, node: yaml.MappingNode, at: Key, source: str, layer: Layer
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        name = str(key_node.value)
        key = (*at, name)
        origin = Origin(source, key_node.start_mark.line + 1)
        if name in values:
            text = f"{'.'.join(key)} is given twice, first in line {layer.origins[key].line}"
            layer.faults.append(Fault(origin, text))
        layer.origins[key] = origin
        if isinstance(value_node, yaml.MappingNode):
            values[name] = _mapping(loader, value_node, key, source, layer)
        else:
            values[name] = loader.construct_object(value_node, deep=True)
    return values


def leaves(values: dict[str, Any], at: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Every key that is not a section, with its value."""
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*at, name))
        else:
            yield (*at, name), value
