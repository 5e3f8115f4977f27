"""Why a strategy does not speak in a run at all: one reason, found before the first bar.

A strategy states what it needs; a missing need silences it, and it never runs on fewer inputs. What
is merely not warm yet is no silence: its columns are NaN and the rule does not fire.
"""

from collections.abc import Collection

from julie.core.instruments import Instrument
from julie.core.types import Silence
from julie.strategies.base import Strategy


def silence_of(
    strategy: Strategy,
    instrument: Instrument,
    base_s: int,
    *,
    has_volume: bool,
    peers: Collection[str] = (),
    has_vix: bool = False,
    has_ticks: bool = False,
    models: Collection[str] = (),
    unit_known: bool = True,
) -> Silence | None:
    """The first reason for which the strategy stays silent on these data, or None.

    `peers` are the other instruments of the run, `models` the strategies whose model is installed.
    """
    if strategy.instruments and instrument.symbol not in strategy.instruments:
        return Silence.INSTRUMENT
    if base_s not in strategy.bases:
        return Silence.BASE
    if not unit_known:
        return Silence.UNIT
    met = {
        "V": (has_volume, Silence.VOLUME),
        "P": (any(symbol != instrument.symbol for symbol in peers), Silence.PEER),
        "X": (has_vix, Silence.VIX),
        "T": (has_ticks, Silence.TICKS),
        "M": (strategy.name in models, Silence.MODEL),
    }
    for need in strategy.needs:
        there, silence = met[need]
        if not there:
            return silence
    return None
