"""Whole strategies that stay silent: what they state against what the data give."""

from dataclasses import replace
from typing import Any

import pytest

from julie.core.instruments import instrument
from julie.core.types import Silence
from julie.strategies.catalogue import named
from julie.strategies.silence import silence_of

ALL_THERE: dict[str, Any] = {
    "has_volume": True,
    "peers": ["NQ"],
    "has_vix": True,
    "has_ticks": True,
    "models": ["orb"],
}


def test_with_all_it_needs_nothing_is_silent() -> None:
    demanding = replace(named("orb"), needs="VPXTM")
    assert silence_of(demanding, instrument("ES"), 60, **ALL_THERE) is None


@pytest.mark.parametrize(
    ("need", "missing", "why"),
    [
        ("V", {"has_volume": False}, Silence.VOLUME),
        ("P", {"peers": []}, Silence.PEER),
        ("P", {"peers": ["ES"]}, Silence.PEER),
        ("X", {"has_vix": False}, Silence.VIX),
        ("T", {"has_ticks": False}, Silence.TICKS),
        ("M", {"models": ["ml_physics"]}, Silence.MODEL),
    ],
)
def test_a_missing_need_silences_only_who_states_it(
    need: str, missing: dict[str, Any], why: Silence
) -> None:
    there = ALL_THERE | missing
    demanding = replace(named("orb"), needs=need)
    assert silence_of(demanding, instrument("ES"), 60, **there) is why
    assert silence_of(named("orb"), instrument("ES"), 60, **there) is None


def test_instrument_base_and_unit_come_before_all_needs() -> None:
    demanding = replace(named("orb"), needs="V")
    assert silence_of(demanding, instrument("GC"), 60, has_volume=False) is Silence.INSTRUMENT
    assert silence_of(demanding, instrument("ES"), 300, has_volume=False) is Silence.BASE
    everywhere = named("sma_cross")
    assert silence_of(everywhere, instrument("RTY"), 60, has_volume=True, unit_known=False) is (
        Silence.UNIT
    )
    assert silence_of(everywhere, instrument("GC"), 3600, has_volume=False) is None
