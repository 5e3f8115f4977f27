"""The judges in words, made from what each states about itself."""

from collections.abc import Iterable
from typing import Any, Final

from julie.defense.base import AnyJudge, Judge

HEADINGS: Final = ("place", "name", "reads", "numbers", "exempt")


def facts(one: AnyJudge, place: int) -> dict[str, Any]:
    """All that a judge states, as plain values; `place` counts from 1."""
    return {
        "place": place,
        "name": one.name,
        "reads": "columns" if isinstance(one, Judge) else "our own record",
        "columns": [column.name for column in one.columns] if isinstance(one, Judge) else [],
        "numbers": list(one.numbers),
        "exempt": [style.name.lower() for style in one.exempt] + list(one.exempt_names),
        "params": parameters(one),
        "by_session": {session.name: dict(given) for session, given in one.by_session.items()},
        "about": one.doc,
    }


def parameters(one: AnyJudge) -> dict[str, Any]:
    """The numbers of its rule with their defaults."""
    return dict(one.params().model_dump(mode="json"))


def explained(one: AnyJudge) -> list[tuple[str, str, str]]:
    """Key, default and meaning of everything that can be set; single sessions below."""
    fields = one.params.model_fields
    rows = [
        (f"defense.{one.name}.{name}", _word(value), fields[name].description or "")
        for name, value in parameters(one).items()
    ]
    for session, given in one.by_session.items():
        where = f"defense.sessions.{session.name}.{one.name}"
        rows += [(f"{where}.{name}", _word(value), "") for name, value in given.items()]
    return rows


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _headline(one: AnyJudge) -> str:
    """The rule in a sentence: the first of its description, without the name."""
    sentence = " ".join(one.doc.split("\n\n")[0].split())
    return sentence.partition(": ")[2] or sentence


def cells(one: AnyJudge, place: int) -> tuple[str, ...]:
    """Its row of the list, in the order of HEADINGS."""
    said = facts(one, place)
    numbers, exempt = ", ".join(said["numbers"]), ", ".join(said["exempt"])
    return str(place), one.name, said["reads"], numbers, exempt


def text_table(judges: Iterable[AnyJudge]) -> str:
    """The chain in columns, for a terminal."""
    rows = [("", "judge", "exempt", "rule")]
    for place, one in enumerate(judges, 1):
        exempt = ", ".join(facts(one, place)["exempt"])
        rows.append((str(place), one.name, exempt, _headline(one)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def text_page(one: AnyJudge, place: int) -> str:
    """One judge: its rule in words, what it reads and tells, its numbers."""
    said = facts(one, place)
    stated = {
        "place": str(place),
        "reads": ", ".join(said["columns"]) or said["reads"],
        "tells": ", ".join(said["numbers"]) or "nothing",
        "exempt": ", ".join(said["exempt"]) or "nobody",
    }
    parts = [one.doc, "\n".join(f"{name:<7} {text}" for name, text in stated.items())]
    rows = explained(one)
    if rows:
        wide, wider = (max(len(row[k]) for row in rows) for k in (0, 1))
        lines = (f"{key:<{wide}}  {value:<{wider}}  {text}".rstrip() for key, value, text in rows)
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def markdown(judges: Iterable[AnyJudge]) -> str:
    """The chain as a page: one table, then each judge's rule and numbers."""
    listed = tuple(judges)
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    rows += [cells(one, place) for place, one in enumerate(listed, 1)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join((table, *map(_section, listed)))


def _section(one: AnyJudge) -> str:
    lines = (f"| `{key}` | `{value}` | {text} |" for key, value, text in explained(one))
    numbers = "\n".join(lines)
    table = f"\n| key | default | meaning |\n| --- | --- | --- |\n{numbers}\n" if numbers else ""
    return f"\n## {one.name}\n\n{one.doc}\n{table}"
