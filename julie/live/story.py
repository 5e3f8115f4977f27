"""The run's records as lines of the log: which topic, which words.

Prices of orders are ticks inside; where the contract's tick is known they are told in points.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from julie.core.bookings import ConfigTaken, DayClosed, EquityMarked, TradeClosed
from julie.core.events import (
    Alarm,
    Asked,
    AuditRecord,
    BarClosed,
    Command,
    Decision,
    Fill,
    Flattening,
    Intent,
    JudgedCandidate,
    OrderState,
    OrderUpdate,
    PositionChanged,
    StateChanged,
)
from julie.core.money import dollars
from julie.core.taken import MinuteTaken
from julie.core.ticks import price_words
from julie.core.types import Reason, Side
from julie.core.words import sentence
from julie.core.zones import eastern_iso

Ticks = Mapping[str, float]  # contract -> points of a tick


class Told(NamedTuple):
    """A line of the log."""

    topic: str
    level: str
    text: str


Words = Callable[[Any, Ticks], str]  # a payload's words; who names prices needs the ticks


class _Line(NamedTuple):
    """How a kind of payload is told: one line of a topic."""

    topic: str
    level: str
    words: Words


def story(record: AuditRecord, ticks: Ticks) -> list[Told]:
    """The lines of a record; none for what would only fill the disk."""
    payload: Any = record.payload
    head = f"#{record.seq} {eastern_iso(record.ts_exchange)[11:19]}"
    if isinstance(payload, Decision):
        return [Told("pattern", "INFO", f"{head} {_candidate(one)}") for one in payload.candidates]
    line = _LINES.get(type(payload))
    if line is None:
        return []
    level = "WARNING" if getattr(payload, "state", None) in _BAD else line.level
    return [Told(line.topic, level, f"{head} {line.words(payload, ticks)}")]


def _plain(words: Callable[[Any], str]) -> Words:
    """Of a payload that names no price in ticks."""
    return lambda one, _: words(one)


def _candidate(one: JudgedCandidate) -> str:
    said = "taken" if one.outcome is Reason.NONE else sentence(one.outcome, one.numbers)
    return f"{one.strategy} {_side(one.side)} {one.symbol}: {said}"


def _intent(one: Any, ticks: Ticks) -> str:
    price = f" at {_price(one.price_tick, one.contract, ticks)}" if one.price_tick else ""
    legs = f", stop {one.stop_ticks} ticks" if one.stop_ticks else ""
    legs += f", target {one.target_ticks} ticks" if one.target_ticks else ""
    words = f"{one.role} {_side(one.side)} {one.qty} {one.contract} {one.kind}{price}{legs}"
    return f"to be sent: {words} [{one.tag or one.intent}]"


def _asked(one: Any) -> str:
    to = f" to tick {one.price_tick}" if one.price_tick is not None else ""
    to += f" to {one.qty}" if one.qty is not None else ""
    why = f" ({one.reason})" if one.reason else ""
    return f"asked: {one.verb} order {one.order}{to}{why} [{one.tag}]"


def _order(one: Any) -> str:
    filled = f", {one.filled} filled" if one.filled else ""
    said = f": {one.text}" if one.text else ""
    return f"order {one.order} {one.state}{filled}{said} [{one.tag}]"


def _fill(one: Any, ticks: Ticks) -> str:
    price = _price(one.price_tick, one.contract, ticks)
    words = f"{'bought' if one.side > 0 else 'sold'} {one.qty} {one.contract} at {price}"
    return f"{words}, fee {dollars(one.fee_cents):.2f} [order {one.order}]"


def _position(one: Any) -> str:
    why = f" ({one.exit_reason.word})" if one.exit_reason is not None else ""
    held = f"{_side(one.side)} {one.qty}" if one.qty else "flat"
    return f"{one.contract} {held}{why}"


def _trade(one: Any) -> str:
    return (
        f"trade {one.trade_id}-{one.leg} {one.strategy} {_side(one.side)} {one.qty} "
        f"{one.instrument} {price_words(one.entry_price)} -> {price_words(one.exit_price)} "
        f"{one.exit_reason}, net {one.net:+.2f} USD"
    )


def _flattening(one: Any) -> str:
    said = f": {one.text}" if one.text else ""
    return f"{'flat' if one.done else 'flattening'} ({one.reason}){said}"


def _command(one: Any) -> str:
    said = " ".join(f"{name}={value!r}" for name, value in one.arguments)
    return f"asked by a person: {one.verb} {said} [{one.id}]"


def _equity(one: Any) -> str:
    money = f"balance {dollars(one.balance_cents):,.2f}, open {dollars(one.open_cents):+,.2f}"
    return f"{money}, floor {dollars(one.floor_cents):,.2f}"


def _day(one: Any) -> str:
    net = f"net {dollars(one.net_cents):+,.2f} USD in {one.trades} trades"
    return f"the trading day is closed: {net}, balance {dollars(one.balance_cents):,.2f}"


def _minute(one: Any) -> str:
    told = [
        f"{bar.contract} {_ohlc(bar)}{' (fetched)' if bar.backfilled else ''}"
        for bar in one.bars
        if bar is not None
    ]
    empty = len(one.bars) - len(told)
    words = "; ".join(told) + (f"; {empty} without a trade" if empty else "")
    return f"minute {eastern_iso(one.ts)[11:16]}: {words}"


def _ohlc(bar: Any) -> str:
    prices = " ".join(price_words(one) for one in (bar.open, bar.high, bar.low, bar.close))
    return f"{prices} v{bar.volume:.10g}"


def _side(side: int) -> str:
    return "long" if side == Side.LONG else "short"


def _price(tick: int, contract: str, ticks: Ticks) -> str:
    points = ticks.get(contract)
    return f"tick {tick}" if points is None else price_words(tick * points)


_BAD: Final = frozenset((OrderState.REJECTED, OrderState.UNKNOWN))
_LINES: Final[Mapping[type, _Line]] = MappingProxyType(
    {
        Intent: _Line("order", "INFO", _intent),
        Asked: _Line("order", "INFO", _plain(_asked)),
        OrderUpdate: _Line("order", "INFO", _plain(_order)),
        Fill: _Line("trade", "INFO", _fill),
        PositionChanged: _Line("trade", "INFO", _plain(_position)),
        TradeClosed: _Line("trade", "INFO", _plain(_trade)),
        StateChanged: _Line(
            "bot", "WARNING", _plain(lambda one: f"the desk is {one.state.name}: {one.reason}")
        ),
        Flattening: _Line("bot", "WARNING", _plain(_flattening)),
        Alarm: _Line("bot", "WARNING", _plain(lambda one: f"alarm {one.kind}: {one.text}")),
        Command: _Line("bot", "INFO", _plain(_command)),
        EquityMarked: _Line("trade", "DEBUG", _plain(_equity)),
        DayClosed: _Line("bot", "INFO", _plain(_day)),
        ConfigTaken: _Line(
            "bot",
            "INFO",
            _plain(lambda one: f"the settings of this run have the hash {one.hash[:12]}"),
        ),
        BarClosed: _Line("stream", "DEBUG", _plain(lambda one: f"{one.symbol} {_ohlc(one)}")),
        MinuteTaken: _Line("stream", "INFO", _plain(_minute)),
    }
)
