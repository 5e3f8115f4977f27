"""The tree: sections of the rooms, the fields of every strategy and judge, and the exceptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from julie.core.config_errors import shapes_in
from julie.core.errors import ConfigError
from julie.core.params import Params
from julie.core.types import Sizing
from julie.settings import Settings, default_tree, load_settings, tree


class Cross(Params):
    fast: int = 9
    slow: int = 21


class Points(Params):
    points: float = 1.0
    bars: int = 30


@dataclass(frozen=True)
class Facts:
    params: type[Params]
    on: bool = True
    tier: int = 2
    sizing: Sizing = Sizing.RISK
    contracts: int = 1
    cooldown: int = 15
    once_a_day: bool = False


@dataclass(frozen=True)
class Judge:
    params: type[Params]


JUDGES: Mapping[str, Judge] = {"session": Judge(Params), "penalty_box": Judge(Points)}
ROOT = tree(
    {"sma_cross": Facts(Cross, on=False, cooldown=4), "orb": Facts(Params, sizing=Sizing.FIXED)},
    JUDGES,
)


def settings(*sets: str, for_backtest: bool = False) -> Settings:
    return load_settings(ROOT, sets=sets, for_backtest=for_backtest).tree


def faults(*sets: str) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(*sets)
    return caught.value.message


def test_a_strategy_states_its_defaults_and_the_file_overrides_them() -> None:
    plain = settings().strategies
    assert plain.enabled() == ("orb",)
    assert plain["orb"].sizing == "fixed"
    assert plain["sma_cross"].cooldown == 4
    changed = settings("strategies.sma_cross.fast=5", "strategies.sma_cross.enabled=true")
    assert changed.strategies["sma_cross"].params == Cross(fast=5, slow=21)
    assert changed.strategies.enabled() == ("sma_cross", "orb")


def test_exceptions_keep_what_was_said_and_no_more() -> None:
    made = settings(
        "defense.session=observe",
        "defense.penalty_box.bars=20",
        "defense.sessions.ASIA.penalty_box.points=0.5",
        "strategies.orb.defense.penalty_box=off",
        "strategies.orb.defense.session=on",
    ).overrides()
    assert made.judges == {"session": "observe", "penalty_box": {"bars": 20}}
    assert made.sessions["ASIA"] == {"penalty_box": {"points": 0.5}}
    assert made.sessions["LONDON"] == {}
    assert made.strategies["orb"] == {"penalty_box": "off", "session": "on"}


def test_the_default_order_is_that_of_the_judges() -> None:
    assert settings().defense.order == ("session", "penalty_box")
    assert settings("defense.order=[penalty_box]").defense.order == ("penalty_box",)


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("defense.order=[sesion]", "there is no judge 'sesion'; did you mean session?"),
        ("defense.order=[session, session]", "names session twice"),
        ("defense.penaltybox=off", "unknown key; did you mean penalty_box?"),
        ("defense.penalty_box=perhaps", "expected one of 'on', 'observe' or 'off'"),
        ("defense.penalty_box.point=1", "defense.penalty_box.point: unknown key; did you mean"),
        ("defense.sessions.ASIA.penalty_box.points=x", "expected a number, found 'x'"),
        ("strategies.orbb.enabled=true", "strategies.orbb: unknown key; did you mean orb?"),
        (
            "strategies.sma_cross.fats=1",
            "strategies.sma_cross.fats: unknown key; did you mean fast",
        ),
        ("strategies.orb.defense.penalty_box.a=1", "unknown key"),
        ("account.profile=topstep", "profile 'topstep' is none of topstepx_50k"),
        ("risk.per_trade_pct=0.9", "contradicts caps.per_trade_pct_low"),
        ("risk.gate.stop_ticks_low=2", "contradicts sltp_min.ticks"),
        ("data.contract=ESZ6", "contradicts symbol_mode auto_by_day"),
        ("data.symbol_mode=fixed", "needs a contract"),
        ("management.times.last_entry=15:06", "lies after flat"),
        ("sessions.LONDON=17:00", "sessions must begin at 18:00"),
        ("instruments.SIL.tick=0.005", "lacks tick_value, fee, contract_root"),
        ("backtest.risk.per_trade=0.3", "risk.per_trade: unknown key"),
    ],
)
def test_what_is_refused(flag: str, words: str) -> None:
    assert words in faults(flag)


def test_a_params_field_may_not_shadow_a_general_key() -> None:
    class Shadow(Params):
        tier: int = 3

    with pytest.raises(TypeError, match="may not have a field 'tier'"):
        tree({"shadow": Facts(Shadow)}, JUDGES)


def test_overrides_for_backtests_alone() -> None:
    flags = ("backtest.execution.slippage_ticks=0", "backtest.defense.session=off")
    assert settings(*flags).execution.slippage_ticks == 1
    laid = settings(*flags, for_backtest=True)
    assert laid.execution.slippage_ticks == 0
    assert laid.overrides().judges == {"session": "off"}


def test_instruments_can_be_added_and_changed() -> None:
    flags = [
        "instruments.RTY.unit_pts=2.1",
        "instruments.SIL={tick: 0.005, tick_value: 5, fee: 1.36, contract_root: SIL}",
        "execution.fees=venue_2025",
    ]
    table = settings(*flags).instrument_table()
    assert table["RTY"].unit == 2.1
    assert table["SIL"].tick_value_cents == 500
    assert table["SIL"].fees[0].side_cents == 136
    assert table["MES"].fees[0].side_cents == 37
    assert settings().instrument_table()["MES"].fees[0].side_cents == 61


@pytest.mark.parametrize(
    ("profile", "floor", "daily", "minis"),
    [
        ("topstepx_50k", 2_000, 1_000, 5),
        ("topstepx_100k", 3_000, 2_000, 10),
        ("topstepx_150k", 4_500, 3_000, 15),
        ("express_50k", 2_000, 1_000, 5),
        ("plain", 0, 0, 0),
    ],
)
def test_profiles_are_those_of_the_venue(
    profile: str, floor: float, daily: float, minis: float
) -> None:
    rules = settings(f"account.profile={profile}").account.rules
    assert (rules.maximum_loss, rules.daily_loss, rules.max_minis) == (floor, daily, minis)
    assert rules.venue_times is (profile != "plain")


def test_the_express_plan_grows_with_profit() -> None:
    steps = settings("account.profile=express_150k").account.rules.scaling
    assert [step.minis for step in steps] == [3, 4, 5, 10, 15]
    assert [step.from_profit for step in steps] == [0, 1_500, 2_000, 3_000, 4_500]
    assert settings("account.profile=express_150k").account.start == 0


def test_a_limit_that_was_not_bought_does_not_bind() -> None:
    assert settings("account.daily_loss_bought=false").account.rules.daily_loss == 0


def test_the_shipped_file_holds_every_key_at_its_default() -> None:
    root = default_tree()
    loaded = load_settings(root, [Path(__file__).parents[2] / "config.yaml"])
    assert loaded.tree.model_dump(mode="json") == root().model_dump(mode="json")
    given = set(loaded.origins)
    missing = [".".join(key) for key in _keys(root()) if key not in given]
    assert missing == []


def test_every_key_has_a_word_of_explanation() -> None:
    silent = [".".join(key) for key, field in _fields(default_tree()) if not field.description]
    assert silent == []


def _fields(root: Any, at: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every key that stands in config.yaml, with its field; sections speak for themselves."""
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, field in root.model_fields.items():
        inner = [shape for shape in shapes_in(field.annotation) if isinstance(shape, type)]
        if (at[:1] == ("defense",) and name == "sessions") or "defense" in at[2:]:
            continue  # exceptions have the judge's own fields
        if inner:
            found += _fields(inner[0], (*at, name))
        else:
            found.append(((*at, name), field))
    return found


def _keys(section: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name in type(section).model_fields:
        inner = getattr(section, name)
        found.append((*at, name))
        exceptions = "defense" in at[2:] or (name == "defense" and at[:1] == ("strategies",))
        if hasattr(inner, "model_fields_set") and not exceptions and at[-1:] != ("sessions",):
            found += _keys(inner, (*at, name))
    return found
