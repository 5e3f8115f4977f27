"""The configuration as text: config.yaml with a word on every key, the reference, the schema."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from julie.defense.config import Judges
from julie.settings import OVERLAY, Settings

_PLAIN: Final = re.compile(r"[A-Za-z_][\w./-]*")
_WIDTH: Final = 100
_HEAD: Final = """\
# Every key of Julie with its default, its unit in [brackets] and a word of explanation.
# Keys that you leave out keep their default; `julie config check` tells what is wrong with a file,
# `julie config diff` what it changes. Distances in points are those of ES and are multiplied by the
# instrument's unit_pts. Secrets stand in the environment or in .env, never here.
"""


def schema(root: type[Settings]) -> dict[str, Any]:
    """The JSON schema of the file; `backtest` may hold every other section too."""
    made = root.model_json_schema()
    others = {name: part for name, part in made["properties"].items() if name != OVERLAY}
    made["$defs"]["BacktestSection"]["properties"] |= others
    return made


def yaml_text(root: type[Settings]) -> str:
    """The whole config.yaml at the defaults."""
    return _HEAD + "".join(_section(root(), ""))


def _section(section: BaseModel, indent: str) -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        value, text = getattr(section, name), field.description or ""
        if not indent:
            yield "\n"
        if isinstance(value, BaseModel) and type(value).model_fields and not is_exceptions(value):
            yield _commented(f"{indent}{name}:", text)
            yield from _section(value, indent + "  ")
        elif isinstance(value, dict) and value:
            yield _commented(f"{indent}{name}:", text)
            for inner, entry in value.items():
                yield f"{indent}  {inner}:\n"
                yield from _section(entry, indent + "    ")
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            yield _commented(f"{indent}{name}:", text)
            yield from (f"{indent}  - {_flow(entry)}\n" for entry in value)
        else:
            yield _commented(f"{indent}{name}: {_flow(value)}", text)


def is_exceptions(value: object) -> bool:
    """Whether a section lists exceptions judge by judge, which are none by default."""
    return type(value).__name__ == "Exceptions" and isinstance(value, Judges)


def _commented(line: str, text: str) -> str:
    if not text:
        return f"{line}\n"
    if len(line) + len(text) + 4 <= _WIDTH:
        return f"{line}  # {text}\n"
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}# {text}\n{line}\n"


def _flow(value: Any) -> str:
    """A value as YAML writes it on one line."""
    if isinstance(value, BaseModel):
        return "{}" if is_exceptions(value) else _flow(dict(value))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(inner) for inner in value) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    text = str(value)
    plain = _PLAIN.fullmatch(text) and text not in {"true", "false", "null"}
    return text if plain else json.dumps(text, ensure_ascii=False)


def page(root: type[Settings]) -> str:
    """The reference: a table for every section."""
    parts = [
        "Every key of config.yaml. `--set section.key=value` sets one for a run; under\n"
        "`backtest:` it holds for backtests alone. `julie config schema` prints a JSON schema.\n"
    ]
    for name, field in root.model_fields.items():
        parts.append(f"\n## {name}\n\n{_sentence(field)}\n\n")
        parts.append("| key | default | unit | meaning |\n| --- | --- | --- | --- |\n")
        parts += [f"| {' | '.join(row)} |\n" for row in _rows(getattr(root(), name), name)]
    return "".join(parts)


def _sentence(field: FieldInfo) -> str:
    text = field.description or ""
    return text[:1].upper() + text[1:] + "."


def _rows(value: Any, at: str) -> Iterator[tuple[str, str, str, str]]:
    fields = type(value).model_fields if isinstance(value, BaseModel) else {}
    entries = value.items() if isinstance(value, dict) else ()
    for name, field in fields.items():
        inner = getattr(value, name)
        nested = isinstance(inner, BaseModel) and not is_exceptions(inner)
        if nested or (isinstance(inner, dict) and inner):
            yield from _rows(inner, f"{at}.{name}")
        else:
            unit, text = _unit_and_text(field.description or "")
            yield f"`{at}.{name}`", f"`{_flow(inner)}`", unit, text
    for name, inner in entries:
        yield from _rows(inner, f"{at}.{name}")


def _unit_and_text(description: str) -> tuple[str, str]:
    found = re.fullmatch(r"\[([^\]]+)\] (.*)", description, re.DOTALL)
    return (found[1], found[2]) if found else ("", description)
