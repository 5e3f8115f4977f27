"""Searches: accounts, contracts, orders, positions and trades, as the venue shows them."""

import msgspec

from julie.gateway.wire import (
    AccountSearch,
    AccountsReply,
    ContractById,
    ContractReply,
    ContractsAvailable,
    ContractSearch,
    ContractsReply,
    OpenOrders,
    OpenPositions,
    OrderById,
    OrderQuery,
    OrderReply,
    OrderRow,
    OrderSearch,
    OrdersReply,
    OrderStatus,
    PositionsReply,
    SortBy,
    SortDirection,
    TradeSearch,
    TradesReply,
)
from julie.gateway.wire.codes import AccountCode, ContractCode, OrderCode
from julie.simgate.exchange import rows
from julie.simgate.exchange.house import House
from julie.simgate.exchange.state import SimOrder

MOST_CONTRACTS = 20


class Queries:
    """The calls that only look."""

    def __init__(self, house: House) -> None:
        self._house = house

    def accounts(self, asked: AccountSearch) -> AccountsReply:
        """The accounts of the login; hidden ones are in no search."""
        known = self._house.ledger.accounts.values()
        return AccountsReply(
            success=True, accounts=tuple(rows.account_row(one) for one in known if one.visible)
        )

    def search(self, asked: ContractSearch) -> ContractsReply:
        """Contracts whose id, name or description holds the text; none of live data."""
        now, text = self._house.market.now_ns, asked.search_text.lower()
        found = [
            row
            for stall in self._house.market.stalls.values()
            if stall.contract is stall.series.product.active(now)
            for row in (stall.series.product.row(stall.contract, now),)
            if text in f"{row.id} {row.name} {row.description}".lower()
        ]
        return ContractsReply(
            success=True, contracts=() if asked.live else tuple(found[:MOST_CONTRACTS])
        )

    def available(self, asked: ContractsAvailable) -> ContractsReply:
        """One active contract a product."""
        now = self._house.market.now_ns
        products = [one.product for one in self._house.market.series]
        found = () if asked.live else tuple(one.row(one.active(now), now) for one in products)
        return ContractsReply(success=True, contracts=found)

    def contract(self, asked: ContractById) -> ContractReply:
        """Any contract, expired ones too."""
        stall = self._house.market.stalls.get(asked.contract_id)
        if stall is None:
            return ContractReply(success=False, error_code=ContractCode.CONTRACT_NOT_FOUND)
        now = self._house.market.now_ns
        return ContractReply(success=True, contract=stall.series.product.row(stall.contract, now))

    def _of(self, account: int) -> list[SimOrder] | None:
        if account not in self._house.ledger.accounts:
            return None
        return [one for one in self._house.ledger.orders.values() if one.account == account]

    def _reply(self, found: list[SimOrder] | None, total: int | None = None) -> OrdersReply:
        if found is None:
            return OrdersReply(success=False, error_code=AccountCode.ACCOUNT_NOT_FOUND)
        shown = tuple(self._row(one) for one in found)
        return OrdersReply(success=True, orders=shown, total_count=total)

    def _shown(self, order: SimOrder) -> bool:
        waits = order.status is OrderStatus.SUSPENDED
        return self._house.habits.suspended_in_search or not waits

    def orders(self, asked: OrderSearch) -> OrdersReply:
        """Orders of any status by the time they were made; without legs that wait."""
        found, end = self._of(asked.account_id), asked.end_timestamp
        if found is not None:
            found = [
                one
                for one in found
                if one.created_ns >= asked.start_timestamp
                and (end is None or one.created_ns <= end)
                and self._shown(one)
            ]
        return self._reply(found)

    def _row(self, one: SimOrder) -> OrderRow:
        """An order as searches show it, with or without its tag."""
        row = rows.order_row(one, self._house.market.stalls[one.contract].contract)
        tagged = self._house.habits.tags_in_search
        return row if tagged else msgspec.structs.replace(row, custom_tag=None)

    def open_orders(self, asked: OpenOrders) -> OrdersReply:
        """Working orders; without legs that wait."""
        found = self._of(asked.account_id)
        if found is not None:
            suspended = self._house.habits.suspended_in_search
            found = [
                one
                for one in found
                if one.status is OrderStatus.OPEN
                or (suspended and one.status is OrderStatus.SUSPENDED)
            ]
        return self._reply(found)

    def order(self, asked: OrderById) -> OrderReply:
        """One order."""
        found = self._house.ledger.orders.get(asked.order_id)
        if found is None or found.account != asked.account_id:
            return OrderReply(success=False, error_code=OrderCode.ORDER_NOT_FOUND)
        return OrderReply(success=True, order=self._row(found))

    def query(self, asked: OrderQuery) -> OrdersReply:
        """The one search that shows legs that wait."""
        by = asked.filter
        found = self._of(by.account_id)
        if found is None:
            return self._reply(None)
        found = [
            one
            for one in found
            if (by.statuses is None or one.status in by.statuses)
            and (by.contract_id is None or one.contract == by.contract_id)
            and (by.created_after is None or one.created_ns >= by.created_after)
            and (by.created_before is None or one.created_ns <= by.created_before)
        ]
        by_id = asked.sort_by is SortBy.ID
        found.sort(
            key=lambda one: (0 if by_id else one.created_ns, one.id),
            reverse=asked.sort_direction is SortDirection.DESCENDING,
        )
        total = len(found) if asked.include_total_count else None
        size = min(max(asked.page_size, 0), self._house.habits.orders_a_page)
        return self._reply(found[asked.page_offset : asked.page_offset + size], total)

    def positions(self, asked: OpenPositions) -> PositionsReply:
        """What is held; flat contracts are not in it."""
        if asked.account_id not in self._house.ledger.accounts:
            return PositionsReply(success=False, error_code=AccountCode.ACCOUNT_NOT_FOUND)
        stalls = self._house.market.stalls
        held = self._house.ledger.holdings.values()
        found = tuple(
            rows.position_row(one, stalls[one.contract].contract)
            for one in held
            if one.account == asked.account_id and one.net
        )
        return PositionsReply(success=True, positions=found)

    def trades(self, asked: TradeSearch) -> TradesReply:
        """Fills, newest first."""
        if asked.account_id not in self._house.ledger.accounts:
            return TradesReply(success=False, error_code=AccountCode.ACCOUNT_NOT_FOUND)
        stalls, end = self._house.market.stalls, asked.end_timestamp
        found = tuple(
            rows.trade_row(one, stalls[one.contract].contract)
            for one in reversed(self._house.ledger.trades)
            if one.account == asked.account_id
            and one.ns >= asked.start_timestamp
            and (end is None or one.ns <= end)
        )
        return TradesReply(success=True, trades=found)
