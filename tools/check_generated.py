"""Makes the pages that come from code; fails when the tree holds others, `--write` writes them."""

import difflib
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parent.parent
NOTE: Final = "<!-- made from code by `make docs`; edit the code instead -->\n\n"


def commands() -> str:
    """The reference of every command."""
    os.environ |= {"TYPER_USE_RICH": "0", "COLUMNS": "100", "NO_COLOR": "1"}
    from julie.cli.main import COMMANDS, help_text

    parts = [f"# Commands\n\n{NOTE}```\n{help_text()}```\n"]
    for name, row in sorted(COMMANDS.items()):
        if not row.hidden:
            parts += [f"\n## julie {title}\n\n```\n{text}\n```\n" for title, text in _helps(name)]
    return "".join(parts)


def _helps(name: str) -> Iterator[tuple[str, str]]:
    """The help texts of a command and of its sub-commands."""
    from julie.cli.main import command_of

    command = command_of(name)
    yield name, _help_of(command, f"julie {name}")
    for inner_name, inner in sorted(getattr(command, "commands", {}).items()):
        yield f"{name} {inner_name}", _help_of(inner, f"julie {name} {inner_name}")


def _help_of(command: object, title: str) -> str:
    make = command.make_context  # type: ignore[attr-defined]  # typer's own click is private
    context = make(title, [], resilient_parsing=True)
    text: str = command.get_help(context)  # type: ignore[attr-defined]
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE).strip()


def configuration() -> str:
    """The reference of every key."""
    from julie.cli import config_text
    from julie.settings import default_tree

    return f"# Configuration\n\n{NOTE}{config_text.page(default_tree())}"


def config_yaml() -> str:
    """config.yaml with every key at its default."""
    from julie.cli import config_text
    from julie.settings import default_tree

    return config_text.yaml_text(default_tree())


def strategies() -> str:
    """The catalogue of strategies."""
    from julie.strategies.catalogue import catalogue
    from julie.strategies.describe import markdown

    return f"# Strategies\n\n{NOTE}{markdown(catalogue().values())}"


def judges() -> str:
    """The chain of judges."""
    from julie.defense.catalogue import default_order, named
    from julie.defense.describe import markdown

    return f"# Judges\n\n{NOTE}{markdown(map(named, default_order()))}"


def alarms() -> str:
    """What each alarm asks of the desk and of a person."""
    from julie.core.alarms import ALARMS

    rows = [["alarm", "the desk", "you"], ["---"] * 3]
    rows += [
        [f"`{kind}`" + (" (grave)" if one.critical else ""), one.desk, one.person]
        for kind, one in ALARMS.items()
    ]
    return f"# Alarms\n\n{NOTE}" + "".join(f"| {' | '.join(map(_cell, row))} |\n" for row in rows)


def columns() -> str:
    """Every column that can be asked for."""
    from julie.market.columns.expression import facts
    from julie.regime.catalogue import CONSTRUCTORS

    listed = [facts(name, CONSTRUCTORS) for name in sorted(CONSTRUCTORS)]
    headings = list(listed[0])
    rows = [headings, ["---"] * len(headings)]
    rows += [[_cell(one[heading]) for heading in headings] for one in listed]
    return f"# Columns\n\n{NOTE}" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return " ".join(text.replace("|", "\\|").split())


PAGES: Final[dict[str, Callable[[], str]]] = {
    "config.yaml": config_yaml,
    "docs/alarms.md": alarms,
    "docs/columns.md": columns,
    "docs/commands.md": commands,
    "docs/configuration.md": configuration,
    "docs/judges.md": judges,
    "docs/strategies.md": strategies,
}


def differences() -> Iterator[str]:
    """The unified difference of each page that is not what the code makes."""
    for name, make in PAGES.items():
        file = ROOT / name
        have = file.read_text(encoding="utf-8") if file.exists() else ""
        want = make()
        if have != want:
            lines = difflib.unified_diff(
                have.splitlines(), want.splitlines(), name, "code", "", "", 1
            )
            yield "\n".join(lines)


def main() -> int:
    """Compare, or write with `--write`; 1 when a page differs."""
    if "--write" in sys.argv[1:]:
        for name, make in PAGES.items():
            (ROOT / name).write_text(make(), encoding="utf-8")
            print(f"wrote {name}")
        return 0
    found = list(differences())
    for text in found:
        print(text)
    cure = " -> make docs" if found else ""
    print(f"generated pages: {len(PAGES)}, different: {len(found)}{cure}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
