"""Rules that ask on demand, so that a test knows at which minute an order leaves.

`pulse` asks at every minute of its window, `gauge` where a bar traded the volume of its cue. What
they ask for is set by their numbers: side, order kind, distances in ticks, one leg or two.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from julie.core.section import key
from julie.core.types import BracketSource, OnExpiry, Style
from julie.market.columns.column import Column
from julie.market.columns.raw import MINUTE
from julie.market.columns.window import Vec, Window
from julie.strategies.base import ANY_INSTRUMENT, Entries, Params, Strategy, strategy

CUE = 77  # the volume of a bar on which `gauge` asks
LAST_MINUTE = 1439


class P(Params):
    """Numbers of both rules."""

    first: int = key(0, "first minute on which it asks", "minutes since 18:00 ET", ge=0)
    last: int = key(LAST_MINUTE, "last one", "minutes since 18:00 ET", ge=0)
    side: int = key(1, "1 buys, -1 sells", ge=-1, le=1)
    stop: int = key(20, "stop distance", "ticks", ge=1)
    target: int = key(40, "target distance", "ticks", ge=1)
    near: int = key(0, "target of a first leg; 0 = one leg", "ticks", ge=0)
    below: int = key(0, "limit so far below the close; 0 = at market", "ticks", ge=0)
    expires: int = key(3, "a limit works so long", "bars", ge=1)
    leave: int = key(LAST_MINUTE, "minute on which it closes by itself", "minutes", ge=0)


def rule(
    name: str, params: type[Params] = P, columns: tuple[Column, ...] = (), **more: Any
) -> Callable[..., Strategy]:
    """Declare the rule below: any instrument, its own bracket, no rest between entries."""
    return strategy(
        name=name, group="Test", style=Style.TREND, bracket=BracketSource.OWN,
        columns=(MINUTE.named("minute"), *columns), params=params, instruments=ANY_INSTRUMENT,
        cooldown=0, **more,
    )  # fmt: skip


def asked(w: Window, p: P, when: Vec) -> Entries:
    """Entries as the numbers say."""
    price = w.close - p.below * w.tick
    mine = w.close * p.side > 0  # a short reads the market upside down, with prices below nought
    return Entries(
        when=when & mine,
        stop=price - p.stop * w.tick,
        target=price + p.target * w.tick,
        first_target=price + p.near * w.tick if p.near else None,
        limit=price if p.below else None,
        expires_bars=p.expires if p.below else None,
        on_expiry=OnExpiry.CANCEL,
    )


def _leaves(w: Window, p: P) -> Vec:
    return w.minute == p.leave


@rule("pulse", exits=_leaves)
def pulse(w: Window, p: P) -> Entries:
    """Ask at each minute of the window."""
    return asked(w, p, (w.minute >= p.first) & (w.minute <= p.last))


@rule("gauge", exits=_leaves)
def gauge(w: Window, p: P) -> Entries:
    """Ask where a bar traded the cue's volume."""
    return asked(w, p, w.volume == CUE)


class FaultyP(P):
    """Numbers of a rule that fails."""

    fails_from: int = key(0, "first minute on which it raises", "minutes since 18:00 ET", ge=0)
    fails_to: int = key(LAST_MINUTE, "last one", "minutes since 18:00 ET", ge=0)


@rule("faulty", FaultyP)
def faulty(w: Window, p: FaultyP) -> Entries:
    """Raise in its window."""
    minute = w.minute.values
    if np.any((p.fails_from <= minute) & (minute <= p.fails_to)):
        raise RuntimeError("the rule fails in this minute")
    return asked(w, p, w.minute < 0)
