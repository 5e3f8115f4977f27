"""Says what is wrong with a configuration key: what was expected, what was found, what is near."""

import difflib
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from julie.core.yaml_source import Fault, Key, Origin

TAG: Final = "="  # the tag of a choice between shapes starts with it and is no part of the key
_LONGEST: Final = 60
_MOST_NAMES: Final = 12

_EXPECTED: Final[Mapping[str, str]] = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number that is not infinite",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "tuple_type": "a list such as [a, b]",
    "list_type": "a list such as [a, b]",
    "dict_type": "a section with keys below it",
    "model_type": "a section with keys below it",
    "model_attributes_type": "a section with keys below it",
    "date_type": "a date such as 2026-11-21",
    "date_parsing": "a date such as 2026-11-21",
    "date_from_datetime_parsing": "a date such as 2026-11-21",
    "string_pattern_mismatch": "a time such as 09:30",
}
_LIMITS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than": ("a number above", "gt"),
    "greater_than_equal": ("a number from", "ge"),
    "less_than": ("a number below", "lt"),
    "less_than_equal": ("a number up to", "le"),
}


def faults(
    root: type[BaseModel], errors: list[ErrorDetails], origins: Mapping[Key, Origin]
) -> list[Fault]:
    """One sentence an error, each with the line that gave the value."""
    found = []
    for error in errors:
        key = tuple(str(part) for part in error["loc"] if not str(part).startswith(TAG))
        found.append(Fault(_origin(key, origins), _sentence(root, key, error)))
    return found


def _origin(key: Key, origins: Mapping[Key, Origin]) -> Origin:
    """The line of the key, or a flag that set something inside it; else of the section round it."""
    inside = [origin for known, origin in origins.items() if known[: len(key)] == key]
    flags = [origin for origin in inside if not origin.line]
    if flags or (inside and key not in origins):
        return (flags or inside)[-1]
    while key and key not in origins:
        key = key[:-1]
    return origins.get(key, Origin("configuration"))


def _sentence(root: type[BaseModel], key: Key, error: ErrorDetails) -> str:
    name = ".".join(key)
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{name}: unknown key{_nearest(root, key)}"
    if kind == "value_error":
        text = str(context.get("error", error["msg"]))
        return f"{name}: {text}" if name else text
    if kind == "literal_error":
        return _expected(name, f"one of {context['expected']}", error["input"])
    if kind == "missing":
        return f"{name}: is missing"
    if kind in _LIMITS:
        word, limit = _LIMITS[kind]
        return _expected(name, f"{word} {context[limit]:g}", error["input"])
    return _expected(name, _EXPECTED.get(kind, error["msg"]), error["input"])


def _expected(name: str, expected: str, found: object) -> str:
    shown = "nothing" if found is None else repr(found)
    if isinstance(found, dict):
        shown = "a section"
    if len(shown) > _LONGEST:
        shown = shown[:_LONGEST] + "…"
    return f"{name}: expected {expected}, found {shown}"


def _nearest(root: type[BaseModel], key: Key) -> str:
    """The key that was probably meant: a near name in the same section, else elsewhere."""
    siblings = sorted({name for model in models_at(root, key[:-1]) for name in model.model_fields})
    near = difflib.get_close_matches(key[-1], siblings, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    elsewhere = [path for path in keys_of(root) if path[-1] == key[-1]]
    if elsewhere:
        return f"; did you mean {'.'.join(elsewhere[0])}?"
    if not siblings:
        return ""
    more = " …" if len(siblings) > _MOST_NAMES else ""
    return f"; known here: {', '.join(siblings[:_MOST_NAMES])}{more}"


def shapes_in(annotation: Any) -> Iterator[Any]:
    """The section models, and mappings by name, that an annotation can hold."""
    origin = get_origin(annotation)
    if isinstance(annotation, type) and origin is None:
        if issubclass(annotation, BaseModel):
            yield annotation
    elif origin in {dict, Mapping}:
        yield annotation
    elif origin in {Union, types.UnionType, Annotated, tuple, list}:
        for inner in get_args(annotation):
            yield from shapes_in(inner)


def _below(shape: Any, name: str) -> Iterator[Any]:
    """The shapes under a key of a shape."""
    if get_origin(shape) is not None:
        yield from shapes_in(get_args(shape)[1])
    elif name in shape.model_fields:
        yield from shapes_in(shape.model_fields[name].annotation)


def models_at(root: type[BaseModel], key: Key) -> list[type[BaseModel]]:
    """The section models that may stand at a key."""
    shapes: list[Any] = [root]
    for name in key:
        shapes = [inner for shape in shapes for inner in _below(shape, name)]
    return [shape for shape in shapes if get_origin(shape) is None]


def keys_of(root: type[BaseModel], at: Key = ()) -> Iterator[Key]:
    """Every key of the tree, sections included, in the order of the models."""
    for name, field in root.model_fields.items():
        yield (*at, name)
        for shape in shapes_in(field.annotation):
            if get_origin(shape) is None:
                yield from keys_of(shape, (*at, name))
