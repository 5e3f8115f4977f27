"""The batch walk and the event desk are one desk: the same rows give the same record, to the bit.

Batch walks compiled from candidate to candidate; stepped, every row goes alone through graph,
rules, judges, event desk and matching broker, which is told only what the desk orders.
"""

from dataclasses import replace

import numpy as np
import pytest

from julie.backtest.audit.audit import compare_runs
from julie.backtest.audit.findings import Findings
from julie.backtest.runner import Run
from julie.core.bars import Bars
from julie.core.types import ExitReason, Reason
from tests.backtest.provoking import minute_of, only, provoked, rolled, sessions, stepped

NO_STREAKS = (
    "defense.circuit_breaker.account_losses=0",
    "defense.circuit_breaker.strategy_losses=0",
    "defense.directional_loss=off",
    "risk.gate.entries_a_day=0",
)
ONE_LOT = ("strategies.pinger={sizing: fixed}", "strategies.angler={sizing: fixed}")
MINE = (
    "account.profiles={mine: {maximum_loss: 250, floor_stops_at: 50000, daily_loss: 150}}",
    "account.profile=mine",
)
FREE = ("account.profiles={free: {}}", "account.profile=free", "defense.circuit_breaker=off")
CASES = {
    "as shipped": (),
    "left alone": (*NO_STREAKS, *FREE),
    "every stop moves": (
        *NO_STREAKS,
        *FREE,
        "management.break_even={after: first_target}",
        "management.trail={by: atr, atr: 1.5}",
        "management.tighten={after_wins: 2, share: 0.5}",
    ),
    "tiny limits, breached accounts": (
        *ONE_LOT, *MINE, "defense.directional_loss=off", "management.on_limit=flatten",
        "defense.circuit_breaker={day_loss_usd: 140, account_losses: 0, strategy_losses: 4}",
        "management.on_strategy_off=flatten",
    ),
    "the venue's daily limit": (
        *NO_STREAKS, *ONE_LOT, *MINE, "defense.circuit_breaker=off",
    ),
    "observed limits, swings, a time stop": (
        *NO_STREAKS, "defense.circuit_breaker=observe", "management.trail={by: swing}",
        "management.time_stop_bars=7", "risk.scale_floor=deny", "execution.slippage_ticks=3",
    ),
    "a plain account holds over the night": (
        *NO_STREAKS, "account.profile=plain", "defense.circuit_breaker=off",
        "management.break_even={after: r, r: 2.0}",
    ),
}  # fmt: skip


def three_days() -> tuple[Bars, ...]:
    """New York hours of MES, with a hole over a session end and a roll, and of MNQ with holes."""
    mes, mnq = sessions(3)
    parts = []
    for bars, first, last in ((mes, 1220, 1380), (mnq, 900, 960)):
        minute, day = minute_of(bars), np.cumsum(np.diff(bars.ts, prepend=bars.ts[0]) > 10**12 * 3)
        hole = (day == 0) & (minute >= first) & (minute < last)
        parts.append(only(bars, (minute >= 800) & ~hole & (minute != 1100)))
    return rolled(parts[0], 800), parts[1]


@pytest.fixture(scope="module")
def series() -> tuple[Bars, ...]:
    return three_days()


def words(run: Run) -> set[str]:
    """What became of the candidates."""
    return {Reason(int(-x)).word for x in run.judged.table.outcome if x < 0}


def labels(run: Run) -> set[str]:
    trades = run.record.trades[: int(run.record.account[0]["legs"])]
    return {ExitReason(int(x)).word for x in trades["exit_reason"]}


@pytest.mark.tier1
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", CASES)
def test_batch_is_the_desk(name: str, series: tuple[Bars, ...]) -> None:
    batch = provoked(series, *CASES[name])
    live, found = stepped(batch)
    assert found.differences == []
    assert found.counts["trades"] >= 15
    for field in ("balance", "high_eod", "breaches", "plans", "entries", "halted", "streak"):
        assert batch.record.account[0][field] == live.record.account[0][field], field


@pytest.mark.tier1
def test_the_cases_provoke(series: tuple[Bars, ...]) -> None:
    """What the cases above are for does happen in them."""
    runs = {name: provoked(series, *sets) for name, sets in CASES.items()}
    assert words(runs["as shipped"]) >= {"strategy_loss_streak", "direction_paused"}
    assert labels(runs["left alone"]) >= {"gap", "session_end", "target1", "target2"}
    assert labels(runs["every stop moves"]) >= {"trail", "breakeven", "target1", "reversal"}
    assert words(runs["every stop moves"]) >= {"withdrawn", "contract_inactive"}
    tiny = runs["tiny limits, breached accounts"]
    assert words(tiny) >= {"day_loss", "trailing_budget", "correlated_side"}
    assert int(tiny.record.account[0]["breaches"]) == 1
    assert "time" in labels(runs["observed limits, swings, a time stop"])
    night = runs["a plain account holds over the night"]
    entered, left = (night.line.step_of(_legs(night)[name]) for name in ("entry_ns", "exit_ns"))
    assert np.any(night.line.day[entered] != night.line.day[left])


def test_the_comparison_notices_one_tick(series: tuple[Bars, ...]) -> None:
    batch = provoked(series)
    moved = replace(batch, record=batch.record._replace(trades=batch.record.trades.copy()))
    moved.record.trades[3]["exit_tick"] += 1
    moved.record.trades[3]["out"] += moved.record.trades[3]["qty"]
    found = Findings()
    compare_runs(batch, moved, found)
    assert any("exit_price" in words for words in found.differences)


def test_a_run_repeats_itself(series: tuple[Bars, ...]) -> None:
    first, second = (provoked(series, *NO_STREAKS) for _ in range(2))
    assert np.array_equal(first.record.trades, second.record.trades)
    assert np.array_equal(first.judged.table.outcome, second.judged.table.outcome)


class TestTheWalk:
    def test_instruments_do_not_disturb_each_other_s_prices(self, series: tuple[Bars, ...]) -> None:
        """Without shared limits two instruments trade as each does alone."""
        free = (
            *NO_STREAKS, *ONE_LOT, "account.profile=plain", "defense.circuit_breaker=off",
            "defense.account_rules=off", "risk.caps.open_positions=0",
            "risk.gate.entries_a_minute=0",
        )  # fmt: skip
        both = provoked(series, *free)
        for k, one in enumerate(series):
            alone = provoked((one,), *free)
            mine = _legs(both)[_legs(both)["instrument"] == k]
            assert len(mine) == len(_legs(alone)) > 20
            for field in ("entry_ns", "entry_tick", "exit_ns", "exit_tick", "gross", "mae", "mfe"):
                assert np.array_equal(mine[field], _legs(alone)[field]), field

    def test_no_trade_is_decided_before_the_first_day(self, series: tuple[Bars, ...]) -> None:
        whole = provoked(series)
        second = np.unique(whole.line.day)[1]
        later = provoked(series, first_day=second.astype("datetime64[D]").item())
        assert len(_legs(later)) > 0
        assert int(_legs(later)["decided_ns"].min()) > int(later.first_ts)

    def test_an_open_position_is_closed_at_the_end_of_the_data(self) -> None:
        mes = sessions(1, symbols=("MES",))[0].rows(0, 1050)
        run = provoked((mes,), *NO_STREAKS, "account.profile=plain")
        last = _legs(run)[-1]
        assert ExitReason(int(last["exit_reason"])) is ExitReason.FLATTEN
        tick = round(float(mes.close[-1]) / 0.25) - int(last["side"])
        assert int(last["exit_tick"]) == tick


def _legs(run: Run) -> np.ndarray:
    return run.record.trades[: int(run.record.account[0]["legs"])]
