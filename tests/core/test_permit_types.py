"""Forgetting a check does not type-check: mypy refuses what the broker's doors do not take."""

from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]
HEAD = """
from julie.core.permits import Approved, Close, Entry, NearerStop
from julie.core.ports import Broker

def act(broker: Broker, entry: Entry, approved: Approved[Entry], close: Close) -> None:
    {line}
"""

pytestmark = [pytest.mark.tier1, pytest.mark.timeout(120)]


def refusals(tmp_path: Path, line: str) -> str:
    file = tmp_path / "act.py"
    file.write_text(HEAD.format(line=line))
    config, cache = str(ROOT / "pyproject.toml"), str(ROOT / ".mypy_cache")
    out, _, _ = api.run(["--config-file", config, "--cache-dir", cache, str(file)])
    return out


@pytest.mark.parametrize("line", ["broker.place(approved)", "broker.reduce(close)"])
def test_the_two_doors(tmp_path: Path, line: str) -> None:
    assert "act.py" not in refusals(tmp_path, line)


@pytest.mark.parametrize(
    "line",
    [
        "broker.place(entry)",
        "broker.place(close)",
        "broker.reduce(entry)",
        "broker.reduce(approved)",
        "broker.place(Approved(entry))",
    ],
)
def test_no_third(tmp_path: Path, line: str) -> None:
    assert "act.py" in refusals(tmp_path, line)
