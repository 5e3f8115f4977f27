"""Structure: breaks of swings told in order by a plain reader."""

import numpy as np
import pytest

from julie.market.columns.structure import bos, choch, structure


def _breaks(series, k):
    """(row, direction) of each close beyond the last confirmed swing, each swing once."""
    found = []
    n = len(series["close"])
    for sign, name in ((1, "high"), (-1, "low")):
        x, close = sign * series[name], sign * series["close"]
        last, done = 0, True
        for t in range(n):
            c = t - k
            if c >= k and all(x[c] > x[c - j] and x[c] >= x[c + j] for j in range(1, k + 1)):
                last, done = c, False
            if not done and t - last > 240:
                done = True
            if not done and close[t] > x[last]:
                found.append((t, sign))
                done = True
    return dict(found)


@pytest.mark.parametrize("k", [2, 3])
def test_breaks_with_and_against_the_structure(run, walk, k):
    series = walk(2, seed=k)
    found = run([structure(k), bos(k), choch(k)], series)
    direction, with_it, against = 0, 0, 0
    breaks = _breaks(series, k)
    for t in range(200, len(series["ts"])):
        direction = found[structure(k)][t - 1]
        broken = breaks.get(t, 0)
        assert found[structure(k)][t] == (broken or direction)
        assert found[bos(k)][t] == (broken if broken == direction else 0)
        assert found[choch(k)][t] == (broken if broken == -direction else 0)
        with_it += broken != 0 and broken == direction
        against += broken != 0 and broken == -direction
    assert with_it > 20
    assert against > 20


def test_a_structure_without_a_break_for_a_day_is_none(run, walk):
    series = walk(4, seed=3)
    for name in ("open", "high", "low", "close"):
        series[name][1400:] = 5000.0  # nothing moves for two days
    found = run([structure(3)], series)[structure(3)]
    last = int(np.flatnonzero(found[:-1] != found[1:])[-1])
    assert 1380 < last <= 1400 + 1380
    assert found[last] != 0
    assert np.all(found[last + 1 :] == 0)
