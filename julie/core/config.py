"""Loads the configuration and explains every error in it at once.

Sources, later wins: the defaults in code, the files in their order, the `--set` flags. The tree of
section models is given by the caller. One section may overlay the others (`backtest:` changes any
key for backtests only); it is checked on every load and laid over the tree when asked for.
"""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from julie.core.config_errors import faults, models_at
from julie.core.errors import ConfigError
from julie.core.yaml_source import Fault, Key, Layer, Origin, leaves, read_file, scalar

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """A validated tree, with the place each given key came from."""

    tree: T
    origins: Mapping[Key, Origin]

    @property
    def hash(self) -> str:
        """SHA-256 of all values, given and default."""
        text = json.dumps(self.tree.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def origin(self, key: Key) -> str:
        """Where the value of a key was given; `default` where nobody gave it."""
        return str(self.origins.get(key, "default"))

    def changed(self) -> Iterator[tuple[Key, Any, Any]]:
        """Key, default and value of whatever differs from the defaults."""
        own = dict(leaves(self.tree.model_dump(mode="json")))
        default = dict(leaves(type(self.tree)().model_dump(mode="json")))
        for key in dict.fromkeys([*default, *own]):
            if own.get(key) != default.get(key):
                yield key, default.get(key), own.get(key)


def load(
    root: type[T],
    files: Sequence[Path] = (),
    sets: Sequence[str] = (),
    overlay: str = "",
    with_overlay: bool = False,
) -> Loaded[T]:
    """The tree from files and flags, or one `ConfigError` that tells everything wrong with them."""
    layers = [read_file(path) for path in files] + [_flag(text) for text in sets]
    given = Layer()
    for layer in layers:
        _lay(given, layer)
    plain, overlaid = _split(given, root, overlay) if overlay else (given, given)
    found = [fault for layer in layers for fault in layer.faults]
    tree = _validated(root, plain, found)
    if overlay:
        laid = _validated(root, overlaid, found)
        tree = laid if with_overlay else tree
    if found or tree is None:
        raise _error(found)
    return Loaded(tree, (overlaid if with_overlay else plain).origins)


def _flag(text: str) -> Layer:
    """One `--set a.b=c` as a layer of its own."""
    layer, origin = Layer(), Origin(f"--set {text}")
    path, equals, value = text.partition("=")
    names = tuple(path.strip().split("."))
    if not equals or not all(names):
        layer.faults.append(Fault(origin, "expected section.key=value"))
        return layer
    try:
        inner = scalar(value)
    except yaml.YAMLError:
        layer.faults.append(Fault(origin, f"{value!r} is not a value"))
        return layer
    layer.origins[names] = origin
    if isinstance(inner, dict):
        layer.origins |= {(*names, *key): origin for key, _ in leaves(inner)}
    for name in reversed(names):
        inner = {name: inner}
    layer.values = inner
    return layer


def _lay(below: Layer, above: Layer) -> None:
    """Lay one source over another; sections merge, values replace."""
    _merge(below.values, above.values)
    below.origins.update(above.origins)


def _merge(below: dict[str, Any], above: dict[str, Any]) -> None:
    for name, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(name), dict):
            _merge(below[name], value)
        else:
            below[name] = copy.deepcopy(value)


def _split(given: Layer, root: type[BaseModel], overlay: str) -> tuple[Layer, Layer]:
    """The tree without the overlay's foreign keys, and the tree with them laid over it."""
    own = {name for model in models_at(root, (overlay,)) for name in model.model_fields}
    section = given.values.get(overlay)
    foreign = set(root.model_fields) - {overlay} - own
    plain = Layer(copy.deepcopy(given.values), dict(given.origins))
    if not isinstance(section, dict):
        return plain, plain
    above = Layer({name: section[name] for name in section if name in foreign})
    for name in above.values:
        del plain.values[overlay][name]
    for key, origin in given.origins.items():
        if key[:1] == (overlay,) and key[1:2] and key[1] in foreign:
            above.origins[key[1:]] = origin
            del plain.origins[key]
    overlaid = Layer(copy.deepcopy(plain.values), dict(plain.origins))
    _lay(overlaid, above)
    return plain, overlaid


def _validated(root: type[T], given: Layer, found: list[Fault]) -> T | None:
    """The tree, or None with what is wrong added to `found`."""
    values = _without_empty(given.values, root, ())
    try:
        # JSON's strict rules: a list is a tuple, a text is a choice, but "3" is no number.
        return root.model_validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        new = faults(root, error.errors(), given.origins)
        found += [fault for fault in new if fault not in found]
        return None


def _without_empty(values: dict[str, Any], root: type[BaseModel], at: Key) -> dict[str, Any]:
    """The values without sections that have a name and no keys."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        key = (*at, name)
        if isinstance(value, dict):
            kept[name] = _without_empty(value, root, key)
        elif value is not None or not models_at(root, key):
            kept[name] = value
    return kept


def _error(found: list[Fault]) -> ConfigError:
    ordered = sorted(found, key=lambda fault: (fault.origin.source, fault.origin.line))
    count = f"{len(ordered)} errors" if len(ordered) > 1 else "1 error"
    lines = "\n".join(f"  {fault}" for fault in ordered)
    return ConfigError(
        f"the configuration has {count}:\n{lines}", "`julie config schema` lists every key"
    )
