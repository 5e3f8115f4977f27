"""Asks one rule on an instrument's new rows; its answers become rows of the candidate table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from julie.core.candidates import NO_EXPIRY, Array, Candidates, empty
from julie.core.errors import JulieError, StrategyError
from julie.core.instruments import Instrument
from julie.core.types import EntryKind
from julie.core.unit_watch import Unit
from julie.market.columns.column import MISSING, Column, Mirrored, mirrored
from julie.market.columns.frame import Frame
from julie.market.columns.raw import BY_NAME, CLOSE, SESSION, SHIFT, TS
from julie.market.columns.sketch import At, DrawnWindow, drawn
from julie.market.columns.window import Vec, Window
from julie.strategies.base import Entries, Params, Strategy

LONG, SHORT = 1, -1
FIRST, NOBODY = np.zeros(1, np.int64), np.zeros(0, np.int64)
Views = dict[str, tuple[Array, Mirrored | None]]
Exits = tuple[Array, Array]  # rows on which a rule would close a long, and a short


class Heard(NamedTuple):
    """What a rule says on some rows."""

    tables: Sequence[Candidates]
    exits: Exits | None  # None = it has no exit rule


class Drawn(NamedTuple):
    """A rule's conditions as functions of a row."""

    entries: tuple[tuple[int, At], ...]  # by side
    exits: tuple[At, ...]  # of a long and a short, where it has such a rule

    def marks(self, row: int) -> Exits | None:
        """Whether it would close a long, and a short."""
        if not self.exits:
            return None
        long, short = self.exits
        return MARKS[long(row)], MARKS[short(row)]


def _mark(value: int) -> Array:
    """A row's answer that everybody shares."""
    found = np.full(1, value, np.int8)
    found.flags.writeable = False
    return found


SILENT = Heard((), None)
MARKS = (_mark(0), _mark(1))


def _when(answer: object) -> object:
    return answer.when if isinstance(answer, Entries) else None


def _itself(answer: object) -> object:
    return answer


@dataclass(frozen=True, slots=True, eq=False)
class Speaker:
    """A strategy with its parameters, bound to one instrument."""

    strategy: Strategy
    params: Params
    place: int  # of the strategy in the run
    instrument: Instrument
    instrument_place: int
    # a frame keeps its buffers for life, and live asks at every bar
    _held: WeakKeyDictionary[Frame, dict[int, Views]] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
    )
    _drawn: WeakKeyDictionary[Frame, Drawn | None] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
    )
    unit: Unit = field(init=False, repr=False)

    def __post_init__(self) -> None:
        name = f"{self.strategy.name} on {self.instrument.symbol}"
        object.__setattr__(self, "unit", Unit("strategy", name))

    def columns(self) -> tuple[Column, ...]:
        """All columns the rule reads on either side."""
        declared = (*BY_NAME.values(), SESSION, *self.strategy.declared(self.params))
        return tuple(dict.fromkeys((*declared, *(mirrored(c).column for c in declared))))

    def sides(self) -> tuple[int, ...]:
        """The sides it may take."""
        return (LONG, SHORT) if self.strategy.sides == "both" else (LONG,)

    def window(self, frame: Frame, side: int, start: int, stop: int) -> Window:
        """The rows `start` to `stop` of the frame as this rule may see them."""
        views = self._held_views(frame, side)
        return Window(views, start, stop, self.instrument.tick, self.instrument.unit)

    def _held_views(self, frame: Frame, side: int) -> Views:
        sides = self._held.get(frame)
        if sides is None:
            sides = self._held[frame] = {}
        if side not in sides:
            sides[side] = self._views(frame, side)
        return sides[side]

    def _views(self, frame: Frame, side: int) -> Views:
        """The declared columns' buffers in a frame, with how a short reads them."""
        declared = (*BY_NAME.values(), *self.strategy.declared(self.params))
        if side == LONG:
            return {column.name: (frame.buffers[column], None) for column in declared}
        turned = {column.name: mirrored(column) for column in declared}
        return {name: (frame.buffers[view.column], view) for name, view in turned.items()}

    def heard(self, frame: Frame, start: int, stop: int) -> Heard:
        """Entries and exits of both sides on the rows `start` to `stop`; a rule says nothing of
        the rows on which one of them fails.
        """
        known = self.draw(frame) if stop - start == 1 and not self.unit.failed else None
        if known is None:
            ask = partial(self._heard, frame)
        else:  # a drawing cannot fail, so only a side that enters is asked under watch
            sides = [side for side, at in known.entries if at(start)]
            exits = known.marks(start)
            if not sides:
                return SILENT if exits is None else Heard((), exits)
            ask = partial(self._entered, frame, sides, exits)
        pieces = self.unit.asked(ask, frame.buffers[TS], start, stop)
        if len(pieces) == 1 and pieces[0][:2] == (start, stop):
            return pieces[0][2]
        exits = None
        if self.strategy.exits is not None:
            exits = np.zeros(stop - start, np.int8), np.zeros(stop - start, np.int8)
            for a, b, piece in pieces:
                for out, said in zip(exits, piece.exits or (), strict=True):
                    out[a - start : b - start] = said
        return Heard([table for _, _, piece in pieces for table in piece.tables], exits)

    def draw(self, frame: Frame) -> Drawn | None:
        """The rule's conditions on the frame's columns; None = it has to be asked."""
        if frame not in self._drawn:
            self._drawn[frame] = self._sketched(frame)
        return self._drawn[frame]

    def _sketched(self, frame: Frame) -> Drawn | None:
        entries, rule = self.strategy.entries, self.strategy.exits
        entries_at = [self._condition(entries, frame, side, _when) for side in self.sides()]
        exits_at = [self._condition(rule, frame, s, _itself) for s in (LONG, SHORT) if rule]
        asked = zip(self.sides(), entries_at, strict=True)
        known = tuple((side, at) for side, at in asked if at is not None)
        marks = tuple(at for at in exits_at if at is not None)
        whole = len(known) == len(entries_at) and len(marks) == len(exits_at)
        return Drawn(known, marks) if whole else None

    def _condition(
        self, rule: Callable[..., Any], frame: Frame, side: int, said: Callable[[Any], Any]
    ) -> At | None:
        one = self.instrument
        window = DrawnWindow(self._held_views(frame, side), one.tick, one.unit, frame.pad)
        return drawn(rule, window, self.params, said)

    def _entered(
        self, frame: Frame, sides: Sequence[int], exits: Exits | None, start: int, stop: int
    ) -> Heard:
        """A row on which something is entered; the other side and the exits are known."""
        return Heard(self.entries(frame, start, stop, sides), exits)

    def _heard(self, frame: Frame, start: int, stop: int) -> Heard:
        tables = self.entries(frame, start, stop)
        if self.strategy.exits is None:
            return Heard(tables, None)
        long, short = (self.exits(frame, side, start, stop) for side in (LONG, SHORT))
        return Heard(tables, (long, short))

    def entries(
        self, frame: Frame, start: int, stop: int, sides: Sequence[int] = ()
    ) -> list[Candidates]:
        """Candidates of some sides, else of all, on the rows `start` to `stop`."""
        tables = []
        for side in sides or self.sides():
            answer = self._ask(
                self.strategy.entries, self.window(frame, side, start, stop), Entries
            )
            hits = self._hits(answer.when, stop - start)
            if len(hits):
                tables.append(self._table(frame, answer, side, hits, start, stop))
        return tables

    def _hits(self, given: object, rows: int) -> Array:
        """Rows on which the rule asks; it may answer 0/1 floats."""
        if rows == 1 and isinstance(given, Vec) and isinstance(given.values, np.generic):
            return FIRST if given.values == True else NOBODY  # noqa: E712
        return np.flatnonzero(self._row_values(given, rows, "when") == True)  # noqa: E712

    def exits(self, frame: Frame, side: int, start: int, stop: int) -> Array:
        """Rows on which the rule would close a position of that side."""
        rule = self.strategy.exits
        if rule is None:
            return np.zeros(stop - start, np.int8)
        answer = self._ask(rule, self.window(frame, side, start, stop), Vec)
        says: Array = self._row_values(answer, stop - start, "exits") == True  # noqa: E712
        return says.astype(np.int8)

    def _ask(self, rule: Callable[[Window, Any], Any], window: Window, expected: type[Any]) -> Any:
        try:
            with np.errstate(all="ignore"):
                answer = rule(window, self.params)
        except JulieError as error:
            raise StrategyError(
                f"strategy {self.strategy.name}: {error.message}", error.cure
            ) from error
        except Exception as error:
            raise StrategyError(
                f"strategy {self.strategy.name} raised {type(error).__name__}: {error}",
                "mend the rule, or leave it out with --strategies; -vv shows where",
            ) from error
        if not isinstance(answer, expected):
            raise StrategyError(
                f"strategy {self.strategy.name} answered {type(answer).__name__}, "
                f"not {expected.__name__}",
                "a rule returns Entries(when=...), an exit rule a comparison",
            )
        return answer

    def _row_values(self, given: object, rows: int, what: str) -> Array:
        values = given.values if isinstance(given, Vec) else np.asarray(given)
        if values.shape == ():
            return np.full(rows, values)
        if values.shape != (rows,):
            raise StrategyError(
                f"strategy {self.strategy.name}: {what} has shape {values.shape}, not ({rows},)",
                "one value a row: combine columns of the window elementwise",
            )
        return values

    def _at(self, given: object, hits: Array, rows: int, what: str) -> Array:
        return self._row_values(given, rows, what)[hits].astype(np.float64)

    def _table(
        self, frame: Frame, answer: Entries, side: int, hits: Array, start: int, stop: int
    ) -> Candidates:
        rule, rows = self.strategy, stop - start
        table = empty(len(hits))
        data = table.data
        at = hits + start
        close = frame.buffers[CLOSE][at]
        data["row"][:] = frame.first + at - frame.pad
        data["ts"][:] = frame.buffers[TS][at]
        data["instrument"][:] = self.instrument_place
        data["strategy"][:] = self.place
        data["side"][:] = side
        data["style"][:] = int(rule.style)
        data["structural"][:] = rule.structural
        data["tier"][:] = rule.tier
        data["source"][:] = int(rule.bracket)
        data["session"][:] = frame.buffers[SESSION][at]
        data["ref_close"][:] = close - frame.buffers[SHIFT][at]
        data["confidence"][:] = self._at(answer.confidence, hits, rows, "confidence")
        data["min_r"][:] = answer.min_r
        self._distances(data, answer, side, hits, rows, close)
        views, shift = self._held[frame][side], frame.buffers[SHIFT][at]
        for name in answer.levels:
            table.notes[f"{rule.name}.{name}"] = self._note(name, views, at) - shift
        for name in answer.note:
            table.notes[f"{rule.name}.{name}"] = self._note(name, views, at)
        return table

    def _note(self, name: str, views: Views, at: Array) -> Array:
        """The column as a person knows it: for a short its counterpart, but the right way up."""
        if name not in views:
            raise StrategyError(
                f"strategy {self.strategy.name} notes {name!r}, which it did not declare",
                f"declared: {', '.join(sorted(views))}",
            )
        values = views[name][0][at]
        if values.dtype == np.int8:
            return np.where(values == MISSING, np.nan, values)
        return values.astype(np.float64)

    def _distances(
        self,
        data: dict[str, Array],
        answer: Entries,
        side: int,
        hits: Array,
        rows: int,
        close: Array,
    ) -> None:
        mine = close * side  # the close as the (mirrored) window shows it
        reference = mine
        if answer.limit is not None:
            reference = self._at(answer.limit, hits, rows, "limit")
            data["entry_kind"][:] = EntryKind.LIMIT
            data["limit_pts"][:] = mine - reference
            data["on_expiry"][:] = answer.on_expiry
            life = answer.expires_bars
            data["expires_bars"][:] = (
                NO_EXPIRY if life is None else self._at(life, hits, rows, "expires_bars")
            )
        if answer.stop is not None:
            data["stop_pts"][:] = reference - self._at(answer.stop, hits, rows, "stop")
        if answer.target is not None:
            data["target_pts"][:] = self._at(answer.target, hits, rows, "target") - reference
        if answer.target_r is not None:
            data["target_r"][:] = answer.target_r
        if answer.first_target is not None:
            data["first_target_pts"][:] = (
                self._at(answer.first_target, hits, rows, "first_target") - reference
            )
        if answer.stop_beyond is not None:
            data["least_stop_pts"][:] = reference - self._at(
                answer.stop_beyond, hits, rows, "stop_beyond"
            )
