"""What the venue refuses, with its codes and words.

A refusal of code 2 leaves a dead order with an id of its own; a tag that is in use and an order of
no type leave nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from julie.gateway.wire import Bracket, OrderType, PlaceOrder
from julie.gateway.wire.codes import (
    TEXT_AUTO_OCO,
    TEXT_MAX_POSITION,
    TEXT_NOT_ALIGNED,
    TEXT_OUT_OF_RANGE,
    TEXT_TAG_IN_USE,
    TEXT_TRAIL_NOT_ALIGNED,
    PlaceCode,
)
from julie.simgate.exchange.house import House
from julie.simgate.exchange.limits import Limits
from julie.simgate.exchange.state import SimAccount
from julie.simgate.market.history import last_close
from julie.simgate.market.stalls import Stall

NEAREST: Final = 4
FARTHEST_TRAIL: Final = 1000
BAND: Final = 0.1  # a price farther from the market is outside the allowed range
TEXT_SIZE: Final = "Invalid order size."
TEXT_TYPE: Final = "Invalid order type."
TEXT_NO_PRICE: Final = "Invalid price. Price is not set."
TEXT_HALTED: Final = "Market is halted."
LIMITS: Final = (OrderType.LIMIT, OrderType.JOIN_BID, OrderType.JOIN_ASK)


class Refusal(Exception):
    """The venue's no; `dead` leaves a rejected order."""

    def __init__(self, code: int, text: str | None = None, dead: bool = False) -> None:
        super().__init__(text or str(code))
        self.code, self.text, self.dead = code, text, dead


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that may stand."""

    side: int
    price: int | None
    trail: int | None
    stop: int | None
    target: int | None


def check_account(house: House, limits: Limits, asked: PlaceOrder) -> tuple[SimAccount, Stall]:
    """Who asks, for what, and whether they may now."""
    account = house.ledger.accounts.get(asked.account_id)
    if account is None:
        raise Refusal(PlaceCode.ACCOUNT_NOT_FOUND)
    stall = house.market.stalls.get(asked.contract_id)
    if stall is None:
        raise Refusal(PlaceCode.CONTRACT_NOT_FOUND)
    now = house.market.now_ns
    if stall.series.product.active(now) is not stall.contract:
        raise Refusal(PlaceCode.CONTRACT_NOT_ACTIVE)
    if account.violated:
        raise Refusal(PlaceCode.ACCOUNT_VIOLATION)
    if not account.can_trade:
        raise Refusal(PlaceCode.ACCOUNT_REJECTED)
    day = house.market.hours.day(now)
    if day is None or (account.flat and now >= day.flat_ns):
        raise Refusal(PlaceCode.OUTSIDE_TRADING_HOURS)
    if asked.custom_tag and asked.custom_tag in account.tags:
        raise Refusal(PlaceCode.ORDER_REJECTED, TEXT_TAG_IN_USE)
    if asked.type is OrderType.UNKNOWN:  # no row of it could ever be told
        raise Refusal(PlaceCode.ORDER_REJECTED, TEXT_TYPE)
    return account, stall


def check_order(
    house: House, limits: Limits, account: SimAccount, stall: Stall, asked: PlaceOrder
) -> Draft:
    """Whether the order itself can stand."""
    side = 1 if asked.side == 0 else -1
    if asked.size <= 0:
        raise _no(TEXT_SIZE)
    stop, target = _brackets(account, asked, side)
    price, trail = _price(stall, asked, side, house.market.now_ns)
    if limits.exceeds(account, asked.contract_id, side, asked.size):
        raise _no(TEXT_MAX_POSITION)
    return Draft(side, price, trail, stop, target)


def _no(text: str) -> Refusal:
    return Refusal(PlaceCode.ORDER_REJECTED, text, dead=True)


def _brackets(account: SimAccount, asked: PlaceOrder, side: int) -> tuple[int | None, int | None]:
    stop, target = asked.stop_loss_bracket, asked.take_profit_bracket
    if stop is None and target is None:
        return None, None
    if not account.auto_oco:
        raise _no(TEXT_AUTO_OCO)
    return (
        _leg(stop, "stop loss", -side, side, (OrderType.STOP, OrderType.TRAILING_STOP)),
        _leg(target, "take profit", side, side, (OrderType.LIMIT,)),
    )


def _leg(
    leg: Bracket | None, name: str, sign: int, side: int, kinds: tuple[OrderType, ...]
) -> int | None:
    if leg is None:
        return None
    if leg.type not in kinds:
        raise _no(TEXT_TYPE)
    if leg.ticks * sign <= 0:
        way = "less" if sign < 0 else "greater"
        when = "when longing" if side > 0 else "when going short"
        raise _no(f"Invalid {name} ticks ({leg.ticks}). Ticks should be {way} than zero {when}.")
    if abs(leg.ticks) < NEAREST:
        raise _no(
            f"Invalid {name} ticks ({leg.ticks}). Price should be at least {NEAREST} ticks away."
        )
    return abs(leg.ticks)


def aligned(stall: Stall, price: Decimal | None) -> int:
    """A price in ticks."""
    if price is None:
        raise _no(TEXT_NO_PRICE)
    tick = stall.contract.ticks(price)
    if tick is None:
        raise _no(TEXT_NOT_ALIGNED)
    return tick


def check_side(stall: Stall, side: int, tick: int, is_stop: bool, now: int) -> None:
    """A stop lies behind the market, and no price is outside the band.

    Before the first print the market is where it closed last.
    """
    last = stall.line.last
    if last is None:
        last = last_close(stall, now)
    if tick <= 0 or (last is not None and abs(tick - last) > BAND * last):
        raise _no(TEXT_OUT_OF_RANGE)
    if is_stop and last is not None and (tick - last) * side <= 0:
        raise _no(TEXT_OUT_OF_RANGE)


def trail_distance(stall: Stall, price: Decimal | None, bounded: bool) -> int:
    """Ticks between the market and the level that a trailing stop is given."""
    last = stall.line.last
    if price is None:
        raise _no("Trail Distance not set.")
    if last is None:
        raise _no("Cannot trail without a last price")
    tick = stall.contract.ticks(price)
    if tick is None:
        raise _no(TEXT_TRAIL_NOT_ALIGNED)
    distance = abs(last - tick)
    if bounded and distance > FARTHEST_TRAIL:
        raise _no(f"Trail Distance exceeds maximum ({FARTHEST_TRAIL})")
    return distance


def _price(stall: Stall, asked: PlaceOrder, side: int, now: int) -> tuple[int | None, int | None]:
    line = stall.line
    match asked.type:
        case OrderType.MARKET:
            if now < line.halted_ns:
                raise _no(TEXT_HALTED)
            return None, None
        case OrderType.LIMIT:
            tick = aligned(stall, asked.limit_price)
            check_side(stall, side, tick, is_stop=False, now=now)
            return tick, None
        case OrderType.STOP:
            tick = aligned(stall, asked.stop_price)
            check_side(stall, side, tick, is_stop=True, now=now)
            return tick, None
        case OrderType.TRAILING_STOP:
            distance = trail_distance(stall, asked.trail_price, bounded=True)
            return (line.last or 0) + side * distance, distance
        case OrderType.JOIN_BID | OrderType.JOIN_ASK:
            best = line.bid if asked.type is OrderType.JOIN_BID else line.ask
            if best is None:
                raise _no(TEXT_OUT_OF_RANGE)
            return best, None
        case _:
            raise _no(TEXT_TYPE)
