"""Candidate tables for the judges: drawn by hand where nothing is against a trade, or from bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from julie.core.candidates import Array, Candidates, empty
from julie.core.sessions import minute_since_open
from julie.core.types import Session, Style
from julie.defense.catalogue import default_order, in_order
from julie.defense.chain import Chain, ChainResult
from julie.market.columns.column import MISSING, Column, mirrored
from julie.market.columns.graph import Graph
from julie.market.columns.raw import CLOSE, SESSION
from julie.strategies.base import ALL_SESSIONS

UNIT, TICK = 1.0, 0.25

# At 10:30 on a plain day, with nothing against either side.
QUIET = {
    "decision_minute": float(minute_since_open("10:30")),
    "day_minutes": 1380.0,
    "min_to_event": 300.0,
    "min_since_event": 300.0,
    "min_to_fixed": 210.0,
    "min_since_fixed": 30.0,
    "news_known": 1.0,
    "holiday_effect": 0.0,
    "holiday_row": 0.0,
    "vol_regime": 2.0,
    "vol_percentile": 50.0,
    "chop_state": 0.0,
    "chop_bars": 0.0,
    "chop_range": 9.0,
    "chop_median": 8.0,
    "high_30": 5010.0,
    "low_30": 4990.0,
    "close": 5000.0,
    "unit": UNIT,
    "tick": TICK,
}


@dataclass(frozen=True)
class Asker:
    """A strategy as the chain knows it."""

    name: str = "somebody"
    style: Style = Style.TREND
    sessions: tuple[Session, ...] = ALL_SESSIONS
    window: tuple[str, str] | None = None


def quiet(n: int = 2, session: Session = Session.NY_AM, **changed: Any) -> Candidates:
    """A long and a short (and so on) with nothing against them, but for what is changed."""
    c = empty(n)
    c.data["side"][:] = np.where(np.arange(n) % 2 == 0, 1, -1)
    c.data["session"][:] = session
    for name, value in (QUIET | changed).items():
        where = c.data if name in c.data else c.columns
        where[name] = np.full(n, value, where[name].dtype if name in where else np.float64)
    return c


def whole_chain(*askers: Asker, **more: Any) -> Chain:
    """All judges there are, for one or several strategies."""
    return Chain(in_order(default_order()), askers or (Asker(),), **more)


def one_judge(name: str, *askers: Asker, **more: Any) -> Chain:
    """A single judge as a chain."""
    return Chain(in_order((name,)), askers or (Asker(),), **more)


def codes(result: ChainResult, judge: int = 0) -> list[int]:
    """What a judge said, candidate by candidate."""
    return [int(code) for code in result.codes[:, judge]]


def from_bars(chain: Chain, found: Mapping[Column, Array], rows: Array, side: int) -> Candidates:
    """A candidate of one side on each of the rows, with the chain's columns beside it."""
    c = empty(len(rows))
    c.data["row"][:], c.data["side"][:] = rows, side
    c.data["session"][:] = found[SESSION][rows]
    c.columns |= {"unit": np.full(len(rows), UNIT), "tick": np.full(len(rows), TICK)}
    for name, column in {**chain.columns, "close": CLOSE}.items():
        values = found[column][rows].astype(np.float64)
        c.columns[name] = np.where(values == MISSING, np.nan, values) if column.flag else values
    return c


def columns_over(
    wanted: Sequence[Column], series: Mapping[str, Array], tables: Mapping[str, Array]
) -> dict[Column, Array]:
    """The columns over a whole series of ES minutes."""
    graph = Graph({"ES": tuple(wanted)}, {"ES": 60}, tables, len(series["ts"]))
    graph.append("ES", series)
    graph.advance()
    frame = graph.frame("ES")
    return {column: graph.buffer("ES", column)[frame.pad : frame.fill] for column in wanted}


def wanted(chain: Chain) -> tuple[Column, ...]:
    """The columns to compute for `from_bars`, upside down too."""
    declared = (*chain.columns.values(), CLOSE, SESSION)
    return tuple(dict.fromkeys((*declared, *(mirrored(column).column for column in declared))))
