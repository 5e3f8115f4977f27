"""The chain: order, exceptions, what is not ready, what counts, and who would have passed."""

from typing import Any

import numpy as np
import pytest

from julie.core.candidates import empty
from julie.core.clock import MachineClock
from julie.core.errors import ConfigError
from julie.core.types import Code, Reason, Session, Style
from julie.defense.base import Params, Verdicts, deny, judge, record_judge, scale
from julie.defense.catalogue import DESIGN_ORDER, catalogue, default_order, in_order, named
from julie.defense.chain import Chain, denials, denied_alone
from julie.defense.overrides import Mode, Overrides
from julie.market.columns.averages import atr
from julie.regime.chop import Chop
from tests.defense.asking import Asker, codes, one_judge, quiet, whole_chain

AT_TOP: dict[str, Any] = {"close": 5010.0}
ASLEEP: dict[str, Any] = {"vol_regime": 0.0}
IN_CHOP = {"chop_state": float(Chop.IN_CHOP)}


def place(chain, name):
    return chain.names.index(name)


def test_the_order_is_the_design_s_and_holds_every_judge():
    order = default_order()
    assert set(order) == set(catalogue())
    assert list(order) == [name for name in DESIGN_ORDER if name in catalogue()]
    assert order[:3] == ("session", "news", "holiday")


def test_nothing_against_a_quiet_candidate():
    chain = whole_chain()
    result = chain(quiet(2))
    column_judges = [name not in chain.asked(result) for name in chain.names]
    assert (result.codes[:, column_judges] == Code.ALLOW).all()
    assert result.first_denier.tolist() == [-1, -1]
    assert result.factor.tolist() == [1.0, 1.0]
    assert len(result.spoken.candidate) == 0


def test_every_judge_speaks_and_the_first_denier_is_the_reason():
    chain = whole_chain()
    result = chain(quiet(2, **AT_TOP, **ASLEEP))
    said = {name: codes(result, place(chain, name)) for name in ("volatility", "penalty_box")}
    assert said == {"volatility": [Code.DENY] * 2, "penalty_box": [Code.DENY, Code.ALLOW]}
    assert result.first_denier.tolist() == [place(chain, "volatility")] * 2
    assert result.reason.tolist() == [Reason.ULTRA_LOW_VOLATILITY] * 2


def test_another_order_gives_another_reason():
    swapped = Chain(in_order(("penalty_box", "volatility")), (Asker(),))
    result = swapped(quiet(2, **AT_TOP, **ASLEEP))
    assert result.first_denier.tolist() == [0, 1]
    assert result.reason.tolist() == [Reason.PENALTY_BOX, Reason.ULTRA_LOW_VOLATILITY]


def test_factors_multiply():
    thin: dict[str, Any] = {"holiday_effect": 1.0, "chop_state": float(Chop.BREAKOUT_LONG)}
    result = whole_chain()(quiet(2, **thin))
    assert result.factor.tolist() == [0.25, 0.5]
    scalers = result.spoken.code == Code.SCALE
    assert result.spoken.factor[scalers].tolist() == [0.5, 0.5, 0.5]


def test_observed_judges_speak_and_do_not_count():
    layers = Overrides(judges={"volatility": "observe", "holiday": "observe"})
    chain = whole_chain(overrides=layers)
    result = chain(quiet(2, holiday_effect=1.0, **ASLEEP))
    assert codes(result, place(chain, "volatility")) == [Code.DENY] * 2
    assert result.first_denier.tolist() == [-1, -1]
    assert result.factor.tolist() == [1.0, 1.0]
    assert len(result.spoken.candidate) == 4
    assert not result.counts[place(chain, "volatility")].any()


def test_a_judge_that_is_off_is_not_asked():
    chain = whole_chain(overrides=Overrides(judges={"volatility": "off"}))
    result = chain(quiet(2, vol_percentile=np.nan, **ASLEEP))
    assert codes(result, place(chain, "volatility")) == [Code.NOT_ASKED] * 2
    assert result.first_denier.tolist() == [-1, -1]


def test_the_later_layer_wins():
    askers = (Asker("patient"), Asker("hasty"))
    layers = Overrides(
        judges={"penalty_box": {"points": 3.0}},
        sessions={"ASIA": {"penalty_box": {"points": 2.0}}, "NY_PM": {"penalty_box": "off"}},
        strategies={"hasty": {"penalty_box": {"points": 0.0}}},
    )
    chain = one_judge("penalty_box", *askers, overrides=layers)
    said = {}
    for session in (Session.ASIA, Session.LONDON, Session.NY_AM, Session.NY_PM):
        rows: list[list[int]] = [[], []]
        for strategy in (0, 1):
            for gap in (0.0, 0.75, 2.0, 3.0):
                c = quiet(1, session, close=5010.0 - gap, strategy=strategy)
                rows[strategy].append(codes(chain(c))[0])
        said[session] = rows
    allow, no = Code.ALLOW, Code.DENY
    assert said[Session.ASIA] == [[no, no, no, allow], [no, allow, allow, allow]]
    assert said[Session.LONDON] == [[no, no, allow, allow], [no, allow, allow, allow]]  # shipped
    assert said[Session.NY_AM] == [[no, no, no, no], [no, allow, allow, allow]]
    assert said[Session.NY_PM] == [[Code.NOT_ASKED] * 4] * 2


def test_a_later_layer_may_switch_on_again():
    layers = Overrides(judges={"volatility": "off"}, strategies={"somebody": {"volatility": "on"}})
    assert codes(one_judge("volatility", overrides=layers)(quiet(2, **ASLEEP))) == [Code.DENY] * 2


def test_one_table_may_hold_several_strategies_and_sessions():
    askers = (Asker("a"), Asker("b", style=Style.BREAKOUT))
    layers = Overrides(strategies={"a": {"penalty_box": {"points": 2.0}}})
    chain = one_judge("penalty_box", *askers, overrides=layers)
    c = quiet(4, close=5008.5)
    c.data["side"][:] = 1
    c.data["strategy"][:] = [0, 1, 0, 1]
    c.data["style"][:] = [0, 0, 0, Style.BREAKOUT]
    c.data["session"][:] = [Session.ASIA, Session.ASIA, Session.NY_AM, Session.NY_AM]
    assert codes(chain(c)) == [Code.DENY, Code.ALLOW, Code.DENY, Code.NOT_ASKED]


def test_what_has_no_value_is_not_ready_and_denied():
    chain = whole_chain()
    result = chain(quiet(2, vol_percentile=np.array([np.nan, 50.0])))
    assert codes(result, place(chain, "volatility")) == [Code.NOT_READY, Code.ALLOW]
    assert result.first_denier.tolist() == [place(chain, "volatility"), -1]
    assert result.reason.tolist() == [Reason.NOT_READY, Reason.NONE]
    assert len(result.spoken.candidate) == 0


def test_infinite_minutes_to_news_are_ready():
    result = one_judge("news")(quiet(2, min_to_event=np.inf, min_since_event=np.inf))
    assert codes(result) == [Code.ALLOW] * 2


def test_who_would_have_passed_without_one_judge():
    chain = whole_chain()
    result = chain(quiet(2, **AT_TOP, **ASLEEP))
    by_judge = denials(result.codes, result.modes).sum(axis=0)
    alone = denied_alone(result.codes, result.modes)
    assert by_judge[place(chain, "volatility")] == 2
    assert by_judge[place(chain, "penalty_box")] == 1
    assert np.argwhere(alone).tolist() == [[1, place(chain, "volatility")]]


def test_record_judges_are_left_to_the_desk():
    layers = Overrides(
        judges={"directional_loss": "observe"}, strategies={"b": {"circuit_breaker": "off"}}
    )
    chain = whole_chain(Asker("a"), Asker("b"), overrides=layers)
    result = chain(quiet(2, strategy=np.array([0, 1])))
    asked = {name: modes.tolist() for name, modes in chain.asked(result).items()}
    assert asked == {
        "circuit_breaker": [Mode.ON, Mode.OFF],
        "account_rules": [Mode.ON, Mode.ON],
        "directional_loss": [Mode.OBSERVE, Mode.OBSERVE],
    }
    assert not result.codes[:, place(chain, "circuit_breaker")].any()


def test_a_strategy_may_be_exempt_by_name():
    @judge(name="picky", columns=(), numbers=(), exempt_names=("friend",))
    def picky(c, p):
        return deny(c.side > 0, Reason.PENALTY_BOX)

    chain = Chain((picky,), (Asker("friend"), Asker("foe")))
    result = chain(quiet(2, side=1, strategy=np.array([0, 1])))
    assert codes(result) == [Code.NOT_ASKED, Code.DENY]


def test_the_first_clause_that_speaks_wins():
    @judge(name="torn", columns=(), numbers=("close",))
    def torn(c, p):
        half = scale(c.side > 0, 0.5, Reason.CHOP_UNPROVEN, c.close)
        return half.then(deny(c.close > 0, Reason.IN_CHOP, c.close))

    result = Chain((torn,), (Asker(),))(quiet(2))
    assert codes(result) == [Code.SCALE, Code.DENY]
    assert result.spoken.candidate.tolist() == [0, 1]
    assert result.spoken.numbers[0].tolist() == [5000.0, 5000.0]
    assert np.isnan(result.spoken.numbers[1:]).all()


def test_no_candidates_and_no_judges():
    none = whole_chain()(empty(0))
    assert none.codes.shape == (0, len(default_order()))
    assert len(none.factor) == 0
    unjudged = Chain((), (Asker(),))(quiet(2))
    assert unjudged.codes.shape == (2, 0)
    assert unjudged.first_denier.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (Overrides(judges={"penaltybox": {}}), "did you mean penalty_box?"),
        (Overrides(judges={"penalty_box": {"point": 1.0}}), "did you mean points?"),
        (Overrides(judges={"penalty_box": {"points": "far"}}), "defense.penalty_box.points"),
        (Overrides(judges={"penalty_box": "asleep"}), "expected on, observe, off"),
        (Overrides(sessions={"ASIAN": {}}), "did you mean ASIA?"),
        (Overrides(strategies={"a": {"newz": "off"}}), "did you mean news?"),
        (
            Overrides(sessions={"ASIA": {"news": {"file": "x.csv"}}}),
            "defense.sessions.ASIA.news.file: can only be set under defense.news",
        ),
    ],
)
def test_layers_that_mean_nothing_are_refused(layers, said):
    with pytest.raises(ConfigError) as error:
        whole_chain(overrides=layers)
    assert said in error.value.message


def test_layers_of_a_judge_outside_the_order_are_no_fault():
    chain = one_judge("news", overrides=Overrides(judges={"chop": {"fade_scale": 0.25}}))
    assert codes(chain(quiet(2))) == [Code.ALLOW] * 2


def test_all_faults_of_a_judge_are_told_at_once():
    layers = Overrides(judges={"news": {"befor_min": 1, "after": 2}})
    with pytest.raises(ConfigError) as error:
        one_judge("news", overrides=layers)
    assert error.value.message.count("unknown key") == 2


def test_an_unknown_judge_has_a_near_name():
    with pytest.raises(ConfigError, match="did you mean volatility"):
        named("volatilty")
    with pytest.raises(ConfigError, match="twice"):
        in_order(("news", "news"))


def test_two_judges_may_not_give_one_name_to_two_columns():
    @judge(name="one", columns=(atr(5).named("x"),), numbers=())
    def one(c, p):
        return deny(c.x > 0, Reason.IN_CHOP)

    @judge(name="two", columns=(atr(6).named("x"),), numbers=())
    def two(c, p):
        return deny(c.x > 0, Reason.IN_CHOP)

    with pytest.raises(ConfigError, match="another judge something else"):
        Chain((one, two), (Asker(),))


def test_a_rule_must_be_elementwise():
    @judge(name="summing", columns=(), numbers=())
    def summing(c, p):
        return Verdicts(1, deny(np.array([True]), Reason.IN_CHOP).clauses)

    assert_failed(Chain((summing,), (Asker(),)), "judge summing answered in the shape")


def test_a_rule_reads_only_numbers_it_has():
    @judge(name="guessing", columns=(), numbers=())
    def guessing(c, p):
        return deny(c.side > p.limit, Reason.IN_CHOP)

    assert_failed(Chain((guessing,), (Asker(),)), "no number 'limit'")


def assert_failed(chain, words):
    """Nobody passes, and the unit says why."""
    result = chain(quiet(2))
    assert result.reason.tolist() == [Reason.JUDGE_FAILED] * 2
    assert codes(result) == [Code.DENY] * 2
    assert words in chain.units[0].words


def test_a_verdict_has_four_numbers_at_most():
    with pytest.raises(ValueError, match="at most 4"):
        record_judge(name="chatty", numbers=("a", "b", "c", "d", "e"))


def test_numbers_of_the_base_layer_are_handed_on():
    class P(Params):
        limit: float = 3.0

    def ask():
        return 0

    declared = record_judge(name="own", numbers=("x",), params=P)(ask)
    layers = Overrides(judges={"own": {"limit": 5.0}}, sessions={"ASIA": {"own": {"limit": 1.0}}})
    chain = Chain((declared,), (Asker(),), layers)
    assert chain.params("own") == P(limit=5.0)
    assert declared.ask is ask


def seconds(chain, c, times):
    clock = MachineClock()
    best = []
    for _ in range(times):
        begin = clock.mono_ns()
        chain(c)
        best.append(clock.mono_ns() - begin)
    return min(best) / 1e9


def test_a_run_s_candidates_take_milliseconds_and_a_close_s_far_less():
    chain = whole_chain()
    assert seconds(chain, quiet(30_000, chop_state=np.arange(30_000) % 8), 5) < 0.05
    assert seconds(chain, quiet(2), 200) < 0.000_5
