"""Penalty box: no entry right at the extreme it would have to break.

A long within 1.0 point of the 30-bar high (London 0.75, Asia 0.50), a short as near to the low,
is denied: the first thing in its way is where everybody else sells. Breakouts are exempt, they
live there. Points are those of the ES and scale with the instrument.
"""

from typing import Final

import numpy as np

from julie.core.section import key
from julie.defense.base import (
    Candidates,
    Params,
    Reason,
    Session,
    Style,
    Verdicts,
    View,
    deny,
    judge,
)
from julie.market.columns.extremes import highest, lowest

BARS: Final = 30


class P(Params):
    """Numbers of the rule."""

    points: float = key(1.0, "distance kept from the 30-bar extreme", "points x unit_pts", ge=0)


@judge(
    name="penalty_box",
    params=P,
    exempt=(Style.BREAKOUT,),
    numbers=("distance", "needed"),
    columns=(highest("high", BARS).named("high_30"), lowest("low", BARS).named("low_30")),
    by_session={Session.LONDON: {"points": 0.75}, Session.ASIA: {"points": 0.5}},
)
def penalty_box(c: Candidates, p: View) -> Verdicts:
    extreme = np.where(c.side > 0, c.high_30, c.low_30)
    distance = c.side * (extreme - c.close)
    needed = p.points * c.unit
    return deny(distance <= needed, Reason.PENALTY_BOX, distance, needed)
