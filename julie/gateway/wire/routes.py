"""The REST surface: path, request, answer, error codes, and what a call costs of the budgets.

The same table serves the client, which calls, and the simulated gateway, which answers.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Generic, TypeVar

import msgspec

from julie.gateway.wire import codes, replies, requests, rows
from julie.gateway.wire.json_text import UNREADABLE, Misfit, WireError, decoder

Q = TypeVar("Q", bound=requests.Request | None)
R = TypeVar("R", bound=replies.Reply)


@dataclass(frozen=True, slots=True)
class Listed:
    """The list in an answer: its JSON name, its attribute, the kind of its rows."""

    name: str
    row: type[msgspec.Struct]


class Route(Generic[Q, R]):
    """One call of the venue."""

    __slots__ = ("_loose", "_row", "_whole", "codes", "listed", "mutates", "path", "reply")

    def __init__(
        self,
        path: str,
        reply: type[R],
        code: type[IntEnum],
        listed: Listed | None = None,
        mutates: bool = False,
    ) -> None:
        self.path: Final = path
        self.reply: Final = reply
        self.codes: Final = code
        self.listed: Final = listed
        self.mutates: Final = mutates
        self._whole: Final = decoder(reply)
        self._row: Final[msgspec.json.Decoder[Any] | None] = decoder(listed.row) if listed else None
        self._loose: Final = decoder(dict[str, msgspec.Raw]) if listed else None

    def __repr__(self) -> str:
        return f"Route({self.path})"

    def decode(self, body: bytes) -> tuple[R, tuple[Misfit, ...]]:
        """The answer, and the rows of its list that do not fit; raises `WireError` if none can."""
        try:
            return self._whole.decode(body), ()
        except UNREADABLE as error:
            fault = WireError(Misfit.of(self.path, body, error))
        if self.listed is None or self._row is None or self._loose is None:
            raise fault
        try:
            parts = self._loose.decode(body)
            raw_rows = msgspec.json.decode(parts.pop(self.listed.name), type=list[msgspec.Raw])
            envelope = self._whole.decode(msgspec.json.encode(parts))
        except (*UNREADABLE, KeyError):
            raise fault from None
        good, bad = [], []
        for number, raw in enumerate(raw_rows):
            try:
                good.append(self._row.decode(raw))
            except UNREADABLE as error:
                place = f"$.{self.listed.name}[{number}]"
                bad.append(Misfit.of(self.path, bytes(raw), error, place))
        return msgspec.structs.replace(envelope, **{self.listed.name: tuple(good)}), tuple(bad)


_ACCOUNTS: Final = Listed("accounts", rows.AccountRow)
_CONTRACTS: Final = Listed("contracts", rows.ContractRow)
_BARS: Final = Listed("bars", rows.BarRow)
_ORDERS: Final = Listed("orders", rows.OrderRow)
_POSITIONS: Final = Listed("positions", rows.PositionRow)
_TRADES: Final = Listed("trades", rows.TradeRow)

LOGIN: Final = Route[requests.LoginKey, replies.LoginReply](
    "/api/Auth/loginKey", replies.LoginReply, codes.LoginCode
)
VALIDATE: Final = Route[None, replies.ValidateReply](
    "/api/Auth/validate", replies.ValidateReply, codes.ValidateCode
)
LOGOUT: Final = Route[None, replies.Reply]("/api/Auth/logout", replies.Reply, codes.LogoutCode)
ACCOUNTS: Final = Route[requests.AccountSearch, replies.AccountsReply](
    "/api/Account/search", replies.AccountsReply, codes.SuccessCode, _ACCOUNTS
)
CONTRACT_SEARCH: Final = Route[requests.ContractSearch, replies.ContractsReply](
    "/api/Contract/search", replies.ContractsReply, codes.SuccessCode, _CONTRACTS
)
CONTRACTS_AVAILABLE: Final = Route[requests.ContractsAvailable, replies.ContractsReply](
    "/api/Contract/available", replies.ContractsReply, codes.SuccessCode, _CONTRACTS
)
CONTRACT_BY_ID: Final = Route[requests.ContractById, replies.ContractReply](
    "/api/Contract/searchById", replies.ContractReply, codes.ContractCode
)
BARS: Final = Route[requests.RetrieveBars, replies.BarsReply](
    "/api/History/retrieveBars", replies.BarsReply, codes.BarsCode, _BARS
)
PLACE: Final = Route[requests.PlaceOrder, replies.PlaceReply](
    "/api/Order/place", replies.PlaceReply, codes.PlaceCode, mutates=True
)
MODIFY: Final = Route[requests.ModifyOrder, replies.Reply](
    "/api/Order/modify", replies.Reply, codes.ModifyCode, mutates=True
)
CANCEL: Final = Route[requests.CancelOrder, replies.Reply](
    "/api/Order/cancel", replies.Reply, codes.CancelCode, mutates=True
)
ORDER_SEARCH: Final = Route[requests.OrderSearch, replies.OrdersReply](
    "/api/Order/search", replies.OrdersReply, codes.AccountCode, _ORDERS
)
OPEN_ORDERS: Final = Route[requests.OpenOrders, replies.OrdersReply](
    "/api/Order/searchOpen", replies.OrdersReply, codes.AccountCode, _ORDERS
)
ORDER_BY_ID: Final = Route[requests.OrderById, replies.OrderReply](
    "/api/Order/searchById", replies.OrderReply, codes.OrderCode
)
ORDER_QUERY: Final = Route[requests.OrderQuery, replies.OrdersReply](
    "/api/Order/v2/query", replies.OrdersReply, codes.AccountCode, _ORDERS
)
OPEN_POSITIONS: Final = Route[requests.OpenPositions, replies.PositionsReply](
    "/api/Position/searchOpen", replies.PositionsReply, codes.AccountCode, _POSITIONS
)
CLOSE: Final = Route[requests.CloseContract, replies.Reply](
    "/api/Position/closeContract", replies.Reply, codes.CloseCode, mutates=True
)
PARTIAL_CLOSE: Final = Route[requests.PartialClose, replies.Reply](
    "/api/Position/partialCloseContract", replies.Reply, codes.PartialCloseCode, mutates=True
)
TRADE_SEARCH: Final = Route[requests.TradeSearch, replies.TradesReply](
    "/api/Trade/search", replies.TradesReply, codes.AccountCode, _TRADES
)
PING: Final = "/api/Status/ping"  # GET, no envelope: the text pong
