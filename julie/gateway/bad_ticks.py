"""Keeps prints out that no market made, and asks for a second word on those that look odd.

A price that is not positive or lies off the tick grid is never believed. One that is far from the
last print, by several ATR, waits: a sound quote beside it or a second print near it makes both
true; a print back where the market was makes it a bad tick. Everything kept out is counted.
"""

from collections.abc import Mapping
from math import inf
from types import MappingProxyType
from typing import Final

from julie.core.market_events import Print, QuoteNow
from julie.core.ticks import to_ticks
from julie.gateway.quotes import Books
from julie.gateway.venue_rows import Ticks, UnknownContract

OFF_GRID: Final = "off the grid"
NOT_POSITIVE: Final = "not positive"
UNCONFIRMED: Final = "unconfirmed"
CONFIRMED: Final = "confirmed late"


class TickFilter:
    """One print in, those that may be believed out."""

    def __init__(self, books: Books, ticks: Ticks, band_atr: float, band_pct: float) -> None:
        self._books = books
        self._ticks = ticks
        self._band_atr = band_atr
        self._share = band_pct / 100.0
        self._tick: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._atr: dict[str, float] = {}
        self._held: dict[str, Print] = {}
        self._counts: dict[str, int] = dict.fromkeys(
            (OFF_GRID, NOT_POSITIVE, UNCONFIRMED, CONFIRMED), 0
        )

    def counts(self) -> Mapping[str, int]:
        """Prints kept out, and those that were believed only later."""
        return MappingProxyType(self._counts)

    def measured(self, contract: str, atr: float) -> None:
        """The contract's ATR now, in points."""
        self._atr[contract] = atr

    def printed(self, event: Print) -> tuple[Print, ...]:
        """The prints that may be believed now, oldest first."""
        contract, price = event.contract, event.price
        fault = self._impossible(contract, price)
        if fault:
            self._counts[fault] += 1
            return ()
        held = self._held.pop(contract, None)
        band = self._band(contract, price)
        if held is not None and abs(held.price - price) <= band:
            return self._believed(held, event)
        if held is not None:
            self._counts[UNCONFIRMED] += 1
        near = abs(price - self._last.get(contract, price)) <= band
        if near or self._quoted_near(self._books.now(contract), price, band):
            self._last[contract] = price
            return (event,)
        self._held[contract] = event
        return ()

    def quoted(self, quote: QuoteNow) -> tuple[Print, ...]:
        """The print that waited for this quote, if it did."""
        held = self._held.get(quote.contract) if self._held else None
        if held is None:
            return ()
        if not self._quoted_near(quote, held.price, self._band(quote.contract, held.price)):
            return ()
        del self._held[quote.contract]
        return self._believed(held)

    def _believed(self, *events: Print) -> tuple[Print, ...]:
        self._counts[CONFIRMED] += 1
        self._last[events[-1].contract] = events[-1].price
        return events

    def _impossible(self, contract: str, price: float) -> str:
        if not 0.0 < price < inf:
            return NOT_POSITIVE
        tick = self._tick.get(contract)
        if tick is None:
            try:
                tick = self._tick[contract] = float(self._ticks.of(contract))
            except UnknownContract:
                return ""  # nobody trades it here
        try:
            to_ticks(price, tick)
        except ValueError:
            return OFF_GRID
        return ""

    def _band(self, contract: str, price: float) -> float:
        return max(self._band_atr * self._atr.get(contract, 0.0), self._share * price)

    @staticmethod
    def _quoted_near(quote: QuoteNow | None, price: float, band: float) -> bool:
        return quote is not None and quote.sound and quote.bid - band <= price <= quote.ask + band
