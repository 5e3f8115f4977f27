"""Bank levels of the traded price, and the quarters of a session."""

import numpy as np
import pytest

from julie.market.columns.bank import bank_above, bank_below, bank_distance, session_quarter
from julie.market.columns.column import mirrored
from julie.market.columns.raw import MINUTE, SESSION


def test_levels_are_multiples_of_the_traded_price(run, walk):
    series = walk(1)
    series["shift"][:] = 3.25  # adjusted prices lie off the grid
    above, below, distance = run(
        [bank_above("close"), bank_below("close"), bank_distance("low")], series
    ).values()
    for t in range(0, len(above), 11):
        traded = series["close"][t] - 3.25
        multiples = 12.5 * np.arange(300, 500)
        assert above[t] - 3.25 == multiples[multiples > traded][0]
        assert below[t] - 3.25 == multiples[multiples < traded][-1]
        assert distance[t] == np.abs(multiples - (series["low"][t] - 3.25)).min()


def test_the_mirror_of_the_level_above_is_the_one_below():
    turned = mirrored(bank_above("low"))
    assert (turned.factor, turned.column) == (-1.0, bank_below("high"))
    assert mirrored(bank_distance("low")).column == bank_distance("high")
    with pytest.raises(ValueError, match="not a price"):
        mirrored(bank_above("volume"))


def test_quarters_of_each_session(run, walk):
    series = walk(2)
    found = run([session_quarter(), SESSION, MINUTE], series)
    begins, lengths = (0, 540, 840, 1080), (135, 75, 60, 75)
    for t in range(len(series["ts"])):
        s, minute = found[SESSION][t], found[MINUTE][t]
        assert found[session_quarter()][t] == (minute - begins[s]) // lengths[s]
    assert set(found[session_quarter()]) == {0, 1, 2, 3}
