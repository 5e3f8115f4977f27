"""The strategy catalogue in words, made from what each strategy states about itself."""

from collections.abc import Iterable
from typing import Any, Final

from julie.strategies.base import ALL_SESSIONS, Strategy

HEADINGS: Final = (
    "name", "group", "style", "structural", "tier", "sessions", "window", "instruments", "bases",
    "needs", "bracket", "sizing", "cooldown", "on",
)  # fmt: skip
NEEDS: Final = {"V": "volume", "P": "peer", "X": "VIX", "T": "ticks", "M": "model"}
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def bar_length(seconds: int) -> str:
    """A bar length as people write it: 1s, 5m, 1h."""
    size, letter = next((size, letter) for size, letter in _UNITS if seconds % size == 0)
    return f"{seconds // size}{letter}"


def facts(one: Strategy) -> dict[str, Any]:
    """All that a strategy states, as plain values."""
    return {
        "name": one.name,
        "group": one.group,
        "style": one.style.name.lower(),
        "structural": one.structural,
        "tier": one.tier,
        "sessions": [session.name for session in one.sessions],
        "window": list(one.window) if one.window else None,
        "instruments": list(one.instruments),
        "bases": [bar_length(seconds) for seconds in one.bases],
        "needs": [NEEDS[need] for need in one.needs],
        "bracket": one.bracket.name.lower(),
        "sizing": one.sizing.name.lower(),
        "contracts": one.contracts,
        "cooldown": one.cooldown,
        "once_a_day": one.once_a_day,
        "sides": one.sides,
        "exits": one.exits is not None,
        "on": one.on,
        "params": parameters(one),
        "about": one.doc.strip(),
    }


def parameters(one: Strategy) -> dict[str, Any]:
    """The numbers of its rule with their defaults."""
    return dict(one.params().model_dump(mode="json"))


def cells(one: Strategy) -> tuple[str, ...]:
    """Its row of the catalogue, in the order of HEADINGS."""
    said = facts(one)
    every = {"sessions": one.sessions == ALL_SESSIONS, "instruments": not one.instruments}
    said["window"] = "-".join(said["window"] or ())
    if one.once_a_day:
        said["cooldown"] = f"{one.cooldown}, one a side a day"
    return tuple("all" if every.get(heading) else _word(said[heading]) for heading in HEADINGS)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return " ".join(value) if isinstance(value, list) else str(value)


def text_table(strategies: Iterable[Strategy]) -> str:
    """The catalogue in columns, for a terminal."""
    rows = [HEADINGS, *(cells(one) for one in strategies)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def text_page(one: Strategy) -> str:
    """One strategy: its rule in words, what it states, its numbers."""
    stated = dict(zip(HEADINGS, cells(one), strict=True))
    blocks = (("States", stated), ("Numbers", parameters(one)))
    parts = [one.doc.strip()]
    for title, values in blocks:
        width = max(map(len, values), default=0)
        lines = (f"  {name:<{width}}  {value}".rstrip() for name, value in values.items())
        parts.append("\n".join((title, *lines)))
    return "\n\n".join(parts)


def markdown(strategies: Iterable[Strategy]) -> str:
    """The catalogue as a page: one table, then each strategy's rule and numbers."""
    listed = tuple(strategies)
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(cells(one) for one in listed)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join((table, *(_section(one) for one in listed)))


def _section(one: Strategy) -> str:
    fields = one.params.model_fields
    numbers = "\n".join(
        f"| `{name}` | `{value}` | {fields[name].description or ''} |"
        for name, value in parameters(one).items()
    )
    return (
        f"\n## {one.name}\n\n```text\n{one.doc.strip()}\n```\n\n"
        f"| `strategies.{one.name}.` | default | meaning |\n| --- | --- | --- |\n{numbers}\n"
    )
