"""The volatility regime: its windows, its edges and how much of the real market it calls asleep."""

import numpy as np

from julie.core.types import VolRegime
from julie.market.columns.raw import DAY, MINUTE, SESSION
from julie.regime.vol import return_sd, vol_percentile, vol_regime


def test_the_deviation_spans_the_sessions_own_window(run, walk):
    series = walk(2)
    found = run([return_sd(), SESSION], series)
    change = np.diff(series["close"], prepend=np.nan) / np.roll(series["close"], 1)
    for t in range(1400, 2760, 53):
        n = {0: 60, 1: 90}.get(int(found[SESSION][t]), 120)
        assert abs(found[return_sd()][t] - change[t - n + 1 : t + 1].std()) < 1e-12


def test_returns_do_not_see_a_roll(run, walk):
    series = walk(1)
    rolled = dict(series)
    moved = np.where(np.arange(1380) < 700, 0.0, 40.0)  # the new contract trades 40 points higher
    rolled["shift"] = -moved
    plain, over = run([return_sd()], series)[return_sd()], run([return_sd()], rolled)[return_sd()]
    assert np.array_equal(plain[:700], over[:700], True)
    np.testing.assert_allclose(plain[700:], over[700:], rtol=0.01)


def test_a_regime_is_left_two_points_beyond_its_edge(run, walk):
    found = run([vol_regime(), vol_percentile(), SESSION, DAY], walk(23))
    regime, rank = found[vol_regime()], found[vol_percentile()]
    known = np.flatnonzero(np.isfinite(rank))
    assert np.all(regime[np.isnan(rank)] == -128)
    last, before, arrows = None, None, set()
    for t in known:
        here = (found[DAY][t], found[SESSION][t])
        edges = [5.0, 35.0, 85.0]
        if here == before and last is not None:
            edges = [e + 2 if last <= k else e - 2 for k, e in enumerate(edges)]
        want = sum((rank[t] >= edges[0], rank[t] >= edges[1], rank[t] > edges[2]))
        assert regime[t] == want
        arrows.add((last, want))
        last, before = want, here
    assert {(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)} <= arrows


def test_how_much_of_the_real_market_sleeps(run, es):
    found = run([vol_regime(), SESSION, MINUTE], es)
    regime, session, minute = found[vol_regime()], found[SESSION], found[MINUTE]
    known = (regime != -128) & (minute < 1325)
    asleep = regime == VolRegime.ULTRA_LOW
    assert 0.08 <= asleep[known].mean() <= 0.12
    morning = known & (session == 2)
    assert 0.17 <= asleep[morning & (minute < 930)].mean() <= 0.23
    assert asleep[morning & (minute >= 960)].mean() <= 0.015
