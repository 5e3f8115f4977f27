"""What the two guides show is run: through the real backtest, and through the laws it claims."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import julie.defense
import julie.strategies
from julie.backtest import records
from julie.cli import main
from julie.core import words
from julie.core.errors import Exit
from julie.core.types import Code, Reason
from julie.defense import catalogue as judges
from julie.strategies import catalogue as strategies
from julie.synth import generate, write
from tests.defense.asking import columns_over, from_bars, one_judge, wanted
from tests.docs.guides import (
    add_reasons,
    added_to,
    code_of,
    remove_reason,
    run_tests,
    written,
)
from tests.market.conftest import tables, walk
from tests.strategies.asking import Series, candidates, speakers
from tools.check_accounting import check
from tools.check_generated import config_yaml

__all__ = ["tables", "walk"]

pytestmark = pytest.mark.timeout(120)  # a cold cache compiles the whole desk first

STRATEGY, JUDGE = "writing-a-strategy.md", "writing-a-judge.md"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 simulated days of the MES."""
    folder = tmp_path_factory.mktemp("bars")
    write(generate(days=40, seed=3, symbols=("MES",)), folder)
    return folder / "MES.parquet"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration but the one that a test writes."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The guide's strategy as the file that a newcomer saves."""
    return written(code_of(STRATEGY)["vwap_hold.py"], tmp_path / "mine" / "vwap_hold.py")


@pytest.fixture
def in_package(example: Path) -> Iterator[None]:
    """The same file where the package finds it."""
    with added_to(julie.strategies, example.parent, (strategies.catalogue,)):
        yield


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The guide's judge in its place, with its reasons and sentences, after `make docs`."""
    code = code_of(JUDGE)
    added = list(add_reasons(code["julie/core/types.py: class Reason"]))
    said = eval(  # noqa: S307 - our own page
        f"{{{code['julie/core/words.py: WORDS']}}}", {"Reason": Reason, "Words": words.Words}
    )
    assert list(said) == added
    monkeypatch.setattr(records, "_REASONS", frozenset(map(int, Reason)))
    for reason, sentence in said.items():
        monkeypatch.setitem(words.WORDS, reason, sentence)
    file = written(code["julie/defense/chase.py"], tmp_path / "defense" / "chase.py")
    place = code["julie/defense/catalogue.py: DESIGN_ORDER, after volatility"].strip()
    at = judges.DESIGN_ORDER.index("volatility") + 1
    order = (*judges.DESIGN_ORDER[:at], place.strip('",'), *judges.DESIGN_ORDER[at:])
    monkeypatch.setattr(judges, "DESIGN_ORDER", order)
    with added_to(julie.defense, file.parent, (judges.catalogue, judges.default_order)):
        written(config_yaml(), tmp_path / "config.yaml")
        yield
    for reason in added:
        remove_reason(reason)


def backtest(out: Path, bars: Path, capsys: Capture, *more: str) -> dict[str, Any]:
    """The summary of `julie backtest` over the simulated days."""
    code = main.run(
        ["backtest", "--data", str(bars), "--symbol", "MES", "--out", str(out), "--json",
         "--no-plots", *more]
    )  # fmt: skip
    told = capsys.readouterr()
    assert code == Exit.DONE, told.err
    summary: dict[str, Any] = json.loads(told.out)
    return summary


def test_the_strategy_trades_as_it_says(
    tmp_path: Path, example: Path, bars: Path, capsys: Capture
) -> None:
    summary = backtest(tmp_path / "run", bars, capsys, "--strategies", f"{example}:vwap_hold")
    assert summary["silent"] == {}
    assert summary["trades"] >= 3
    legs = pq.read_table(tmp_path / "run" / "trades.parquet").to_pylist()
    assert {leg["entry_kind"] for leg in legs} == {"limit"}
    assert {leg["exit_reason"] for leg in legs} >= {"reversal"}
    notes = pq.read_table(tmp_path / "run" / "decisions.parquet")["note"].to_pylist()
    assert all(note.startswith("vwap=") and " atr=" in note for note in notes)
    found = check(tmp_path / "run", {"MES": bars})
    assert found.differences == []
    assert sum(found.counts.values()) > 50


def test_its_numbers_are_keys(tmp_path: Path, example: Path, bars: Path, capsys: Capture) -> None:
    words_ = ("--strategies", f"{example}:vwap_hold", "--set", "strategies.vwap_hold.hold")
    many = backtest(tmp_path / "many", bars, capsys, *words_[:-1], f"{words_[-1]}=10")
    few = backtest(tmp_path / "few", bars, capsys, *words_[:-1], f"{words_[-1]}=25")
    assert many["candidates"] > few["candidates"] > 0
    asked = ["backtest", "--data", str(bars), "--symbol", "MES", *words_[:-1]]
    assert main.run([*asked, f"{words_[-1]}=0"]) == Exit.USAGE
    assert "strategies.vwap_hold.hold" in capsys.readouterr().err


def test_without_volume_it_is_silent(
    tmp_path: Path, example: Path, bars: Path, capsys: Capture
) -> None:
    bare = tmp_path / "MES.parquet"
    pq.write_table(pq.read_table(bars).drop_columns(["volume"]), bare)
    named = f"{example}:vwap_hold,sma_cross"
    summary = backtest(tmp_path / "run", bare, capsys, "--strategies", named)
    assert summary["silent"] == {"vwap_hold": "needs volume; the data has none"}
    assert summary["candidates"] > 0


@pytest.mark.usefixtures("in_package")
def test_its_scenario_and_near_miss(tmp_path: Path) -> None:
    assert run_tests(written(code_of(STRATEGY)["test_vwap_hold.py"], tmp_path / "test_v.py")) == 4


@pytest.mark.usefixtures("in_package")
def test_its_shorts_are_longs_upside_down() -> None:
    made = generate(days=12, seed=5, symbols=("MES",)).bars["MES"]
    series = Series(
        made.ts, made.open, made.high, made.low, made.close, made.volume, np.zeros(len(made))
    )
    asked = speakers([strategies.named("vwap_hold")])
    found, turned = (candidates(asked, one) for one in (series, series.upside_down(12_500.0)))
    assert len(found) >= 10
    assert set(zip(found.row, found.side, strict=True)) == set(
        zip(turned.row, -turned.side, strict=True)
    )
    few = candidates(asked, replace(series, **series.rows(0, 6_000)), range(900, 6_001, 1))
    np.testing.assert_array_equal(few.row, found.row[found.row < 6_000])


@pytest.mark.tier2
def test_the_audit_of_the_strategy_is_clean(example: Path, bars: Path, capsys: Capture) -> None:
    asked = ["audit", "--data", str(bars), "--symbol", "MES", "--days", "2", "--json"]
    code = main.run([*asked, "--strategies", f"{example}:vwap_hold"])
    facts = json.loads(capsys.readouterr().out)
    assert (code, facts["shown"], facts["untested"]) == (Exit.DONE, [], [])
    assert facts["strategies"]["vwap_hold"] > 0


@pytest.mark.usefixtures("judged")
def test_the_judge_denies_in_a_backtest(tmp_path: Path, bars: Path, capsys: Capture) -> None:
    chase = ("--set", "defense.chase={most_atr: 2.0, late_atr: 1.0}")
    folders = {name: tmp_path / name for name in ("on", "observe", "off")}
    on = backtest(folders["on"], bars, capsys, *chase)
    observe = backtest(folders["observe"], bars, capsys, "--set", "defense.chase=observe")
    off = backtest(folders["off"], bars, capsys, "--set", "defense.chase=off")
    found = {name: pq.read_table(folders[name] / "decisions.parquet") for name in folders}
    assert {Code.ALLOW, Code.SCALE, Code.DENY} <= set(found["on"]["chase"].to_pylist())
    assert "chase" in found["on"]["outcome"].to_pylist()
    assert Code.DENY in found["observe"]["chase"].to_pylist()
    assert set(found["off"]["chase"].to_pylist()) == {Code.NOT_ASKED}
    assert (observe["trades"], observe["net"]) == (off["trades"], off["net"])
    assert on["candidates"] == off["candidates"]


@pytest.mark.usefixtures("judged")
def test_the_judge_is_explained(tmp_path: Path, bars: Path, capsys: Capture) -> None:
    backtest(tmp_path / "run", bars, capsys)
    assert main.run(["defense", "chase"]) == Exit.DONE
    assert "defense.sessions.ASIA.chase.most_atr" in capsys.readouterr().out
    told = words.sentence(Reason["CHASE"], (12.25, 12.0))
    assert told == "Chase: 12.25 from the 20-bar average, at most 12.00"


@pytest.mark.usefixtures("judged")
def test_the_test_of_the_judge(tmp_path: Path) -> None:
    code = code_of(JUDGE)["tests/defense/test_chase.py"]
    assert run_tests(written(code, tmp_path / "test_chase.py")) == 5


@pytest.mark.usefixtures("judged")
def test_the_judge_obeys_the_laws(walk: Any, tables: Any) -> None:
    chain, month = one_judge("chase"), walk(6, seed=11)
    signs = {"open": "open", "high": "low", "low": "high", "close": "close"}
    turned = month | {name: -month[other] for name, other in signs.items()}
    up, down = (columns_over(wanted(chain), one, tables) for one in (month, turned))
    rows = np.arange(100, len(month["ts"]))
    longs, shorts = chain(from_bars(chain, up, rows, 1)), chain(from_bars(chain, down, rows, -1))
    assert {Code.ALLOW, Code.SCALE, Code.DENY} <= set(longs.codes.ravel().tolist())
    np.testing.assert_array_equal(longs.codes, shorts.codes)
    np.testing.assert_array_equal(longs.factor, shorts.factor)
    alone = [chain(from_bars(chain, up, rows[k : k + 1], 1)).codes[0, 0] for k in range(300)]
    np.testing.assert_array_equal(longs.codes[:300, 0], alone)
