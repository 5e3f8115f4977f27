"""Pauses between tries: doubled, capped, drawn, and finite after a night without the venue."""

import numpy as np
import pytest

from julie.gateway.backoff import Backoff


@pytest.mark.parametrize("tried", [1, 2, 8, 100, 1_025, 100_000])
def test_a_pause_is_half_to_whole_of_what_is_due(tried: int) -> None:
    chance, backoff = np.random.default_rng(1), Backoff(first_s=0.25, cap_s=30.0)
    due = min(30.0, 0.25 * 2 ** min(tried - 1, 20))
    pauses = [backoff.pause_s(tried, chance) for _ in range(50)]
    assert due / 2 <= min(pauses) < max(pauses) <= due
