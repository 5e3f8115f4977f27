"""The catalogue: what the strategies state is what the program shows, and outside files work."""

import json
from pathlib import Path

import pytest

from julie.cli.main import run
from julie.core.errors import StrategyError, UsageError
from julie.core.instruments import INDEX_FUTURES
from julie.core.types import BracketSource, Session, Style
from julie.strategies import describe
from julie.strategies.base import Strategy
from julie.strategies.catalogue import catalogue, named

NY = (Session.NY_AM, Session.NY_PM)
ALL = (Session.ASIA, Session.LONDON, *NY)

# name: group, style, structural, sessions, needs, bracket, cooldown, once a day, on
STATED = {
    "regime_adaptive": (
        "RegimeAdaptive", Style.TREND, False, ALL, "", BracketSource.DYNAMIC, 10, False, True),
    "orb": (
        "Breakout Strategy", Style.BREAKOUT, True, NY, "", BracketSource.OWN, 15, True, True),
    "value_area_breakout": (
        "Breakout Strategy", Style.BREAKOUT, True, (Session.LONDON, *NY), "V", BracketSource.OWN,
        15, True, True),
    "liquidity_sweep": (
        "SMT Divergence", Style.SWEEP, True, ALL, "", BracketSource.DYNAMIC, 15, False, True),
    "smooth_trend_asia": (
        "RegimeAdaptive", Style.TREND, True, (Session.ASIA,), "", BracketSource.OWN_PLUS, 20,
        False, True),
    "sma_cross": ("SMA", Style.TREND, False, ALL, "", BracketSource.OWN, 15, False, False),
}  # fmt: skip

OUTSIDE = '''"""Mine: buys every bar that closes up."""

from julie.core.types import BracketSource
from julie.strategies.base import Entries, Style, strategy


@strategy(name="mine", group="Mine", style=Style.TREND, bracket=BracketSource.DYNAMIC, columns=())
def mine(w, p):
    return Entries(when=w.close > w.open)
'''


def test_every_strategy_states_what_its_rule_is() -> None:
    stated = {
        one.name: (
            one.group, one.style, one.structural, one.sessions, one.needs, one.bracket,
            one.cooldown, one.once_a_day, one.on,
        )
        for one in catalogue().values()
    }  # fmt: skip
    assert stated == STATED
    others = [one for name, one in catalogue().items() if name != "sma_cross"]
    assert all(one.instruments == INDEX_FUTURES and one.bases == (60,) for one in others)


@pytest.mark.parametrize("one", catalogue().values(), ids=lambda one: one.name)
def test_every_strategy_says_how_it_trades(one: Strategy) -> None:
    for word in ("Setup", "Trigger", "Invalidation", "Silent"):
        assert f"\n{word} " in one.doc
    noted = {column.name for column in one.declared(one.params())}
    assert len(noted) == len(one.declared(one.params())), "two columns of one name"


def test_a_strategy_outside_the_package_is_found(tmp_path: Path) -> None:
    file = tmp_path / "file.py"
    file.write_text(OUTSIDE)
    assert named(f"{file}:mine").doc.startswith("Mine: buys")
    with pytest.raises(UsageError, match="it holds: mine"):
        named(f"{file}:yours")
    with pytest.raises(UsageError, match="no strategy file"):
        named(f"{tmp_path}/none.py:mine")
    file.write_text("import nowhere_to_be_found\n")
    with pytest.raises(StrategyError, match="ModuleNotFoundError"):
        named(f"{file}:mine")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'orb'"):
        named("orbs")


def test_the_command_lists_all_and_explains_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["strategies", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["strategies"]
    assert [one["name"] for one in listed] == list(catalogue())
    assert run(["strategies", "orb", "--json"]) == 0
    orb = json.loads(capsys.readouterr().out)
    assert orb["params"]["entry"] == "edge"
    assert orb["window"] == ["09:45", "14:59"]
    assert run(["strategies"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == list(describe.HEADINGS)
    assert len(lines) == 1 + len(catalogue())
    assert run(["strategies", "orb"]) == 0
    assert "retest_ticks" in capsys.readouterr().out


def test_the_page_holds_every_number_of_every_strategy() -> None:
    page = describe.markdown(catalogue().values())
    for one in catalogue().values():
        section = page.split(f"## {one.name}\n")[1].split("\n## ")[0]
        for name, value in describe.parameters(one).items():
            assert f"| `{name}` | `{value}` |" in section
