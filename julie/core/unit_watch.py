"""Keeps what fails apart from the others: a unit is a strategy on one instrument, a judge or a
column.

A unit says nothing of a close on which it raises; after three such closes of a trading day it is
off for the rest of that day. Rows are asked about in one go, and only where that raises are they
asked about again in halves, until the closes are found that fail. So a backtest finds the very
closes on which a live desk would have found them, and what never fails pays nothing for it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from julie.core.errors import JulieError
from julie.core.zones import DAY_NS, HOUR_NS, eastern, eastern_iso

MOST: Final = 3
NEVER_OFF: Final = 1 << 60
DAYS_KEPT: Final = 8
EVENING_NS: Final = 6 * HOUR_NS  # a trading day begins at 18:00 Eastern and bears the next date

T = TypeVar("T")
Ints = npt.NDArray[np.int64]
Ask = Callable[[int, int], T]


def trading_days(ts: Ints) -> Ints:
    """The trading days of bar times, days since 1970-01-01."""
    days: Ints = (eastern().local(ts) + EVENING_NS) // DAY_NS
    return days


@dataclass(frozen=True, slots=True, eq=False)
class Failure:
    """A close on which a unit raised."""

    kind: str
    name: str
    error: Exception
    words: str
    count: int  # of its failures on that trading day
    most: int  # with that many it is off

    @property
    def counts(self) -> bool:
        """Whether failures lead anywhere; some units are never off."""
        return self.most < NEVER_OFF


class Unit:
    """One that may fail, and the closes of the last days on which it did."""

    def __init__(self, kind: str, name: str, most: int = MOST) -> None:
        self.kind, self.name, self._most = kind, name, most
        self.failed: dict[int, list[int]] = {}  # closes (their bars' opens) by trading day
        self.closes = self.days_off = self.first_ts = 0  # in all
        self.words = ""  # of the newest failure
        self.tell: Callable[[Failure], None] | None = None  # who hears of each failure

    def off(self, day: int) -> bool:
        """Whether it may not speak any more on that trading day."""
        return len(self.failed.get(day, ())) >= self._most

    def asked(self, ask: Ask[T], ts: Ints, start: int, stop: int) -> list[tuple[int, int, T]]:
        """What it answers about the rows `start` to `stop` of bars at `ts`: pieces with their rows,
        without those on which it fails or is off.
        """
        if not self.failed:
            try:
                return [(start, stop, ask(start, stop))]
            except Exception as error:  # noqa: BLE001  # whatever a unit raises is its own
                return self.pieces(ask, ts, start, stop, error)
        return self.pieces(ask, ts, start, stop)

    def pieces(
        self, ask: Ask[T], ts: Ints, start: int, stop: int, known: Exception | None = None
    ) -> list[tuple[int, int, T]]:
        """The same, where all at once is known to fail or it failed before.

        One that fails on many rows together and on none of them alone is no rule of rows: that is
        a fault of its making, and ends whatever asks.
        """
        found: list[tuple[int, int, T]] = []
        before, days = self.closes, trading_days(ts[start:stop])
        self._walk(ask, ts, start, stop, days, start, found)
        if known is not None and self.closes == before and sum(b - a for a, b, _ in found) > 1:
            raise known
        return found

    def _walk(
        self,
        ask: Ask[T],
        ts: Ints,
        start: int,
        stop: int,
        days: Ints,
        base: int,
        found: list[tuple[int, int, T]],
    ) -> None:
        while start < stop and self.off(int(days[start - base])):
            start = base + int(np.searchsorted(days, days[start - base], side="right"))
        if start >= stop:
            return
        try:
            found.append((start, stop, ask(start, stop)))
            return
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a unit raises is its own
            if stop - start == 1:
                self._failed(int(ts[start]), int(days[start - base]), error)
                return
            if type(error).__module__.startswith("numba."):  # it cannot be compiled at all
                for row in range(start, stop):
                    if not self.off(int(days[row - base])):
                        self._failed(int(ts[row]), int(days[row - base]), error)
                return
        middle = (start + stop) // 2
        self._walk(ask, ts, start, middle, days, base, found)
        self._walk(ask, ts, middle, stop, days, base, found)

    def _failed(self, ts: int, day: int, error: Exception) -> None:
        closes = self.failed.setdefault(day, [])
        if ts in closes:
            return
        closes.append(ts)
        self.first_ts = self.first_ts or ts
        self.closes += 1
        self.days_off += len(closes) == self._most
        for old in sorted(self.failed)[:-DAYS_KEPT]:
            del self.failed[old]
        self.words = (
            error.message
            if isinstance(error, JulieError)
            else f"{self.kind} {self.name} raised {type(error).__name__}: {_first_line(error)}"
        )
        if self.tell is not None:
            self.tell(Failure(self.kind, self.name, error, self.words, len(closes), self._most))

    def forget_after(self, ts: int) -> None:
        """Rows behind `ts` are told again: their bars were corrected."""
        for day, closes in list(self.failed.items()):
            kept = [one for one in closes if one <= ts]
            self.days_off -= len(closes) >= self._most > len(kept)
            self.closes -= len(closes) - len(kept)
            self.failed[day] = kept
            if not kept:
                del self.failed[day]

    def sentence(self) -> str:
        """What became of it over a run."""
        off = f", off for the rest of {self.days_off} trading days" if self.days_off else ""
        return (
            f"{self.kind} {self.name} failed on {self.closes:,} closes, first on that of"
            f" {eastern_iso(self.first_ts)}{off}: {self.words}"
        )


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")[:200]


def failures(units: Iterable[Unit]) -> tuple[str, ...]:
    """A sentence for each that failed; nothing is the usual."""
    return tuple(one.sentence() for one in units if one.closes)


def gaps(pieces: Iterable[tuple[int, int, Any]], start: int, stop: int) -> list[tuple[int, int]]:
    """The rows between the pieces."""
    found, at = [], start
    for first, end, _ in pieces:
        if first > at:
            found.append((at, first))
        at = end
    return [*found, (at, stop)] if at < stop else found
