"""Keeps the house small: sizes of files, functions and classes, inheritance, module state, names.

File: median <= 150 lines, 95th percentile <= 400, none above 600. Function <= 60 lines. Class <= 15
public methods, at most 2 of our own classes above it, one own base, no mixins. No state at module
level: a container there is `Final` and nobody changes it. Nothing is called utils, helpers, common
or manager.
"""

import ast
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FILE_MEDIAN: Final = 150
FILE_P95: Final = 400
FILE_MAX: Final = 600
FUNCTION_MAX: Final = 60
METHODS_MAX: Final = 15
ANCESTORS_MAX: Final = 2
BANNED_WORDS: Final = frozenset(
    {"util", "utils", "helper", "helpers", "common", "manager", "mixin"}
)
CONTAINERS: Final = frozenset(
    {"list", "dict", "set", "bytearray", "deque", "defaultdict", "Counter", "OrderedDict"}
)
CHANGERS: Final = frozenset(
    {
        "append",
        "extend",
        "insert",
        "add",
        "update",
        "setdefault",
        "pop",
        "popitem",
        "remove",
        "clear",
    }
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """One parsed file."""

    path: str
    lines: int
    tree: ast.Module


def read(root: Path, folders: Sequence[str]) -> list[Source]:
    """Every Python file under the folders of `root`."""
    files = sorted(file for folder in folders for file in (root / folder).rglob("*.py"))
    found = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        found.append(Source(str(file.relative_to(root)), text.count("\n"), ast.parse(text)))
    return found


def check(sources: Sequence[Source]) -> list[str]:
    """Every breach, as `file:line: what`."""
    found = list(_file_sizes(sources))
    bases = _own_bases(sources)
    for source in sources:
        found += _names(source)
        found += _functions(source)
        found += _classes(source, bases)
        found += _module_state(source)
    return found


def _file_sizes(sources: Sequence[Source]) -> Iterator[str]:
    sizes = sorted(source.lines for source in sources)
    if len(sizes) < 2:
        return
    median, p95 = statistics.median(sizes), statistics.quantiles(sizes, n=20)[-1]
    if median > FILE_MEDIAN:
        yield f"median file is {median:.0f} lines, above {FILE_MEDIAN}"
    if p95 > FILE_P95:
        yield f"95th percentile of files is {p95:.0f} lines, above {FILE_P95}"
    for source in sources:
        if source.lines > FILE_MAX:
            yield f"{source.path}:1: {source.lines} lines, above {FILE_MAX}"


def _words(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return {word.lower() for word in re.split(r"[_\W]+", spaced) if word}


def _names(source: Source) -> Iterator[str]:
    for part in Path(source.path).with_suffix("").parts:
        for word in _words(part) & BANNED_WORDS:
            yield f"{source.path}:1: {word!r} says nothing; name what it does"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef | Function):
            for word in _words(node.name) & BANNED_WORDS:
                yield f"{source.path}:{node.lineno}: {node.name}: {word!r} says nothing"


def _functions(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_MAX:
                where = f"{source.path}:{node.lineno}: {node.name}"
                yield f"{where} is {lines} lines, above {FUNCTION_MAX}"
        elif isinstance(node, ast.Global):
            yield f"{source.path}:{node.lineno}: `global {', '.join(node.names)}` is module state"


def _base_names(node: ast.ClassDef) -> list[str]:
    return [_name(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases]


def _own_bases(sources: Sequence[Source]) -> dict[str, list[str]]:
    classes = {
        node.name: _base_names(node)
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
    }
    protocols = {name for name, bases in classes.items() if "Protocol" in bases}
    return {
        name: [base for base in bases if base in classes and base not in protocols and base != name]
        for name, bases in classes.items()
    }


def _ancestors(name: str, bases: dict[str, list[str]]) -> int:
    return max((1 + _ancestors(base, bases) for base in bases.get(name, [])), default=0)


def _classes(source: Source, bases: dict[str, list[str]]) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        where = f"{source.path}:{node.lineno}: {node.name}"
        public = [n for n in node.body if isinstance(n, Function) and not n.name.startswith("_")]
        if len(public) > METHODS_MAX:
            yield f"{where} has {len(public)} public methods, above {METHODS_MAX}"
        if len(bases[node.name]) > 1:
            yield f"{where} has several own bases; compose instead"
        if _ancestors(node.name, bases) > ANCESTORS_MAX:
            yield f"{where} stands on more than {ANCESTORS_MAX} own classes"


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_container(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        name = (
            value.func.attr
            if isinstance(value.func, ast.Attribute)
            else getattr(value.func, "id", "")
        )
        return name in CONTAINERS
    displays = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    return isinstance(value, displays)


def _module_state(source: Source) -> Iterator[str]:
    names: set[str] = set()
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and _is_container(node.value):
            plain = {target.id for target in node.targets if isinstance(target, ast.Name)}
            names |= plain
            for name in plain - {"__all__"}:
                yield f"{source.path}:{node.lineno}: {name} is a module's container; make it Final"
        elif isinstance(node, ast.AnnAssign) and _is_container(node.value):
            names.add(getattr(node.target, "id", ""))
            if "Final" not in ast.unparse(node.annotation):
                yield f"{source.path}:{node.lineno}: a module's container; make it Final"
    for function in ast.walk(source.tree):
        if isinstance(function, Function):
            yield from _changes(source.path, function, names)


def _changes(path: str, function: Function, names: set[str]) -> Iterator[str]:
    for node in ast.walk(function):
        target: ast.expr | None = None
        line = function.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            line = node.lineno
            target = node.func.value if node.func.attr in CHANGERS else None
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            line, target = node.lineno, node.value
        if isinstance(target, ast.Name) and target.id in names:
            yield f"{path}:{line}: {function.name} changes {target.id}, which is module state"


def main() -> int:
    """Check the package and the tools; 1 when anything is over budget."""
    breaches = check(read(ROOT, ("julie", "tools")))
    for breach in breaches:
        print(breach)
    print(f"budgets: {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
