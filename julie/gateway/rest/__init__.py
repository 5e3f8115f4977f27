"""The REST side of the venue, one file a noun."""

from julie.gateway.rest.accounts import Accounts
from julie.gateway.rest.contracts import Contracts
from julie.gateway.rest.history import History
from julie.gateway.rest.orders import NewOrder, Orders
from julie.gateway.rest.positions import Positions
from julie.gateway.rest.status import Status
from julie.gateway.rest.trades import Trades

__all__ = [
    "Accounts",
    "Contracts",
    "History",
    "NewOrder",
    "Orders",
    "Positions",
    "Status",
    "Trades",
]
