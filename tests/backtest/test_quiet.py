"""Passing over quiet bars changes nothing: the same run, bar by bar, leaves the same record."""

from typing import Any

import numpy as np
import pytest

from julie.backtest.runner import Request, Run, run
from julie.settings import default_tree, load_settings
from julie.strategies.catalogue import catalogue
from julie.synth import Simulated, generate

NEVER = 1_000_000_000  # bars: a time stop nobody reaches makes management look at every close


@pytest.fixture(scope="module")
def market() -> Simulated:
    """Five weeks, enough for every column to be known."""
    return generate(days=34, seed=3)


def ran(market: Simulated, *sets: str) -> Run:
    settings = load_settings(default_tree(), (), sets, True).tree
    series = tuple(market.bars.values())
    strategies = tuple(catalogue()[name] for name in sorted(catalogue()))
    traded = tuple(bars.instrument for bars in series)
    return run(Request(series, traded, strategies, settings, has_vix=True))


def left(run_: Run) -> dict[str, Any]:
    """What the walk writes: trades, outcomes, codes, and the account it ends with."""
    table, record = run_.judged.table, run_.record
    return {
        "trades": record.trades[: int(record.account[0]["legs"])],
        "outcome": table.outcome, "codes": table.codes, "reasons": table.reasons,
        "account": record.account, "instruments": record.instruments, "pairs": record.pairs,
    }  # fmt: skip


@pytest.mark.parametrize(
    "sets",
    [
        (),
        ("account.profile=plain", "defense.order=[]"),
        ("account.profile=express_50k", "risk.per_trade_pct=0.5"),
        ("defense.circuit_breaker.day_loss_usd=150", "management.on_limit=flatten"),
    ],
    ids=["usual", "plain", "near the floor", "near the day limit"],
)
def test_every_bar_walked_or_passed_over(market: Simulated, sets: tuple[str, ...]) -> None:
    """Limits, breaker, management and trades are the same to the last bit."""
    passed = left(ran(market, *sets))
    walked = left(ran(market, *sets, f"management.time_stop_bars={NEVER}"))
    assert len(passed["trades"]) > 20
    for name, rows in passed.items():
        np.testing.assert_array_equal(rows, walked[name], err_msg=name)
