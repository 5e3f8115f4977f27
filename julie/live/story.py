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
    OrderState,
    OrderUpdate,
    PositionChanged,
    StateChanged,
)
from julie.core.money import dollars
from julie.core.taken import MinuteTaken
from julie.core.types import Reason, Side
from julie.core.words import sentence
from julie.core.zones import eastern_iso

Ticks = Mapping[str, float]  # contract -> points of a tick


class Told(NamedTuple):
    """A line of the log."""

    topic: str
    level: str
    text: str


def story(record: AuditRecord, ticks: Ticks) -> list[Told]:
    """The lines of a record; none for what would only fill the disk."""
    tell = _TELLERS.get(type(record.payload))
    if tell is None:
        return []
    head = f"#{record.seq} {eastern_iso(record.ts_exchange)[11:19]}"
    return [Told(topic, level, f"{head} {text}") for topic, level, text in tell(record, ticks)]


def _decision(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    payload: Any = record.payload
    return [
        Told(
            "pattern",
            "INFO",
            f"{one.strategy} {_side(one.side)} {one.symbol}: "
            + ("taken" if one.outcome is Reason.NONE else sentence(one.outcome, one.numbers)),
        )
        for one in payload.candidates
    ]


def _intent(record: AuditRecord, ticks: Ticks) -> list[Told]:
    one: Any = record.payload
    price = f" at {_price(one.price_tick, one.contract, ticks)}" if one.price_tick else ""
    legs = f", stop {one.stop_ticks} ticks" if one.stop_ticks else ""
    legs += f", target {one.target_ticks} ticks" if one.target_ticks else ""
    words = f"{one.role} {_side(one.side)} {one.qty} {one.contract} {one.kind}{price}{legs}"
    return [Told("order", "INFO", f"to be sent: {words} [{one.tag or one.intent}]")]


def _asked(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    to = f" to tick {one.price_tick}" if one.price_tick is not None else ""
    to += f" to {one.qty}" if one.qty is not None else ""
    why = f" ({one.reason})" if one.reason else ""
    return [Told("order", "INFO", f"asked: {one.verb} order {one.order}{to}{why} [{one.tag}]")]


def _order(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    level = "WARNING" if one.state in {OrderState.REJECTED, OrderState.UNKNOWN} else "INFO"
    filled = f", {one.filled} filled" if one.filled else ""
    said = f": {one.text}" if one.text else ""
    return [Told("order", level, f"order {one.order} {one.state}{filled}{said} [{one.tag}]")]


def _fill(record: AuditRecord, ticks: Ticks) -> list[Told]:
    one: Any = record.payload
    price = _price(one.price_tick, one.contract, ticks)
    words = f"{'bought' if one.side > 0 else 'sold'} {one.qty} {one.contract} at {price}"
    return [Told("trade", "INFO", f"{words}, fee {dollars(one.fee_cents):.2f} [order {one.order}]")]


def _position(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    why = f" ({one.exit_reason.word})" if one.exit_reason is not None else ""
    held = f"{_side(one.side)} {one.qty}" if one.qty else "flat"
    return [Told("trade", "INFO", f"{one.contract} {held}{why}")]


def _trade(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    words = (
        f"trade {one.trade_id}-{one.leg} {one.strategy} {_side(one.side)} {one.qty} "
        f"{one.instrument} {one.entry_price:g} -> {one.exit_price:g} {one.exit_reason}, "
        f"net {one.net:+.2f} USD"
    )
    return [Told("trade", "INFO", words)]


def _state(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    return [Told("bot", "WARNING", f"the desk is {one.state.name}: {one.reason}")]


def _flattening(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    said = f": {one.text}" if one.text else ""
    words = "flat" if one.done else "flattening"
    return [Told("bot", "WARNING", f"{words} ({one.reason}){said}")]


def _alarm(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    return [Told("bot", "WARNING", f"alarm {one.kind}: {one.text}")]


def _command(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    said = " ".join(f"{name}={value!r}" for name, value in one.arguments)
    return [Told("bot", "INFO", f"asked by a person: {one.verb} {said} [{one.id}]")]


def _equity(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    money = f"balance {dollars(one.balance_cents):,.2f}, open {dollars(one.open_cents):+,.2f}"
    return [Told("trade", "DEBUG", f"{money}, floor {dollars(one.floor_cents):,.2f}")]


def _day(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    net = f"net {dollars(one.net_cents):+,.2f} USD in {one.trades} trades"
    money = f"balance {dollars(one.balance_cents):,.2f}"
    return [Told("bot", "INFO", f"the trading day is closed: {net}, {money}")]


def _config(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    return [Told("bot", "INFO", f"the settings of this run have the hash {one.hash[:12]}")]


def _bar(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    one: Any = record.payload
    return [Told("stream", "DEBUG", f"{one.symbol} {_ohlc(one)}")]


def _minute(record: AuditRecord, ticks: Ticks) -> list[Told]:
    del ticks
    payload: Any = record.payload
    told = [
        f"{bar.contract} {_ohlc(bar)}{' (fetched)' if bar.backfilled else ''}"
        for bar in payload.bars
        if bar is not None
    ]
    empty = len(payload.bars) - len(told)
    words = "; ".join(told) + (f"; {empty} without a trade" if empty else "")
    return [Told("stream", "INFO", f"minute {eastern_iso(payload.ts)[11:16]}: {words}")]


def _ohlc(bar: Any) -> str:
    return f"{bar.open:g} {bar.high:g} {bar.low:g} {bar.close:g} v{bar.volume:g}"


def _side(side: int) -> str:
    return "long" if side == Side.LONG else "short"


def _price(tick: int, contract: str, ticks: Ticks) -> str:
    points = ticks.get(contract)
    return f"tick {tick}" if points is None else f"{round(tick * points, 9):g}"


_Teller = Callable[[AuditRecord, Ticks], list[Told]]
_TELLERS: Final[Mapping[type, _Teller]] = MappingProxyType(
    {
        Decision: _decision,
        Intent: _intent,
        Asked: _asked,
        OrderUpdate: _order,
        Fill: _fill,
        PositionChanged: _position,
        TradeClosed: _trade,
        StateChanged: _state,
        Flattening: _flattening,
        Alarm: _alarm,
        Command: _command,
        EquityMarked: _equity,
        DayClosed: _day,
        ConfigTaken: _config,
        BarClosed: _bar,
        MinuteTaken: _minute,
    }
)
