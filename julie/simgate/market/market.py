"""The market: a virtual clock, the contracts that trade by it, and what they send.

One piece is a virtual second, in which every contract moves, matches and repeats its quote. In
lockstep a minute has two pieces: first the opening quote and print of every contract, which match
nothing yet; then, once everybody has heard them, their matching and the other seconds. Nothing is
sent while the exchange is closed: the clock leaps to the next open that has prices.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

import msgspec

from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.execution.matching import path
from julie.simgate.exchange.events import Event
from julie.simgate.exchange.setup import Setup
from julie.simgate.market.contracts import Contract, Product
from julie.simgate.market.hours import Day, Hours
from julie.simgate.market.line import Line, begin
from julie.simgate.market.scripts import MarketScript
from julie.simgate.market.series import NONE, Series
from julie.simgate.market.staged import staged
from julie.simgate.market.telling import print_event, quote_event

_HALF_NS: Final = SECOND_NS // 2
_TICK_NS: Final = 1000  # two facts of one moment lie so far apart


class Pit(Protocol):
    """Where orders meet prices: what the market calls when a price stands or moves."""

    def point(self, contract: str, tick: int) -> None:
        """A price stands: everything that it fills fills."""
        ...

    def travel(self, contract: str, a: int, b: int, phase: int) -> None:
        """The price moves from a to b through all that lies between."""
        ...

    def held(self, contract: str) -> int:
        """What the first account holds."""
        ...

    def marked(self, contract: str, tick: int) -> None:
        """A price stands by which open positions are judged."""
        ...

    def second(self, ns: int) -> None:
        """Time went on."""
        ...

    def day_opens(self, ns: int) -> None:
        """A trading day begins."""
        ...

    def flattens(self, ns: int) -> None:
        """The venue wants everybody flat."""
        ...


class MarketState(msgspec.Struct, kw_only=True):
    """What a restart must find again."""

    clock: int
    half: bool = False  # first prints of a minute are out and not matched
    opened_ns: int = 0
    flat_ns: int = 0
    moments: int = 0
    lines: dict[str, Line] = {}
    applied: list[MarketScript] = []


class Stall(msgspec.Struct):
    """A contract with all that it needs to trade."""

    contract: Contract
    place: int
    series: Series
    line: Line


class Market:
    """Drives the lines of all contracts."""

    def __init__(
        self,
        setup: Setup,
        series: tuple[Series, ...],
        hours: Hours,
        sink: Callable[[Event], None],
        state: MarketState | None = None,
    ) -> None:
        self.setup = setup
        self.series = series
        self.hours = hours
        self.state = state or MarketState(clock=setup.start_ns - 1)
        self._sink = sink
        self._stalls: list[Stall] = []
        self._minute = -1
        self._base_ns = self.state.clock
        self.stalls: dict[str, Stall] = {}
        self.pit: Pit
        for one in series:
            for place, contract in enumerate(one.product.contracts):
                self.add(one, place, contract)

    def add(self, series: Series, place: int, contract: Contract) -> Stall:
        """A contract gets its line."""
        line = self.state.lines.setdefault(contract.id, Line(contract.id))
        stall = self.stalls[contract.id] = Stall(contract, place, series, line)
        return stall

    @property
    def now_ns(self) -> int:
        """The virtual clock."""
        return max(self.state.clock, self.setup.start_ns)

    @property
    def date(self) -> str:
        """The date, UTC, by the virtual clock."""
        return datetime.fromtimestamp(self.now_ns // SECOND_NS, UTC).date().isoformat()

    def stamp(self) -> int:
        """The time of a fact; no two of one moment are alike."""
        self.state.moments += 1
        return max(self._base_ns, self.setup.start_ns) + self.state.moments * _TICK_NS

    def product(self, symbol: str) -> Product:
        """The product of that symbol."""
        return next(s.product for s in self.series if s.product.instrument.symbol == symbol)

    def due_ns(self) -> int | None:
        """When the next piece is due; None at the end."""
        if self.state.half:
            return self.now_ns
        due = self._next_ns()
        return due if due is not None and due < self.setup.end_ns else None

    def _next_ns(self) -> int | None:
        clock = self.state.clock
        step = MINUTE_NS if self.setup.lockstep else SECOND_NS
        due = (clock // step + 1) * step
        day = self.hours.day(due)
        if day is not None:
            return due
        starts = [at for one in self.series if (at := one.next_start(clock)) is not None]
        if not starts:
            return None
        return max(self.hours.begun(min(starts)).open_ns, due)

    def advance(self) -> bool:
        """Play the next piece."""
        if self.state.half:
            self._rest()
            return True
        due = self.due_ns()
        if due is None:
            return False
        if not self.setup.lockstep:
            self._second(due)
            return True
        self._first(due)
        if not self.state.half:
            self._seconds_after(due)
        return True

    def _first(self, minute: int) -> None:
        """The opening of a minute in lockstep."""
        self._to(minute)
        for stall in self._stalls:
            self._open(stall, minute, wait=True)
            self.state.half |= stall.line.waiting
            if self._heard_until(stall) < minute:
                self.tell_quote(stall, minute)
        self.pit.second(minute)

    def _rest(self) -> None:
        minute = self.state.clock
        self.state.half = False
        for stall in self._stalls:
            if stall.line.waiting:
                stall.line.waiting = False
                self._match_open(stall)
        self._seconds_after(minute)

    def _seconds_after(self, minute: int) -> None:
        for second in range(1, 60):
            self._second(minute + second * SECOND_NS)

    def _second(self, ns: int) -> None:
        self._to(ns)
        for stall in self._stalls:
            if staged(self, stall, ns):
                continue
            if stall.series.ticks is not None:
                self._recorded(stall, ns)
                continue
            if not self._open(stall, ns, wait=False):
                self._walk(stall, ns)
            self.tell_quote(stall, ns)
        self.pit.second(ns)

    def _to(self, ns: int) -> None:
        """The clock moves; days open, the venue flattens, months take over."""
        self.state.clock = self._base_ns = ns
        self.state.moments = 0
        day = self.hours.begun(ns)
        if day.open_ns > self.state.opened_ns:
            self._open_day(day)
        if ns >= day.flat_ns > self.state.flat_ns:
            self.state.flat_ns = day.flat_ns
            self.pit.flattens(ns)
        minute = ns // MINUTE_NS
        if minute != self._minute:
            self._minute = minute
            self.look()

    def _open_day(self, day: Day) -> None:
        self.state.opened_ns = day.open_ns
        for stall in self.stalls.values():
            stall.line.new_day()
        self.pit.day_opens(day.open_ns)

    def look(self) -> None:
        """Which contracts trade now."""
        self._stalls = []
        for one in self.series:
            for contract in one.product.streamed(self.now_ns):
                stall = self.stalls.get(contract.id) or self.add(
                    one, one.product.index(contract), contract
                )
                if stall.line.since_ns == 0:
                    stall.line.since_ns = self.now_ns // MINUTE_NS * MINUTE_NS
                self._stalls.append(stall)

    @property
    def trading(self) -> list[Stall]:
        """The contracts that trade now, active months before their neighbours."""
        if not self._stalls:
            self.look()
        return self._stalls

    def offset(self, stall: Stall, month: int) -> int:
        """What lies between a row's price and this contract's."""
        base = stall.series.product.base
        return base[stall.place] - base[month] + stall.line.shift

    def _open(self, stall: Stall, ns: int, *, wait: bool) -> bool:
        """A bar that starts now sends its open; recorded ticks send their first print."""
        line, series = stall.line, stall.series
        if series.ticks is not None:
            return self._first_recorded(stall, ns) if wait else False
        row = series.row_at(ns) if ns % series.base_ns == 0 else -1
        if row < 0 or ns < line.dead_ns or ns < line.halted_ns:
            return False
        up = self.offset(stall, int(series.month[row]))
        o, h, low, c = (
            int(column[row]) + up for column in (series.open, series.high, series.low, series.close)
        )
        volume = int(series.volume[row])
        if line.bars:
            o, h, low, c, volume = line.bars.pop(0)
        seconds = series.base_ns // SECOND_NS
        line.walk = begin(ns, (o, h, low, c), volume, seconds, self.setup.habits.prints_per_bar)
        line.jump = False
        line.moved(o)
        self.tell_quote(stall, ns)
        self.tell_print(stall, line.walk.prints[0], ns)
        line.waiting = wait
        if not wait:
            self._match_open(stall)
        return True

    def _match_open(self, stall: Stall) -> None:
        line = stall.line
        if line.last is None:
            return
        self.pit.point(line.id, line.last)
        walk = line.walk
        if walk is not None and not walk.settled:
            o, h, low, c = walk.bar
            first, second = path(self.pit.held(line.id), o, h, low, c)
            walk.points, walk.settled = (o, int(first), int(second), c), True
        self.pit.marked(line.id, line.last)

    def _walk(self, stall: Stall, ns: int) -> None:
        """One second along the bar."""
        line = stall.line
        walk = line.walk
        if walk is None or ns < line.dead_ns or ns < line.halted_ns:
            line.jump |= walk is not None
            return
        second = (ns - walk.start_ns) // SECOND_NS
        if second > walk.turns[3]:
            line.walk = None
            return
        tick, phase = walk.at(second)
        if line.jump:
            self.leap(stall, tick)
        elif line.last is not None and tick != line.last:
            self._base_ns = ns - _HALF_NS
            self.pit.travel(line.id, line.last, tick, phase)
            self._base_ns = ns
            line.moved(tick)
            self.pit.marked(line.id, tick)
        if second in walk.prints:
            self.tell_quote(stall, ns)
            self.tell_print(stall, walk.prints[second], ns)

    def leap(self, stall: Stall, tick: int) -> None:
        """The price stands elsewhere, and nothing traded between."""
        stall.line.jump = False
        stall.line.moved(tick)
        self.pit.point(stall.line.id, tick)
        self.pit.marked(stall.line.id, tick)

    def _first_recorded(self, stall: Stall, ns: int) -> bool:
        """Recorded ticks of a minute up to the first print, which waits to be matched."""
        while (row := self._next_tick(stall, ns + MINUTE_NS - 1)) >= 0:
            if self._recorded_row(stall, row):
                stall.line.waiting = True
                return True
        return False

    def _recorded(self, stall: Stall, ns: int) -> None:
        """The quote as it stands, then all that was recorded in this second."""
        if self._heard_until(stall) < ns:
            self.tell_quote(stall, ns)
        while (row := self._next_tick(stall, ns + SECOND_NS - 1)) >= 0:
            if self._recorded_row(stall, row) and stall.line.last is not None:
                self.pit.point(stall.line.id, stall.line.last)
                self.pit.marked(stall.line.id, stall.line.last)

    def _heard_until(self, stall: Stall) -> int:
        row, ticks = stall.line.tick_row, stall.series.ticks
        return int(ticks.ts[row - 1]) if ticks is not None and row > 0 else 0

    def _next_tick(self, stall: Stall, until: int) -> int:
        ticks, line = stall.series.ticks, stall.line
        assert ticks is not None  # noqa: S101 - the caller has looked
        if line.tick_row < 0:
            line.tick_row = int(ticks.ts.searchsorted(self.setup.start_ns))
        row = line.tick_row
        if row >= len(ticks.ts) or int(ticks.ts[row]) > until:
            return -1
        line.tick_row += 1
        return row

    def _recorded_row(self, stall: Stall, row: int) -> bool:
        """One recorded event goes out; whether it was a print."""
        ticks, line = stall.series.ticks, stall.line
        assert ticks is not None  # noqa: S101 - the caller has looked
        ns, last, up = int(ticks.ts[row]), int(ticks.last[row]), self.offset(stall, 0)
        if ns < line.dead_ns or ns < line.halted_ns:
            return False
        self._base_ns, self.state.moments = ns, 0
        if last != NONE:
            line.moved(last + up)
            line.sold = bool(ticks.sell[row])
        if int(ticks.bid[row]) != NONE and int(ticks.ask[row]) != NONE:
            line.bid, line.ask = int(ticks.bid[row]) + up, int(ticks.ask[row]) + up
        self.tell_quote(stall, ns)
        if last == NONE:
            return False
        self.tell_print(stall, int(ticks.size[row]), ns)
        return True

    def tell_quote(self, stall: Stall, ns: int) -> None:
        """What changed of the quote goes out, if only the time."""
        event = quote_event(stall.contract, stall.line, ns)
        if event is not None:
            self._sink(event)

    def tell(self, event: Event) -> None:
        """Something that a script makes goes out."""
        self._sink(event)

    def tell_print(self, stall: Stall, volume: int, ns: int) -> None:
        """A trade at the price that stands."""
        line = stall.line
        assert line.last is not None  # noqa: S101 - a print has a price
        line.printed(line.last, volume, ns)
        self._sink(print_event(stall.contract, line.last, volume, line.sold, ns))
