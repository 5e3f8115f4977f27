"""Each import contract catches the import it is there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    *("core", "market", "regime", "execution", "store", "feeds", "synth", "risk", "defense"),
    *("strategies", "desk", "gateway", "advisors", "simgate", "backtest", "live", "research"),
    *("ui", "cli"),
)

pytestmark = pytest.mark.tier1


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty house: every room with one file."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "julie"
    for room in ROOMS:
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text("")
        (package / room / "one.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "settings.py").write_text("")
    for file in ("core/seal", "gateway/wire", "strategies/base", "strategies/orb", "defense/chop"):
        (package / f"{file}.py").write_text("")
    return tmp_path


def broken(tree: Path) -> list[str]:
    """The contracts that do not hold."""
    shown = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tree), "PATH": ""},
    )
    lines = shown.stdout.splitlines()
    assert any("Contracts:" in line for line in lines), shown.stdout + shown.stderr
    return [line.removesuffix(" BROKEN") for line in lines if line.endswith(" BROKEN")]


def test_the_empty_house_holds(tree: Path) -> None:
    assert broken(tree) == []


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        ("core/one", "julie.market.one", "Layers"),
        ("store/one", "julie.execution.one", "Layers"),
        ("settings", "julie.backtest.one", "Layers"),
        ("execution/one", "julie.market.one", "Hands know nothing"),
        ("gateway/one", "julie.risk.one", "Hands know nothing"),
        ("ui/one", "julie.market.one", "The window"),
        ("simgate/one", "julie.gateway.one", "The simulated gateway"),
        ("desk/one", "julie.core.seal", "Only risk can approve"),
        ("strategies/one", "julie.strategies.orb", "No strategy imports"),
        ("defense/one", "julie.defense.chop", "No judge imports"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(
    tree: Path, importer: str, imported: str, contract: str
) -> None:
    (tree / "julie" / f"{importer}.py").write_text(f"import {imported}\n")
    found = broken(tree)
    assert len(found) == 1
    assert found[0].startswith(contract)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("risk/one", "julie.core.seal"),
        ("simgate/one", "julie.gateway.wire"),
        ("strategies/orb", "julie.strategies.base"),
        ("cli/one", "julie.backtest.one"),
    ],
)
def test_what_is_allowed_breaks_none(tree: Path, importer: str, imported: str) -> None:
    (tree / "julie" / f"{importer}.py").write_text(f"import {imported}\n")
    assert broken(tree) == []
