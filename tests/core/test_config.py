"""The loader tells every fault at once, with its line, and what was probably meant."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, model_validator

from julie.core.config import Loaded, load
from julie.core.errors import ConfigError, Exit
from julie.core.section import ClockTime, Section, key


class Risk(Section):
    per_trade_pct: float = key(0.25, "risk", "%", gt=0, le=5)
    mode: Literal["off", "fixed"] = "off"
    steps: tuple[int, ...] = (1, 2)
    low: int = 1
    high: int = 2
    flat: ClockTime = "15:05"

    @model_validator(mode="after")
    def _order(self) -> "Risk":
        if self.low > self.high:
            raise ValueError(f"low {self.low} lies above high {self.high}")
        return self


class Backtest(Section):
    on_breach: Literal["restart", "stop"] = "restart"


class Tree(Section):
    risk: Risk = Risk()
    named: dict[str, Risk] = Field({})
    backtest: Backtest = Backtest()


def from_text(tmp_path: Path, text: str, *sets: str, **more: bool) -> Loaded[Tree]:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return load(Tree, [file], list(sets), "backtest", more.get("with_overlay", False))


def faults(tmp_path: Path, text: str, *sets: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        from_text(tmp_path, text, *sets)
    assert caught.value.exit_code == Exit.USAGE
    return [
        line.strip().removeprefix(f"{tmp_path}/") for line in caught.value.message.splitlines()[1:]
    ]


def test_nothing_given_is_the_defaults() -> None:
    loaded = load(Tree)
    assert loaded.tree == Tree()
    assert list(loaded.changed()) == []
    assert loaded.origin(("risk", "low")) == "default"


def test_all_faults_at_once_with_their_lines(tmp_path: Path) -> None:
    text = (
        "risk:\n"
        "  per_trade_pct: much\n"
        "  per_trad_pct: 1\n"
        "  mode: on\n"
        "  steps: [1, x]\n"
        "  low: 1.5\n"
        "backtest:\n"
        "  on_breech: stop\n"
        "named:\n"
        "  a: {low: true}\n"
        "on_breach: stop\n"
    )
    assert faults(tmp_path, text) == [
        "config.yaml:2: risk.per_trade_pct: expected a number, found 'much'",
        "config.yaml:3: risk.per_trad_pct: unknown key; did you mean per_trade_pct?",
        "config.yaml:4: risk.mode: expected one of 'off' or 'fixed', found 'on'",
        "config.yaml:5: risk.steps.1: expected a whole number, found 'x'",
        "config.yaml:6: risk.low: expected a whole number, found 1.5",
        "config.yaml:8: backtest.on_breech: unknown key; did you mean on_breach?",
        "config.yaml:10: named.a.low: expected a whole number, found True",
        "config.yaml:11: on_breach: unknown key; did you mean backtest.on_breach?",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("risk: {low: 5}", "config.yaml:1: risk: low 5 lies above high 2"),
        ("risk: 3", "config.yaml:1: risk: expected a section with keys below it, found 3"),
        ("risk:\n  low: 1\n  low: 2", "config.yaml:3: risk.low is given twice, first in line 2"),
        ("risk:\n  low: [", "config.yaml:2: is not YAML"),
        ("- risk", "config.yaml:1: expected lines `key: value` at the top"),
        ("risk: {per_trade_pct: 9}", "expected a number up to 5, found 9"),
        ("risk: {per_trade_pct: .inf}", "expected a number, found '.inf'"),
        ("risk: {flat: 25:00}", "expected a time such as 09:30, found '25:00'"),
        ("risk: {low: !!python/name:os.system x}", "is not YAML"),
        ("named: {a: {lo: 1}}", "named.a.lo: unknown key; did you mean low?"),
        ("risk: {zzz: 1}", "known here: flat, high, low, mode, per_trade_pct, steps"),
    ],
)
def test_one_fault(tmp_path: Path, text: str, fault: str) -> None:
    found = faults(tmp_path, text)
    assert len(found) == 1
    assert fault in found[0]


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        load(Tree, [tmp_path / "none.yaml"])


def test_flags_win_over_files_and_later_files_over_earlier(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("risk: {low: 2, high: 8, mode: fixed}\n")
    second.write_text("risk:\n  high: 9\n")
    loaded = load(Tree, [first, second], ["risk.steps=[3, 4]", "risk.flat=14:00"])
    assert loaded.tree.risk == Risk(low=2, high=9, mode="fixed", steps=(3, 4), flat="14:00")
    assert loaded.origin(("risk", "high")) == f"{second}:2"
    assert loaded.origin(("risk", "low")) == f"{first}:1"
    assert loaded.origin(("risk", "steps")) == "--set risk.steps=[3, 4]"
    assert {key: (a, b) for key, a, b in loaded.changed()}["risk", "low"] == (1, 2)


@pytest.mark.parametrize("flag", ["risk", "=3", "risk..low=3", "risk.low=[1"])
def test_a_flag_that_says_nothing(tmp_path: Path, flag: str) -> None:
    assert faults(tmp_path, "", flag)[0].startswith(f"--set {flag}: ")


def test_a_flag_out_of_line_names_the_flag(tmp_path: Path) -> None:
    assert faults(tmp_path, "risk: {high: 3}", "risk.low=4") == [
        "--set risk.low=4: risk: low 4 lies above high 3"
    ]


def test_the_overlay_holds_only_when_asked_and_is_always_checked(tmp_path: Path) -> None:
    text = "risk: {high: 7}\nbacktest:\n  on_breach: stop\n  risk: {low: 5}\n"
    assert from_text(tmp_path, text).tree.risk == Risk(high=7)
    laid = from_text(tmp_path, text, with_overlay=True)
    assert laid.tree.risk == Risk(low=5, high=7)
    assert laid.tree.backtest.on_breach == "stop"
    assert laid.origin(("risk", "low")).endswith("config.yaml:4")
    assert faults(tmp_path, "backtest:\n  risk: {low: 5}\n") == [
        "config.yaml:2: risk: low 5 lies above high 2"
    ]


def test_a_section_with_nothing_in_it_is_its_defaults(tmp_path: Path) -> None:
    assert from_text(tmp_path, "risk:\nnamed:\n  a:\n").tree == Tree()


def test_the_hash_is_of_values_not_of_words(tmp_path: Path) -> None:
    same = from_text(tmp_path, "# a comment\nrisk: {low: 1}\n")
    assert same.hash == load(Tree).hash
    assert from_text(tmp_path, "risk: {low: 2}").hash != same.hash
