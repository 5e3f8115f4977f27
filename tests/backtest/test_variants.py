"""The same signals under other engines' fill rules: what the rule alone does to the result."""

from dataclasses import replace

import pytest

from julie.backtest.engine import market_of, walk_desk
from julie.backtest.finish import fill_variants
from julie.backtest.runner import Run, fresh_record
from julie.core.types import ExitReason
from julie.execution.matching import FILLS
from tests.backtest.provoking import drawn, provoked, sessions

STILL = (0, 1, -1, 0)
FREE = ("account.profile=plain", "defense.circuit_breaker=off", "defense.directional_loss=off")
ONE_LOT = ("strategies.cue={sizing: fixed}", "defense.order=[session]")
HOUSE, NEXT_BAR, AS_DRAWN, SIGNAL_CLOSE, NO_REENTRY = range(5)
NAMES = [name for name, _ in FILLS]


def run_on(*candles: tuple[int, int, int, int], cues: tuple[int, ...] = (0,)) -> Run:
    return provoked((drawn(*candles, cues=cues),), *ONE_LOT, rules=("cue",))


def trades(run: Run, rule: int) -> list[tuple[str, int, int]]:
    """(exit, entry tick, exit tick) under a rule, around 24,000."""
    record = fresh_record(run)
    record.rules["fills"] = rule
    market = market_of(run.request.series, run.request.traded, run.line, run.swept.kept)
    table = run.judged.table._replace(outcome=run.judged.table.outcome * 0)
    walk_desk(record, replace(run.judged, table=table), market, run.line)
    legs = record.trades[: int(record.account[0]["legs"])]
    words = [ExitReason(int(x)).word for x in legs["exit_reason"]]
    ends = [(legs[name] - 24_000).tolist() for name in ("entry_tick", "exit_tick")]
    return list(zip(words, *ends, strict=True))


class TestABarWithBothLegs:
    """Bought at 1 (stop -7, target 13); the entry bar touches both, then the market rises."""

    CANDLES = (STILL, (0, 15, -9, 0), (0, 16, -1, 15), STILL)

    @pytest.mark.parametrize(
        ("rule", "wanted"),
        [
            (HOUSE, [("stop", 1, -8)]),
            (NEXT_BAR, [("target", 1, 13)]),
            (AS_DRAWN, [("target", 1, 13)]),
            (SIGNAL_CLOSE, [("stop", 1, -8)]),
            (NO_REENTRY, [("stop", 1, -8)]),
        ],
    )
    def test_who_wins(self, rule: int, wanted: list[tuple[str, int, int]]) -> None:
        assert trades(run_on(*self.CANDLES), rule) == wanted


class TestAGapAfterTheSignal:
    """The market opens 6 ticks higher and comes back: only the signal's close bought cheap."""

    CANDLES = (STILL, (6, 8, -2, 4), (4, 14, 3, 13), STILL)

    @pytest.mark.parametrize(
        ("rule", "wanted"),
        [
            (HOUSE, [("stop", 7, -2)]),
            (SIGNAL_CLOSE, [("target", 1, 13)]),
        ],
    )
    def test_where_it_was_bought(self, rule: int, wanted: list[tuple[str, int, int]]) -> None:
        assert trades(run_on(*self.CANDLES), rule) == wanted


class TestASignalOnTheBarOfAnExit:
    CANDLES = (STILL, (0, 1, -1, 0), (0, 14, 0, 12), (12, 13, 11, 12), (12, 27, 12, 26), STILL)

    def test_the_house_enters_again(self) -> None:
        run = run_on(*self.CANDLES, cues=(0, 2))
        assert trades(run, HOUSE) == [("target", 1, 13), ("target", 13, 25)]

    def test_others_wait(self) -> None:
        run = run_on(*self.CANDLES, cues=(0, 2))
        assert trades(run, NO_REENTRY) == [("target", 1, 13)]

    def test_a_bar_later_they_enter_too(self) -> None:
        run = run_on(*self.CANDLES, cues=(0, 3))
        assert trades(run, NO_REENTRY) == trades(run, HOUSE)


def test_the_table_of_variants() -> None:
    """One line a rule, net in dollars: a stop costs 9 ticks and 1.22, a target wins 12."""
    run = run_on(*TestABarWithBothLegs.CANDLES)
    market = market_of(run.request.series, run.request.traded, run.line, run.swept.kept)
    found = {v.name: (v.trades, v.net) for v in fill_variants(run, market)}
    assert list(found) == NAMES
    assert found["house"] == (1, -12.47)
    assert found["bracket_next_bar"] == found["as_drawn"] == (1, 13.78)
    assert found["signal_close"] == found["no_reentry"] == (1, -12.47)


@pytest.mark.tier1
def test_variants_leave_the_run_alone() -> None:
    run = provoked(sessions(1), *FREE)
    before = run.record.trades.copy(), run.judged.table.outcome.copy()
    market = market_of(run.request.series, run.request.traded, run.line, run.swept.kept)
    first, second = fill_variants(run, market), fill_variants(run, market)
    assert first == second
    assert (run.record.trades == before[0]).all()
    assert (run.judged.table.outcome == before[1]).all()
    legs = run.record.trades[: int(run.record.account[0]["legs"])]
    assert first[0].net == pytest.approx(float((legs["gross"] - legs["fees"]).sum()) / 100)
    assert len({v.net for v in first}) >= 3
