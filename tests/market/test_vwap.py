"""VWAP from its two anchors, by adding up the day for each row."""

import numpy as np
import pytest

from julie.market.columns.raw import DAY, MINUTE
from julie.market.columns.volume import ny_vwap, ny_vwap_sd, vwap, vwap_sd


@pytest.mark.parametrize(
    ("price", "deviation", "anchor"), [(vwap(), vwap_sd(), 0), (ny_vwap(), ny_vwap_sd(), 930)]
)
def test_vwap_adds_up_the_day(run, walk, price, deviation, anchor):
    series = walk(3, holes=0.05)
    series["volume"][::50] = np.nan
    found = run([price, deviation, DAY, MINUTE], series)
    typical = (series["high"] + series["low"] + series["close"]) / 3
    asked = 0
    for t in range(0, len(typical), 37):
        rows = np.arange(len(typical)) <= t
        rows &= (found[DAY] == found[DAY][t]) & (found[MINUTE] >= anchor)
        rows &= np.isfinite(series["volume"])
        v = series["volume"][rows]
        if np.isnan(series["volume"][t]) or found[MINUTE][t] < anchor or v.sum() == 0:
            assert np.isnan(found[price][t])
            assert np.isnan(found[deviation][t])
            continue
        mean = np.average(typical[rows], weights=v)
        sd = np.sqrt(np.average((typical[rows] - mean) ** 2, weights=v))
        assert abs(found[price][t] - mean) < 1e-8
        assert abs(found[deviation][t] - sd) < 1e-6
        asked += 1
    assert asked > 30


def test_without_volume_there_is_no_vwap(run, walk):
    series = walk(1)
    series["volume"][:] = np.nan
    for found in run([vwap(), ny_vwap_sd()], series).values():
        assert np.all(np.isnan(found))
