"""The venue's rows as the executor reads them: prices in ticks, money in cents, words in ours.

Prices cross to ticks exactly, by the tick of the contract; a row whose price lies off the grid, or
whose contract nobody knows, is `Unreadable` and never a guess. An order's kind is kept, because a
change of its price must name which price.
"""

from collections.abc import Iterable
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from julie.core.instruments import INSTRUMENTS, Instrument
from julie.core.money import cents
from julie.core.types import Side
from julie.execution.venue import (
    OrderKind,
    Unreadable,
    VenueAccount,
    VenueEvent,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueTrade,
)
from julie.gateway.wire import (
    AccountRow,
    OrderRow,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionRow,
    PositionType,
    TradeRow,
)
from julie.gateway.wire.hub import HubRow

KINDS: Final = MappingProxyType(
    {
        OrderType.MARKET: OrderKind.MARKET,
        OrderType.LIMIT: OrderKind.LIMIT,
        OrderType.STOP: OrderKind.STOP,
    }
)
STATUSES: Final = MappingProxyType(
    {
        OrderStatus.OPEN: VenueStatus.OPEN,
        OrderStatus.FILLED: VenueStatus.FILLED,
        OrderStatus.CANCELLED: VenueStatus.CANCELLED,
        OrderStatus.EXPIRED: VenueStatus.EXPIRED,
        OrderStatus.REJECTED: VenueStatus.REJECTED,
        OrderStatus.PENDING: VenueStatus.PENDING,
        OrderStatus.PENDING_CANCELLATION: VenueStatus.CANCELLING,
        OrderStatus.SUSPENDED: VenueStatus.SUSPENDED,
    }
)
ORDERS_KEPT: Final = 10_000
ID_PARTS: Final = 5  # CON.F.US.<root>.<month>


class UnknownContract(Exception):
    """A contract whose tick nobody knows yet."""

    def __init__(self, contract: str) -> None:
        super().__init__(f"contract {contract} is not in the table")
        self.contract = contract


class Ticks:
    """The tick of every contract: as the venue said, else as the table has it by the root."""

    def __init__(self, instruments: Iterable[Instrument] = INSTRUMENTS.values()) -> None:
        self._roots = {one.contract_root: Decimal(str(one.tick)) for one in instruments}
        self._told: dict[str, Decimal] = {}

    def tell(self, contract: str, tick: Decimal) -> None:
        """The venue's own word."""
        self._told[contract] = tick

    def of(self, contract: str) -> Decimal:
        """The tick; raises `UnknownContract`."""
        parts = contract.split(".")
        root = parts[3] if len(parts) == ID_PARTS else ""
        tick = self._told.get(contract) or self._roots.get(root)
        if tick is None:
            raise UnknownContract(contract)
        return tick

    def whole(self, contract: str, price: Decimal) -> int:
        """The price in ticks; refuses one off the grid."""
        ticks, rest = divmod(price, self.of(contract))
        if rest:
            raise ValueError(f"{contract}: price {price} is off the grid")
        return int(ticks)

    def price(self, contract: str, ticks: int) -> Decimal:
        """A whole number of ticks as a price."""
        return self.of(contract) * ticks


class VenueRows:
    """Reads rows of one account."""

    def __init__(self, account_id: int, ticks: Ticks) -> None:
        self.account_id: Final = account_id
        self.ticks: Final = ticks
        self.foreign = 0  # rows of other accounts of this login, passed over
        self._known: dict[int, tuple[str, OrderKind]] = {}

    def known(self, order_id: int) -> tuple[str, OrderKind] | None:
        """Contract and kind of an order that was seen."""
        return self._known.get(order_id)

    def keep(self, order_id: int, contract: str, kind: OrderKind) -> None:
        """Remember an order; the oldest give way."""
        self._known[order_id] = (contract, kind)
        if len(self._known) > ORDERS_KEPT:
            del self._known[next(iter(self._known))]

    def event(self, row: HubRow) -> VenueEvent | None:
        """A row of the user hub; None = of another account, or none of ours to read."""
        account = row.id if isinstance(row, AccountRow) else getattr(row, "account_id", None)
        if account != self.account_id:
            self.foreign += 1
            return None
        try:
            return self._read(row)
        except (UnknownContract, ValueError) as error:
            contract = getattr(row, "contract_id", None)
            return Unreadable(f"{type(row).__name__}: {error}", contract)

    def _read(self, row: HubRow) -> VenueEvent | None:
        if isinstance(row, OrderRow):
            return self.order(row)
        if isinstance(row, TradeRow):
            return self.trade(row)
        if isinstance(row, PositionRow):
            return self.position(row)
        return self.account(row) if isinstance(row, AccountRow) else None

    def order(self, row: OrderRow) -> VenueOrder:
        """An order; raises where it cannot be told in ticks."""
        kind = KINDS.get(row.type, OrderKind.OTHER)
        self.keep(row.id, row.contract_id, kind)
        price = {OrderKind.LIMIT: row.limit_price, OrderKind.STOP: row.stop_price}.get(kind)
        created = int(row.creation_timestamp)
        return VenueOrder(
            id=row.id,
            tag=row.custom_tag,
            contract=row.contract_id,
            side=_side(row.side),
            qty=row.size,
            filled=row.fill_volume,
            kind=kind,
            price_tick=None if price is None else self.ticks.whole(row.contract_id, price),
            status=STATUSES[row.status],
            created_ns=created,
            updated_ns=created if row.update_timestamp is None else int(row.update_timestamp),
            parent_id=row.parent_order_id,
            linked_id=row.linked_order_id,
        )

    def trade(self, row: TradeRow) -> VenueTrade:
        """A fill; the fee is all that it cost."""
        return VenueTrade(
            id=row.id,
            order_id=row.order_id,
            contract=row.contract_id,
            side=_side(row.side),
            qty=row.size,
            price_tick=self.ticks.whole(row.contract_id, row.price),
            fee_cents=cents(row.fees + (row.commissions or 0)),
            pnl_cents=None if row.profit_and_loss is None else cents(row.profit_and_loss),
            voided=row.voided,
            ts=int(row.creation_timestamp),
        )

    def position(self, row: PositionRow) -> VenuePosition:
        """A position; its average lies off the grid."""
        short = row.type is PositionType.SHORT
        return VenuePosition(
            contract=row.contract_id,
            side=Side.SHORT if short else Side.LONG,
            qty=row.size,
            average=float(row.average_price),
            ts=int(row.creation_timestamp),
        )

    def account(self, row: AccountRow) -> VenueAccount:
        """The account."""
        return VenueAccount(row.id, cents(row.balance), row.can_trade)


def _side(side: OrderSide) -> Side:
    return Side.LONG if side is OrderSide.BID else Side.SHORT
