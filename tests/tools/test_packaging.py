"""pyproject, lock and imports agree; every room stands in the layers."""

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
IMPORT_NAMES = {"python-dotenv": "dotenv", "pyyaml": "yaml"}
INDIRECT = {"tzdata"}  # zoneinfo reads it on Windows


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[; ]", one)[0].lower() for one in requirements}


def imported() -> set[str]:
    found: set[str] = set()
    for file in (ROOT / "julie").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").split(".")[0])
    return found - set(sys.stdlib_module_names) - {"julie"}


def test_every_import_is_declared_and_every_dependency_used(project: dict[str, Any]) -> None:
    declared = names(project["project"]["dependencies"])
    extras = project["project"]["optional-dependencies"]
    optional = names(extras["keys"]) | names(extras["notify"])
    by_import = {IMPORT_NAMES.get(name, name).replace("-", "_"): name for name in declared}
    found = imported()
    assert found - {"pydantic_core"} - optional <= set(by_import)
    assert {by_import[name] for name in by_import if name not in found} <= INDIRECT


def test_the_lock_holds_every_requirement(project: dict[str, Any]) -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    wanted = names(project["project"]["dependencies"])
    wanted |= names(project["project"]["optional-dependencies"]["dev"])
    assert {name.lower() for name in wanted} <= set(pins)
    assert list(pins) == sorted(pins)


def test_ignored_rules_are_few_and_have_reasons() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    block = text.split("\nignore = [")[1].split("]")[0]
    rows = [line.strip() for line in block.splitlines() if line.strip()]
    assert len(rows) <= 10
    assert all("#" in row for row in rows)


def test_every_room_says_what_it_is_for() -> None:
    for room in sorted((ROOT / "julie").iterdir()):
        if room.is_dir() and room.name != "__pycache__":
            text = (room / "__init__.py").read_text(encoding="utf-8")
            assert ast.get_docstring(ast.parse(text)), room.name


def test_make_has_the_targets_people_call() -> None:
    text = (ROOT / "Makefile").read_text()
    for target in (
        "venv",
        "fmt",
        "lint",
        "test",
        "test-all",
        "run",
        "audit",
        "bench",
        "docs",
        "clean",
    ):
        assert re.search(rf"^{target}:", text, re.MULTILINE), target


def test_ci_calls_what_the_readme_tells() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    for line in ("make lint", "make test", "make test-all"):
        assert line in text
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
