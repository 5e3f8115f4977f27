"""Displacement: runs of strong bodies, looked for one by one."""

import numpy as np
import pytest

from julie.market.columns.averages import atr
from julie.market.columns.displacement import displacement, displacement_within


@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_runs_of_one_colour_against_the_atr_before_them(run, walk, factor):
    series = walk(2, seed=12)
    found = run([displacement(factor), atr(14)], series)
    bodies, usual = series["close"] - series["open"], found[atr(14)]
    seen = set()
    for t in range(20, len(bodies)):
        expected = 0
        for n in (1, 2, 3):
            last = bodies[t - n + 1 : t + 1]
            one_colour = np.all(last > 0) or np.all(last < 0)
            if one_colour and abs(last.sum()) >= factor * usual[t - n]:
                expected = int(np.sign(last[0]))
                seen.add(n)
        assert found[displacement(factor)][t] == expected
    assert seen == {1, 2, 3}


def test_it_is_not_known_before_the_atr(run, walk):
    found = run([displacement(), displacement_within()], walk(1))
    assert np.all(found[displacement()][:14] == -128)
    assert found[displacement()][14] != -128
    assert np.all(found[displacement_within()][:14] == -128)


@pytest.mark.parametrize("n", [1, 5])
def test_the_last_one_within_n_bars(run, walk, n):
    flag, within = run([displacement(), displacement_within(1.5, n)], walk(1, seed=4)).values()
    for t in range(14 + n, len(flag)):
        signs = [s for s in flag[t - n + 1 : t + 1] if s != 0]
        assert within[t] == (signs[-1] if signs else 0)
