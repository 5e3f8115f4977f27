"""julie config: show, check, diff and schema."""

import json
from pathlib import Path

import pytest

from julie.cli import main
from julie.core.errors import Exit


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("PROJECTX_API_KEY", "PROJECTX_USERNAME"):
        monkeypatch.delenv(name, raising=False)


Capture = pytest.CaptureFixture[str]


def test_show_names_the_place_of_each_value(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "config.yaml").write_text("execution:\n  slippage_ticks: 2\n")
    assert main.run(["config", "show", "--set", "risk.per_trade_pct=0.3"]) == 0
    shown = capsys.readouterr().out
    assert "execution.slippage_ticks = 2  (config.yaml:2)" in shown
    assert "risk.per_trade_pct = 0.3  (--set risk.per_trade_pct=0.3)" in shown
    assert "execution.max_signal_age_s = 90  (default)" in shown


def test_show_never_shows_a_secret(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PROJECTX_API_KEY=very-secret-indeed\n")
    monkeypatch.setenv("PROJECTX_USERNAME", "a-trader")
    assert main.run(["config", "show"]) == 0
    shown = capsys.readouterr()
    assert "PROJECTX_API_KEY: set in .env" in shown.out
    assert "PROJECTX_USERNAME: set in environment" in shown.out
    assert "very-secret-indeed" not in shown.out + shown.err
    assert "a-trader" not in shown.out + shown.err


def test_check_lists_every_error(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("risk:\n  per_trade: 1\nexecution:\n  slippage_ticks: many\n")
    assert main.run(["config", "check", "--config", str(file)]) == Exit.USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"{file}:2: risk.per_trade: unknown key; did you mean per_trade_pct?" in shown.err
    assert f"{file}:4: execution.slippage_ticks: expected a whole number, found 'many'" in shown.err


@pytest.mark.parametrize("key", ["symbols", "trade"])
def test_check_knows_an_instrument_that_is_none(key: str, capsys: Capture) -> None:
    assert main.run(["config", "check", "--set", f"live.{key}=[XYZ]"]) == Exit.USAGE
    told = capsys.readouterr().err
    assert "live.symbols or live.trade names XYZ; known: 6E, ES, GC" in told


def test_check_of_a_good_one(capsys: Capture) -> None:
    assert main.run(["config", "check"]) == 0
    assert capsys.readouterr().out == "the configuration is good (defaults only)\n"


def test_diff_shows_what_differs(capsys: Capture) -> None:
    flags = ["--set", "execution.slippage_ticks=3", "--set", "backtest.report.plots=false"]
    assert main.run(["config", "diff", "--json", *flags]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "execution.slippage_ticks": {"default": 1, "value": 3}
    }
    assert main.run(["config", "diff", "--backtest", *flags]) == 0
    assert "report.plots: true -> false" in capsys.readouterr().out


def test_schema_knows_every_section_and_the_overrides(capsys: Capture) -> None:
    assert main.run(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"account", "risk", "defense", "strategies"} <= set(schema["properties"])
    overrides = schema["$defs"]["BacktestSection"]["properties"]
    assert {"on_breach", "risk", "defense"} <= set(overrides)
    assert "backtest" not in overrides
