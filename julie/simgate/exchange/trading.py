"""Orders placed, moved, cancelled, and positions closed.

Free running, a market order meets the price that stands at once; in lockstep it waits for the next
matching, so that it fills where a backtest fills it.
"""

from julie.gateway.wire import (
    CancelOrder,
    CloseContract,
    ModifyOrder,
    OrderStatus,
    OrderType,
    PartialClose,
    PlaceOrder,
    PlaceReply,
    Reply,
)
from julie.gateway.wire.codes import CancelCode, CloseCode, ModifyCode, PartialCloseCode, PlaceCode
from julie.simgate.exchange.checks import (
    Draft,
    Refusal,
    aligned,
    check_account,
    check_order,
    check_side,
    trail_distance,
)
from julie.simgate.exchange.floor import Floor
from julie.simgate.exchange.house import House
from julie.simgate.exchange.limits import Limits
from julie.simgate.exchange.making import add, legs, market_order, role_of
from julie.simgate.exchange.oracle import Oracle
from julie.simgate.exchange.state import SimAccount, SimOrder
from julie.simgate.market.stalls import Stall

STOPS = (OrderType.STOP, OrderType.TRAILING_STOP)
TEXT_NOT_OPEN = "Order is not open."


class Trading:
    """The calls that change something."""

    def __init__(self, house: House, floor: Floor, limits: Limits, oracle: Oracle) -> None:
        self._house = house
        self._floor = floor
        self._limits = limits
        self._oracle = oracle

    def place(self, asked: PlaceOrder, foreign: bool = False) -> PlaceReply:
        """A new order, with its bracket."""
        house = self._house
        try:
            account, stall = check_account(house, self._limits, asked)
        except Refusal as no:
            self._asked(asked, foreign)
            return PlaceReply(success=False, error_code=no.code, error_message=no.text)
        self._asked(asked, foreign)
        try:
            draft = check_order(house, self._limits, account, stall, asked)
        except Refusal as no:
            dead = self._order(account, asked, Draft(1 if asked.side == 0 else -1, *[None] * 4))
            return self._refused(account, dead, no.code, no.text)
        order = self._order(account, asked, draft, foreign)
        kept = house.met(order.role, order, order.contract, "reject")
        if kept is not None:
            return self._refused(account, order, kept.rule.code, kept.rule.text)
        if order.tag:
            account.tags.add(order.tag)
        self._begin(order, legs(house, order, draft.stop, draft.target))
        self._oracle.accepted(order)
        self.meet(order)
        return PlaceReply(success=True, order_id=order.id)

    def _asked(self, asked: PlaceOrder, foreign: bool) -> None:
        if foreign or asked.contract_id not in self._house.market.stalls:
            return
        side = 1 if asked.side == 0 else -1
        args = (asked.account_id, asked.contract_id, side, asked.type)
        if role_of(self._house, *args) == "entry":
            self._oracle.entry_asked(asked.account_id, asked.contract_id)

    def _order(
        self, account: SimAccount, asked: PlaceOrder, draft: Draft, foreign: bool = False
    ) -> SimOrder:
        house, now = self._house, self._house.market.stamp()
        order = SimOrder(
            id=house.ledger.next_id,
            account=account.id,
            contract=asked.contract_id,
            type=asked.type,
            side=draft.side,
            size=asked.size,
            role=role_of(house, account.id, asked.contract_id, draft.side, asked.type),
            status=OrderStatus.PENDING,
            created_ns=now,
            updated_ns=now,
            tag=asked.custom_tag,
            price=draft.price,
            trail=draft.trail,
            foreign=foreign,
        )
        return add(house, order)

    def _refused(
        self, account: SimAccount, order: SimOrder, code: int, text: str | None
    ) -> PlaceReply:
        if order.tag and self._house.habits.rejected_tags_stay:
            account.tags.add(order.tag)
        order.size = max(order.size, 0)
        self._house.tell_order(order, OrderStatus.REJECTED)
        return PlaceReply(success=False, error_code=code, error_message=text, order_id=order.id)

    def _begin(self, order: SimOrder, children: list[SimOrder]) -> None:
        house, floor = self._house, self._floor
        works = OrderStatus.PENDING if order.type is OrderType.MARKET else OrderStatus.OPEN
        kept = house.met(order.role, order, order.contract, "hold")
        if kept is not None:
            floor.hold(order, kept, works)
            order.fills_left = 0
        elif works is OrderStatus.OPEN:
            order.status = works
        house.tell_order(order)
        floor.put(order)
        for child in children:
            house.tell_order(child)
            floor.put(child)

    def meet(self, order: SimOrder) -> None:
        """A new or moved order meets the price that stands."""
        tick = self._house.last(order.contract)
        if order.live and tick is not None and not self._house.setup.lockstep:
            self._floor.point(order.contract, tick)

    def modify(self, asked: ModifyOrder) -> Reply:
        """Another price or size; what is not given stays."""
        account = self._house.ledger.accounts.get(asked.account_id)
        order = self._house.ledger.orders.get(asked.order_id)
        if account is None:
            return _no(ModifyCode.ACCOUNT_NOT_FOUND)
        if order is None or order.account != account.id:
            return _no(ModifyCode.ORDER_NOT_FOUND)
        if order.status is OrderStatus.PENDING:
            return _no(ModifyCode.PENDING)
        if order.status is not OrderStatus.OPEN:
            return _no(ModifyCode.REJECTED, TEXT_NOT_OPEN)
        try:
            price, trail = self._moved(order, asked)
        except Refusal as no:
            return _no(ModifyCode.REJECTED, no.text)
        if asked.size is not None and asked.size <= order.filled:
            return _no(ModifyCode.REJECTED, "Invalid order size.")
        order.price, order.trail = price, trail
        order.size = asked.size or order.size
        self._floor.put(order)
        self._house.tell_order(order)
        self.meet(order)
        return Reply(success=True)

    def _moved(self, order: SimOrder, asked: ModifyOrder) -> tuple[int | None, int | None]:
        stall = self._house.market.stalls[order.contract]
        if order.type is OrderType.TRAILING_STOP:
            if asked.trail_price is None:
                return order.price, order.trail
            trail = trail_distance(stall, asked.trail_price, bounded=False)
            return (stall.line.last or 0) + order.side * trail, trail
        is_stop = order.type in STOPS
        wanted = asked.stop_price if is_stop else asked.limit_price
        if wanted is None:
            return order.price, order.trail
        tick = aligned(stall, wanted)
        check_side(stall, order.side, tick, is_stop, self._house.market.now_ns)
        return tick, order.trail

    def cancel(self, asked: CancelOrder) -> Reply:
        """Take an order out."""
        account = self._house.ledger.accounts.get(asked.account_id)
        order = self._house.ledger.orders.get(asked.order_id)
        if account is None:
            return _no(CancelCode.ACCOUNT_NOT_FOUND)
        if order is None or order.account != account.id:
            return _no(CancelCode.ORDER_NOT_FOUND)
        if not order.live:
            return _no(CancelCode.UNKNOWN_ERROR)
        tick = self._house.last(order.contract)
        if tick is not None and self._house.met(order.role, order, order.contract, "race"):
            self._floor.fill(order, order.left, tick, 0, 0)
            return _no(CancelCode.REJECTED)
        self._floor.cancel(order)
        return Reply(success=True)

    def close(self, asked: CloseContract | PartialClose, foreign: bool = False) -> Reply:
        """A market order against the position; resting orders stay, unless the habit says else."""
        partial = isinstance(asked, PartialClose)
        codes: type[CloseCode] | type[PartialCloseCode]
        codes = PartialCloseCode if partial else CloseCode
        house = self._house
        account = house.ledger.accounts.get(asked.account_id)
        stall = house.market.stalls.get(asked.contract_id)
        if account is None:
            return _no(codes.ACCOUNT_NOT_FOUND)
        if stall is None:
            return _no(codes.CONTRACT_NOT_FOUND)
        net = house.net(account.id, asked.contract_id)
        if net == 0:
            return _no(codes.POSITION_NOT_FOUND)
        size = asked.size if isinstance(asked, PartialClose) else abs(net)
        if not 0 < size <= abs(net):
            return _no(PartialCloseCode.INVALID_CLOSE_SIZE)
        signed = size if net < 0 else -size
        return self._close(account, stall, signed, codes.ORDER_REJECTED, foreign)

    def _close(
        self, account: SimAccount, stall: Stall, signed: int, refused: int, foreign: bool
    ) -> Reply:
        house, contract = self._house, stall.contract.id
        now = house.market.now_ns
        kept = house.met("close", None, contract, "reject")
        rule = kept.rule if kept else None
        if rule is not None or house.market.hours.day(now) is None or now < stall.line.halted_ns:
            code = rule.code if rule and rule.code != PlaceCode.ORDER_REJECTED else refused
            return _no(code, rule.text if rule else None)
        side = 1 if signed > 0 else -1
        order = market_order(house, account.id, contract, side, abs(signed), "close")
        order.foreign = foreign
        self._begin(order, [])
        if house.habits.close_cancels_legs:
            for one in house.live(account.id, contract):
                if one is not order:
                    self._floor.cancel(one)
        self.meet(order)
        return Reply(success=True)


def _no(code: int, text: str | None = None) -> Reply:
    return Reply(success=False, error_code=int(code), error_message=text)
