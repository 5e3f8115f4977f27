"""What a judge cost or saved, against a slow and separate computation of the same trades."""

from typing import Any

import numpy as np
import pytest

from julie.backtest.alone import attribute, solo_net
from julie.backtest.engine import market_of
from julie.backtest.runner import Run
from julie.core.types import Code
from julie.desk.verdicts import code_columns
from tests.backtest.provoking import drawn, minute_of, provoked, sessions

TICK, VALUE, FEE, SLIP, FLAT = 0.25, {"MES": 125, "MNQ": 50}, 61, 1, 22 * 60 + 5
ALL_DAY = ("strategies.pinger={sizing: fixed}", "account.profile=topstepx_50k")


def market(run: Run) -> Any:
    return market_of(run.request.series, run.request.traded, run.line, run.swept.kept)


def slow(run: Run, denied: np.ndarray, k: int, side: int) -> list[tuple[int, int]]:
    """(candidate, net in cents) of the denied ones of a side, each traded by hand."""
    bars = run.request.series[k]
    c, t = run.judged.candidates, run.judged.table
    prices = [
        np.rint(getattr(bars, n) / TICK).astype(int) * side
        for n in ("open", "high", "low", "close")
    ]
    o, close = prices[0], prices[3]
    best, worst = np.maximum(prices[1], prices[2]), np.minimum(prices[1], prices[2])
    minute, value = minute_of(bars), VALUE[bars.instrument.symbol]
    gone = run.swept.kept.exits[0, 0 if side > 0 else 1][_rows_before(run, k) :]
    found, free = [], -1
    for i in np.flatnonzero(denied & (c.instrument == k) & (c.side == side)):
        row = int(c.row[i])
        if row < free or row + 1 >= len(bars):
            continue
        if bars.ts[row + 1] - bars.ts[row] - bars.base_ns > 90 * 10**9:
            continue
        entry = o[row + 1] + SLIP
        stop, target = entry - int(t.sl[i]), entry + int(t.tp[i])
        at, out, leaving = row + 1, None, False
        while out is None and at < len(bars):
            other_day = at > row + 1 and minute[at] < minute[at - 1]
            if leaving or other_day or (at > row + 1 and o[at] <= stop):
                out = o[at] - SLIP
            elif at > row + 1 and o[at] > target:
                out = o[at]
            elif worst[at] <= stop:
                out = stop - SLIP
            elif best[at] > target:
                out = target
            else:
                leaving = minute[at] + 1 >= FLAT or gone[at] == 1
                at += 1
        if out is None:
            at, out = len(bars) - 1, close[-1] - SLIP
        found.append((int(i), (int(out) - int(entry)) * value - 2 * FEE))
        free = at
    return found


def _rows_before(run: Run, k: int) -> int:
    return sum(len(bars) for bars in run.request.series[:k])


@pytest.fixture(scope="module")
def run() -> Run:
    return provoked(sessions(2), *ALL_DAY, rules=("pinger",))


@pytest.mark.tier1
@pytest.mark.parametrize("judge", ["news", "session", "circuit_breaker"])
def test_attribution_is_the_sum_of_trades_made_by_hand(run: Run, judge: str) -> None:
    codes = code_columns(run.judged, run.pipeline.chain)[judge]
    denied = (codes >= Code.DENY) & (run.judged.table.bracket_reason == 0)
    by_hand = [x for k in (0, 1) for side in (1, -1) for x in slow(run, denied, k, side)]
    told = next(a for a in attribute(run, market(run)) if a.judge == judge)
    assert told.denied == int((codes >= Code.DENY).sum()) > 20
    assert told.trades == len(by_hand) > 10
    nets = np.array([net for _, net in by_hand])
    assert told.net == pytest.approx(nets.sum() / 100)
    assert told.hit_rate == pytest.approx((nets > 0).mean())
    spread = 1.96 * nets.std() * np.sqrt(len(nets)) / 100
    assert told.low == pytest.approx(nets.sum() / 100 - spread)
    assert told.high == pytest.approx(nets.sum() / 100 + spread)


@pytest.mark.tier1
def test_each_trade_is_that_of_its_candidate(run: Run) -> None:
    codes = code_columns(run.judged, run.pipeline.chain)["news"]
    denied = (codes >= Code.DENY) & (run.judged.table.bracket_reason == 0)
    rows = np.flatnonzero(denied & (run.judged.table.side == 1))
    candidates, nets = solo_net(run, market(run), rows)
    by_hand = dict(x for k in (0, 1) for x in slow(run, denied, k, 1))
    assert dict(zip(candidates.tolist(), nets.tolist(), strict=True)) == by_hand


def test_of_overlapping_ones_only_the_first_counts() -> None:
    """Three cues, the second while the first is open; the session judge denies all of them."""
    still = (0, 1, -1, 0)
    candles = (still, still, still, (0, 14, 0, 12), still, (0, 1, -9, -8), still)
    bars = drawn(*candles, cues=(0, 1, 4))
    one = provoked(
        (bars,), "defense.order=[session]", "strategies.cue={sizing: fixed}",
        "account.profile=plain", rules=("cue",),
    )  # fmt: skip
    rows = np.arange(3)
    candidates, nets = solo_net(one, market(one), rows)
    assert candidates.tolist() == [0, 2]
    assert nets.tolist() == [12 * 125 - 122, -9 * 125 - 122]


def test_denied_alone_is_without_any_other(run: Run) -> None:
    codes = code_columns(run.judged, run.pipeline.chain)
    matrix = np.column_stack([codes[name] >= Code.DENY for name in codes])
    alone = {a.judge: a.denied_alone for a in attribute(run, market(run))}
    for at, name in enumerate(codes):
        assert alone[name] == int((matrix[:, at] & (matrix.sum(axis=1) == 1)).sum())


def test_the_run_is_not_touched(run: Run) -> None:
    before = run.record.trades.copy(), run.judged.table.outcome.copy(), run.record.account.copy()
    attribute(run, market(run), jobs=2)
    assert (run.record.trades == before[0]).all()
    assert (run.judged.table.outcome == before[1]).all()
    assert (run.record.account == before[2]).all()
