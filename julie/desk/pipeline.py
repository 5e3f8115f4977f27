"""From bars to judged candidates: columns, rules, brackets, chain and viability, the same for a
block or a row.

The pipeline knows which columns the enabled strategies, the judges and the steps of risk ask for,
and nothing else is computed. `candidates` answers for the rows that are new in the graph; `judge`
lays brackets and asks the chain, over the candidates of a whole run or of one close.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from julie.core.candidates import Array, Candidates, concatenate, empty
from julie.core.errors import ConfigError
from julie.core.instruments import Instrument
from julie.core.ticks import grid
from julie.core.types import EntryKind, Mode
from julie.core.unit_watch import Unit
from julie.defense.chain import Chain, ChainResult
from julie.defense.chop import fades
from julie.desk.seen import KEPT
from julie.desk.table import NOBODY, RECORD_JUDGES, Table
from julie.market.columns.column import MISSING, Column
from julie.market.columns.events import min_to_event
from julie.market.columns.frame import Buffer, Frame
from julie.market.columns.graph import Graph
from julie.market.columns.raw import BY_NAME, CLOSE, DAY_OPEN, MINUTE, SESSION, TS
from julie.risk import brackets, viability
from julie.risk.brackets import Laid
from julie.risk.config import RiskSection
from julie.risk.viability import Viable
from julie.strategies.evaluate import Exits, Speaker

LIMIT, FADE, STANDARD = int(EntryKind.LIMIT), int(Mode.FADE), int(Mode.STANDARD)
OBSERVED_VIABILITY = ("hmm_regime",)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Candidates with their brackets, the chain's codes and viability."""

    candidates: Candidates
    laid: Laid
    chain: ChainResult
    viable: Viable
    table: Table


class Pipeline:
    """The enabled portfolio over one or several instruments."""

    def __init__(
        self,
        speakers: Mapping[str, Sequence[Speaker]],
        chain: Chain,
        risk: RiskSection,
        traded: Sequence[Instrument],
        extra: Sequence[Column] = (),
    ) -> None:
        self.speakers = {symbol: tuple(s) for symbol, s in speakers.items()}
        self.symbols = tuple(self.speakers)
        self.chain = chain
        self._risk = risk
        self.gathered = self._gathered(extra)
        self._held: WeakKeyDictionary[Frame, dict[str, Buffer]] = WeakKeyDictionary()
        self._strategies = (
            max((s.place for ss in self.speakers.values() for s in ss), default=-1) + 1
        )
        places = [chain.names.index(j) if j in chain.names else NOBODY for j in RECORD_JUDGES]
        self._record_places = np.array(places, np.int16)
        self._facts = {
            "tick": np.array([one.tick for one in traded], np.float64),
            "unit": np.array([one.unit for one in traded], np.float64),
        }
        self._observed = np.zeros(self._strategies, bool)
        for speaker in (s for ss in self.speakers.values() for s in ss):
            self._observed[speaker.place] = speaker.strategy.name in OBSERVED_VIABILITY

    def _gathered(self, extra: Sequence[Column]) -> dict[str, Column]:
        """Columns taken along for every candidate, by the name under which they are read."""
        rules = [s.strategy for speakers in self.speakers.values() for s in speakers]
        wanted = [
            *self.chain.columns.values(),
            *brackets.columns({rule.bracket for rule in rules}, self._risk),
            *viability.columns(self._risk.viability, {rule.style for rule in rules}),
            min_to_event(),
            CLOSE,
            *extra,
        ]
        found: dict[str, Column] = {}
        for column in wanted:
            if found.setdefault(column.name, column) != column:
                raise ConfigError(
                    f"two columns are called {column.name!r}: {column.expression} and"
                    f" {found[column.name].expression}",
                    "give one of them another name with .named(...)",
                )
        return found

    def columns(self) -> dict[str, tuple[Column, ...]]:
        """What the graph must compute for each instrument: for rules, judges and management."""
        always = (*BY_NAME.values(), SESSION, MINUTE, DAY_OPEN, *self.gathered.values())
        return {
            symbol: tuple(
                dict.fromkeys(
                    (*always, *(c for s in speakers for c in s.columns()), *KEPT.values())
                )
            )
            for symbol, speakers in self.speakers.items()
        }

    def units(self) -> Iterator[Unit]:
        """Rules and judges, each of which may fail by itself."""
        for speakers in self.speakers.values():
            yield from (one.unit for one in speakers)
        yield from (*self.chain.units, *self.chain.between)

    def heard(
        self, graph: Graph, symbol: str, start: int, stop: int
    ) -> tuple[list[Candidates], dict[int, Exits]]:
        """Candidates on the buffer rows `start` to `stop`, with the judges' columns beside them,
        and the rows' exits by strategy.
        """
        frame = graph.frame(symbol)
        tables, exits = list[Candidates](), dict[int, Exits]()
        for speaker in self.speakers[symbol]:
            said = speaker.heard(frame, start, stop)
            for table in said.tables:
                self._gather(table, frame)
            tables += said.tables
            if said.exits is not None:
                exits[speaker.place] = said.exits
        return tables, exits

    def draw(self, graph: Graph) -> None:
        """Before rows come one by one: rules are drawn, so that most of them need not be asked."""
        for symbol, speakers in self.speakers.items():
            for one in speakers:
                one.draw(graph.frame(symbol))

    def candidates(self, graph: Graph, symbol: str, start: int, stop: int) -> list[Candidates]:
        """The candidates alone."""
        return self.heard(graph, symbol, start, stop)[0]

    def _gather(self, table: Candidates, frame: Frame) -> None:
        at = table.row - frame.first + frame.pad
        if len(at) == 1:
            table.columns |= self._one_row(frame, int(at[0]))
            return
        for name, buffer in self._buffers(frame).items():
            values = buffer[at]
            if values.dtype == np.int8:
                values = np.where(values == MISSING, np.nan, values)
            table.columns[name] = values

    def _one_row(self, frame: Frame, row: int) -> dict[str, Array]:
        """The same of a single row, by one array; a flag's value is an int."""
        buffers = self._buffers(frame)
        found = [buffer.item(row) for buffer in buffers.values()]
        known = [np.nan if one == MISSING and type(one) is int else one for one in found]
        return dict(zip(buffers, np.array(known, np.float64).reshape(-1, 1), strict=True))

    def _buffers(self, frame: Frame) -> dict[str, Buffer]:
        """What is gathered, in a frame that keeps its buffers for life; live asks at every bar."""
        held = self._held.get(frame)
        if held is None:
            held = {name: frame.buffers[column] for name, column in self.gathered.items()}
            self._held[frame] = held
        return held

    def blackout(self, frame: Frame, start: int, stop: int) -> Array:
        """1 on rows at whose close a news window is open: working entries are withdrawn; 2 =
        positions close too.
        """
        rows = empty(stop - start)
        rows.data["session"][:] = frame.buffers[SESSION][start:stop]
        rows.data["ts"][:] = frame.buffers[TS][start:stop]
        for name in self.chain.reads("news"):
            rows.columns[name] = self._buffers(frame)[name][start:stop]
        if not self.chain.binds("news"):
            return np.zeros(stop - start, np.int8)
        marks = self.chain.denied_by("news", rows).astype(np.int8)
        before = (
            getattr(self.chain.params("news"), "flatten_before_min", 0)
            if marks.size and self.chain.reads("news")
            else 0
        )
        if before > 0:
            marks[rows.min_to_event <= before] = 2
        return marks

    def judge(self, tables: list[Candidates], bar_ns: int) -> Judged:
        """Brackets, chain and viability over the candidates, in the order in which the desk will
        see them.
        """
        c = concatenate(tables).sorted_by_time()
        self._instrument_facts(c)
        laid = brackets.lay(c, self._risk)
        c.data["sl_ticks"], c.data["tp_ticks"], c.data["tp1_ticks"] = (
            laid.sl_ticks,
            laid.tp_ticks,
            laid.tp1_ticks,
        )
        result = self.chain(c)
        off = self._observed[c.strategy]
        viable = viability.judge(c, self._risk, off)
        return Judged(c, laid, result, viable, self._table(c, laid, result, viable, bar_ns))

    def _instrument_facts(self, c: Candidates) -> None:
        c.columns |= {name: values[c.instrument] for name, values in self._facts.items()}
        for name in self.gathered:
            c.columns.setdefault(name, np.zeros(0))

    def _table(
        self, c: Candidates, laid: Laid, result: ChainResult, viable: Viable, bar_ns: int
    ) -> Table:
        n = len(c)
        ticks = _ticks(c.ref_close, c.tick)
        asked = self.chain.asked(result)
        first = np.where(result.first_denier < 0, NOBODY, result.first_denier).astype(np.int16)
        limits = c.limit_pts / c.tick
        better = np.where(c.entry_kind == LIMIT, np.ceil(limits - 1e-6), 0.0)
        return Table(
            step=np.zeros(n, np.int64),
            row=c.row,
            close_ns=c.ts + bar_ns,
            instrument=c.instrument.astype(np.int64),
            strategy=c.strategy.astype(np.int64),
            side=c.side.astype(np.int64),
            tier=c.tier.astype(np.int64),
            session=c.session.astype(np.int64),
            confidence=c.confidence,
            expectancy=c.column_or("expectancy", 0.0),
            ref_tick=ticks,
            sl=c.sl_ticks.astype(np.int64),
            tp=c.tp_ticks.astype(np.int64),
            tp1=c.tp1_ticks.astype(np.int64),
            entry_kind=c.entry_kind.astype(np.int64),
            limit_tick=ticks - c.side * better.astype(np.int64),
            expires_bars=c.expires_bars.astype(np.int64),
            on_expiry=c.on_expiry.astype(np.int64),
            factor=result.factor,
            atr=c.atr_14,
            min_to_event=c.min_to_event,
            mode=_modes(c),
            bracket_reason=laid.reason,
            chain_place=first,
            chain_reason=result.reason,
            viability_reason=viable.reason,
            asked=_beside([asked.get(j) for j in RECORD_JUDGES], n),
            places=self._record_places.copy(),
            outcome=np.zeros(n, np.int64),
            codes=np.zeros((n, 3), np.int8),
            reasons=np.zeros((n, 3), np.int16),
            numbers=np.full((n, 3, 4), np.nan),
            denied_by=np.full(n, NOBODY, np.int16),
        )


def _ticks(prices: Array, tick: Array) -> Array:
    """Traded prices as ticks, each on its own instrument's grid."""
    return np.rint(prices / tick).astype(np.int64) if len(prices) else grid(prices, 1.0)


def _beside(columns: Sequence[Array | None], rows: int) -> Array:
    """Columns beside each other; one that is not there is 0."""
    found = np.zeros((rows, len(columns)), np.int8)
    for place, column in enumerate(columns):
        if column is not None:
            found[:, place] = column
    return found


def _modes(c: Candidates) -> Array:
    """A trade against a failed breakout is told apart; all else is standard."""
    if "chop_state" not in c.columns:
        return np.full(len(c), STANDARD, np.int64)
    return np.where(fades(c), FADE, STANDARD).astype(np.int64)
