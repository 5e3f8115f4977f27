"""Market scripts carried out: at once, or laid into the lines of the contracts they are for."""

from functools import singledispatchmethod

from julie.core.errors import UsageError
from julie.core.zones import SECOND_NS
from julie.gateway.wire import Print, Stamp
from julie.simgate.exchange.events import TRADE, MarketEvent
from julie.simgate.market import scripts
from julie.simgate.market.market import Market
from julie.simgate.market.stalls import Stall


class Playing:
    """Carries out market scripts."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def _for(self, contract: str | None) -> list[Stall]:
        market = self._market
        if contract is None:
            return [s for s in market.trading if s.series is market.series[0]]
        if contract in market.stalls:
            return [market.stalls[contract]]
        found = [s for s in market.trading if s.contract.instrument.symbol == contract]
        if not found:
            raise UsageError(f"no contract {contract}", f"there are {sorted(market.stalls)}")
        return found

    def _at(self, seconds: float) -> int:
        return self._market.now_ns + round(seconds * SECOND_NS)

    @singledispatchmethod
    def do(self, script: object) -> None:
        """Carry out one script."""
        raise UsageError(f"no such script: {script!r}")

    @do.register
    def _(self, script: scripts.Ticks) -> None:
        for stall in self._for(script.contract):
            stall.line.ticks += [
                (self._at(after), stall.contract.nearest(price), volume)
                for after, price, volume in script.ticks
            ]

    @do.register
    def _(self, script: scripts.Quotes) -> None:
        for stall in self._for(script.contract):
            near = stall.contract.nearest
            stall.line.quotes += [
                (self._at(t), None if b is None else near(b), None if a is None else near(a))
                for t, b, a in script.quotes
            ]

    @do.register
    def _(self, script: scripts.BarsInstead) -> None:
        for stall in self._for(script.contract):
            near = stall.contract.nearest
            stall.line.bars += [
                (near(o), near(h), near(low), near(c), volume)
                for o, h, low, c, volume in script.bars
            ]

    @do.register
    def _(self, script: scripts.Gap) -> None:
        for stall in self._for(script.contract):
            ticks = stall.contract.nearest(script.points)
            line = stall.line
            line.shift += ticks
            if line.walk is not None:
                a, b, c, d = line.walk.points
                line.walk.points = (a + ticks, b + ticks, c + ticks, d + ticks)
            line.jump = True

    @do.register
    def _(self, script: scripts.Halt) -> None:
        for stall in self._for(script.contract):
            stall.line.halted_ns, stall.line.limit = self._at(script.seconds), script.limit

    @do.register
    def _(self, script: scripts.Silent) -> None:
        for stall in self._for(script.contract):
            stall.line.dead_ns = self._at(script.seconds)

    @do.register
    def _(self, script: scripts.Crossed) -> None:
        for stall in self._for(script.contract):
            stall.line.crossed_ns, stall.line.crossed = self._at(script.seconds), script.ticks

    @do.register
    def _(self, script: scripts.Frozen) -> None:
        for stall in self._for(script.contract):
            stall.line.frozen_from = self._market.now_ns
            stall.line.frozen_ns = self._at(script.seconds)

    @do.register
    def _(self, script: scripts.BadTick) -> None:
        for stall in self._for(script.contract):
            self._print(stall, script.price, script.volume, self._market.now_ns)

    @do.register
    def _(self, script: scripts.LateTick) -> None:
        ns = self._at(-script.seconds)
        for stall in self._for(script.contract):
            line = stall.line
            if script.price is None and line.last is None:
                continue
            tick = line.last or 0
            if script.price is not None:
                tick = stall.contract.nearest(script.price)
            line.printed(tick, script.volume, ns)
            self._print(stall, stall.contract.price(tick), script.volume, ns)

    def _print(self, stall: Stall, price: float, volume: int, ns: int) -> None:
        row = Print(
            symbol_id=stall.contract.symbol_id,
            price=price,
            timestamp=Stamp(ns),
            type=0,  # type: ignore[arg-type]
            volume=volume,
            contract_id=stall.contract.id,
        )
        self._market.tell(MarketEvent(TRADE, stall.contract.id, (row,), ns))

    @do.register
    def _(self, script: scripts.Burst) -> None:
        for stall in self._for(script.contract):
            stall.line.bursts.append((self._at(script.seconds), script.per_second))

    @do.register
    def _(self, script: scripts.Roll) -> None:
        at = self._market.now_ns if script.at_ns is None else script.at_ns
        self._market.product(script.symbol).roll(script.month, at)
        self._market.look()

    @do.register
    def _(self, script: scripts.CalendarDay) -> None:
        self._market.hours.change(script.day, script.close)

    @do.register
    def _(self, script: scripts.Revised) -> None:
        change = (script.high_ticks, script.low_ticks, script.close_ticks, script.missing)
        for stall in self._for(script.contract):
            stall.line.revised[script.ts] = change

    @do.register
    def _(self, script: scripts.Product) -> None:
        product = self._market.product(script.symbol)
        product.told_tick = script.tick_size or product.told_tick
        product.told_value = script.tick_value or product.told_value
