"""Candidate tables for brackets and viability: one row a case, at 10:30 with ES points."""

from typing import Any

import numpy as np

from julie.core.candidates import Candidates, empty
from julie.core.types import BracketSource, Session, Style, VolRegime
from julie.risk.brackets import Laid, lay
from julie.risk.config import RiskSection

NAN = float("nan")
USUAL: dict[str, Any] = {
    "unit": 1.0,
    "tick": 0.25,
    "session_atr": 2.0,
    "atr_14": 2.0,
    "atr_median": 2.0,
    "bracket_vol_regime": float(VolRegime.NORMAL),
    "displaced": 0.0,
    "room_up": 100.0,
    "room_down": 100.0,
}


def rows(*cases: dict[str, Any]) -> Candidates:
    """A table whose rows say only what differs from the usual."""
    c = empty(len(cases))
    c.data["session"][:], c.data["side"][:] = Session.NY_AM, 1
    c.data["style"][:] = Style.TREND
    for name, value in USUAL.items():
        c.columns[name] = np.full(len(cases), value)
    for place, case in enumerate(cases):
        for name, value in case.items():
            (c.data if name in c.data else c.columns)[name][place] = value
    return c


def laid(risk: RiskSection | None = None, /, **case: Any) -> Laid:
    """The bracket of one row."""
    return lay(rows(case), risk or RiskSection())


OWN, PLUS = {"source": BracketSource.OWN}, {"source": BracketSource.OWN_PLUS}
FIXED = {"source": BracketSource.FIXED}
