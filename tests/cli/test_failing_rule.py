"""A backtest in which a rule raises is written, says so first, and is no success."""

import subprocess
import sys
from pathlib import Path

import pytest

from julie.core.errors import Exit

RULE = '''"""A rule with a slip in it."""

from julie.core.types import BracketSource
from julie.strategies.base import Entries, Style, strategy


@strategy(name="slips", group="Test", style=Style.TREND, bracket=BracketSource.DYNAMIC, columns=())
def slips(w, p):
    return Entries(when=w.close > w.clsoe[1])
'''


@pytest.mark.timeout(60)
def test_a_rule_that_raises_is_told_and_the_exit_code_says_so(tmp_path: Path) -> None:
    (tmp_path / "slips.py").write_text(RULE, encoding="utf-8")
    out = tmp_path / "run"
    words = [
        *(sys.executable, "-m", "julie.cli.main", "backtest", "--no-plots"),
        *("--strategies", f"{tmp_path / 'slips.py'}:slips,sma_cross"),
        *("--out", str(out), "--data-dir", str(tmp_path)),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == Exit.USAGE
    assert "NOT A WHOLE RESULT: strategy slips on M" in done.stdout
    assert "'clsoe', which it did not declare" in done.stderr
    assert (out / "report.json").exists()
    assert (out / "trades.parquet").exists()
