"""What the pages point at exists: files, commands, flags and keys of the configuration."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from julie.cli.main import COMMANDS, command_of
from julie.settings import default_tree

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda page: page.as_posix()
)
# pages made from code are compared with the code itself
WRITTEN = [page for page in PAGES if "made from code" not in page.read_text("utf-8")[:120]]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CALL = re.compile(r"(?:^|`|\| )julie ((?:[a-z][\w-]*)(?: [^`|#\n]*)?)")
FILES = (".html", ".json", ".md", ".py")
EXAMPLE = ".vwap_hold"  # the guide's own
EVERYWHERE = {"-h", "--help", "-v", "-vv", "-q", "--no-color", "--version"}


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [t for t in LINK.findall(page.read_text("utf-8")) if "://" not in t]
    missing = [t for t in targets if not (page.parent / t.partition("#")[0]).exists()]
    assert missing == []


def calls(page: Path) -> list[list[str]]:
    """Every call of `julie` that a page shows, in words."""
    text = page.read_text("utf-8")
    shown = "\n".join(FENCED.findall(text))
    inline = "\n".join(f"`{code}`" for code in re.findall(r"`(julie [^`]+)`", text))
    return [found.split() for found in CALL.findall(f"{shown}\n{inline}")]


def test_the_pages_show_calls() -> None:
    assert sum(len(calls(page)) for page in WRITTEN) > 20


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_commands_and_flags_exist(page: Path) -> None:
    for words in calls(page):
        commands, flags = words[0].split("|"), [w for w in words[1:] if w.startswith("-")]
        assert set(commands) <= set(COMMANDS), words
        command = command_of(commands[0])
        inner = getattr(command, "commands", {})
        subs = [s for w in words[1:2] if inner and w[0].isalpha() for s in w.split("|")]
        assert set(subs) <= set(inner), words
        for one in [inner[sub] for sub in subs] or [command]:
            known = {opt for param in one.params for opt in (*param.opts, *param.secondary_opts)}
            assert {flag.partition("=")[0] for flag in flags} <= known | EVERYWHERE, words


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_keys_exist(page: Path) -> None:
    sections = "|".join(default_tree().model_fields)
    found = re.findall(
        rf"`((?:{sections})\.[a-z_][\w.]*\w)(?:[:=] ?[^`]*)?`", page.read_text("utf-8")
    )
    keys = [key for key in found if not key.endswith(FILES) and EXAMPLE not in key]
    assert [key for key in keys if not _known(key)] == []


def _known(key: str) -> bool:
    at: object = default_tree()()
    for part in key.split("."):
        if not isinstance(at, BaseModel) or part not in type(at).model_fields:
            return False
        at = getattr(at, part)
    return True
