"""The market: a virtual clock, the contracts that trade by it, and what they send.

One piece is a virtual second, in which every contract moves, matches and repeats its quote. In
lockstep a minute has two pieces: first the opening quote and print of every contract, which match
nothing yet; then, once everybody has heard them, their matching and the other seconds. Nothing is
sent while the exchange is closed: the clock leaps to the next open that has prices.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.simgate.exchange.events import Event
from julie.simgate.exchange.setup import Setup
from julie.simgate.market.contracts import Contract, Product
from julie.simgate.market.hours import Day, Hours
from julie.simgate.market.line import Line
from julie.simgate.market.recorded import first_print, heard_until, play_second
from julie.simgate.market.series import Series
from julie.simgate.market.staged import staged
from julie.simgate.market.stalls import MarketState, Pit, Stall
from julie.simgate.market.telling import print_event, quote_event
from julie.simgate.market.walked import match_open, open_bar, walk_second

_TICK_NS: Final = 1000  # two facts of one moment lie so far apart


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
        self.moment_ns = self.state.clock  # that facts are stamped by
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
        return max(self.moment_ns, self.setup.start_ns) + self.state.moments * _TICK_NS

    def begin_moment(self, ns: int) -> None:
        """Facts bear this time from now on."""
        self.moment_ns, self.state.moments = ns, 0

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
            first = open_bar if stall.series.ticks is None else first_print
            stall.line.waiting = first(self, stall, minute)
            self.state.half |= stall.line.waiting
            if heard_until(stall) < minute:
                self.tell_quote(stall, minute)
        self.pit.second(minute)

    def _rest(self) -> None:
        minute = self.state.clock
        self.state.half = False
        for stall in self._stalls:
            if stall.line.waiting:
                stall.line.waiting = False
                match_open(self, stall)
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
                play_second(self, stall, ns)
                continue
            if open_bar(self, stall, ns):
                match_open(self, stall)
            else:
                walk_second(self, stall, ns)
            self.tell_quote(stall, ns)
        self.pit.second(ns)

    def _to(self, ns: int) -> None:
        """The clock moves; days open, the venue flattens, months take over."""
        self.state.clock = ns
        self.begin_moment(ns)
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

    def leap(self, stall: Stall, tick: int) -> None:
        """The price stands elsewhere, and nothing traded between."""
        stall.line.jump = False
        stall.line.moved(tick)
        self.pit.point(stall.line.id, tick)
        self.pit.marked(stall.line.id, tick)

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
