"""One REST call carried out: who asks, within which budget, in which form, with which answer.

A refusal for business reasons is HTTP 200 with `success: false`; a body that cannot be read is HTTP
400 with a problem in ASP.NET's form, a token that is not good is 401 with nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from julie.core.zones import SECOND_NS
from julie.gateway.wire import (
    AccountSearch,
    BarsReply,
    CancelOrder,
    CloseContract,
    ContractById,
    ContractsAvailable,
    ContractSearch,
    LoginKey,
    LoginReply,
    ModifyOrder,
    OpenOrders,
    OpenPositions,
    OrderById,
    OrderQuery,
    OrderSearch,
    PartialClose,
    PlaceOrder,
    PlaceReply,
    Reply,
    Request,
    RetrieveBars,
    TradeSearch,
    ValidateReply,
    codes,
    decoder,
    encode,
    routes,
)
from julie.simgate.exchange.bodies import Request as Note
from julie.simgate.server.budgets import Budgets
from julie.simgate.server.ground import Ground
from julie.simgate.server.hub_text import bars_text
from julie.simgate.server.tokens import Tokens

_KIND_OF: Final[Mapping[str, type[Request]]] = {
    routes.ACCOUNTS.path: AccountSearch,
    routes.CONTRACT_SEARCH.path: ContractSearch,
    routes.CONTRACTS_AVAILABLE.path: ContractsAvailable,
    routes.CONTRACT_BY_ID.path: ContractById,
    routes.BARS.path: RetrieveBars,
    routes.PLACE.path: PlaceOrder,
    routes.MODIFY.path: ModifyOrder,
    routes.CANCEL.path: CancelOrder,
    routes.ORDER_SEARCH.path: OrderSearch,
    routes.OPEN_ORDERS.path: OpenOrders,
    routes.ORDER_BY_ID.path: OrderById,
    routes.ORDER_QUERY.path: OrderQuery,
    routes.OPEN_POSITIONS.path: OpenPositions,
    routes.CLOSE.path: CloseContract,
    routes.PARTIAL_CLOSE.path: PartialClose,
    routes.TRADE_SEARCH.path: TradeSearch,
}
_READ: Final[Mapping[str, Callable[[bytes], Request]]] = {
    path.lower(): decoder(kind).decode for path, kind in _KIND_OF.items()
}
_LOGINS: Final = frozenset({routes.LOGIN.path.lower(), "/api/auth/loginapp"})
_NAME: Final = re.compile(r"`\$?\.?([^`]+)`")


NEVER_CAME: Final = 0  # in the place of a status: a request that was lost on its way


@dataclass(slots=True)
class Answered:
    """What goes back, and what is known of the call."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"
    reply: Reply | None = None
    request: Request | None = None
    user: str | None = None


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """The one login of this gateway."""

    user_name: str
    api_key: str


class _LoginApp(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    user_name: str
    password: str


class Calls:
    """Carries out the calls of the venue's REST surface."""

    def __init__(
        self,
        ground: Ground,
        tokens: Tokens,
        login: Login,
    ) -> None:
        self._ground = ground
        self._exchange = ground.exchange
        self._tokens = tokens
        self._login = login
        self._budgets = Budgets()

    def carry_out(self, method: str, path: str, token: str, body: bytes) -> Answered:
        """One call, by its path in any case."""
        key = path.lower()
        if key == routes.PING.lower():
            return Answered(200 if method == "GET" else 405, b'"pong"')
        if key in _LOGINS:
            return self._posted(method) or self._log_in(key, body)
        known = key in _READ or key in (routes.VALIDATE.path.lower(), routes.LOGOUT.path.lower())
        if not known:
            return Answered(404)
        user = self._tokens.user_of(token)
        if user is None:
            return Answered(401)
        refused = self._posted(method) or self._spent(user, key == routes.BARS.path.lower())
        found = refused or self._of_user(key, token, user, body)
        found.user = user
        return found

    def read(self, path: str, body: bytes) -> Request | None:
        """The request of a call, where it is one of the exchange's and can be read."""
        read = _READ.get(path.lower())
        try:
            return read(body) if read else None
        except (msgspec.DecodeError, ValueError):
            return None

    def note(self, path: str, answered: Answered) -> None:
        """Take the call down in the exchange's own record."""
        reply, request = answered.reply, answered.request
        order = getattr(request, "order_id", None)
        if isinstance(reply, PlaceReply):
            order = reply.order_id
        self._exchange.note(
            Note(
                ns=self._exchange.now_ns,
                wall_ns=self._ground.machine.mono_ns(),
                path=path,
                status=answered.status,
                success=reply.success if reply else None,
                code=reply.error_code if reply else None,
                text=reply.error_message if reply else None,
                account=getattr(request, "account_id", None),
                contract=getattr(request, "contract_id", None),
                order=order,
                tag=getattr(request, "custom_tag", None),
            )
        )

    def _of_user(self, key: str, token: str, user: str, body: bytes) -> Answered:
        if key == routes.VALIDATE.path.lower():
            return self._said(ValidateReply(success=True, new_token=self._tokens.issue(user)))
        if key == routes.LOGOUT.path.lower():
            self._tokens.end(token)
            return self._said(Reply(success=True))
        try:
            request = _READ[key](body)
        except (msgspec.DecodeError, ValueError) as error:
            return problem(error)
        found = self._said(self._exchange.answer(request))
        found.request = request
        return found

    def _said(self, reply: Reply) -> Answered:
        status = 200
        if not reply.success and self._ground.dialect.refusals == "400":
            status = 400
        body = bars_text(reply) if isinstance(reply, BarsReply) else encode(reply)
        return Answered(status, body, reply=reply)

    def _posted(self, method: str) -> Answered | None:
        return None if method == "POST" else Answered(405, headers={"Allow": "POST"})

    def _spent(self, user: str, bars: bool) -> Answered | None:
        dialect = self._ground.dialect
        if not dialect.budgets:
            return None
        wait_ns = self._budgets.wait_ns(user.lower(), bars, self._exchange.now_ns)
        if not wait_ns:
            return None
        wait_s = -(-wait_ns // SECOND_NS)
        return Answered(429, headers={"Retry-After": str(wait_s)} if dialect.retry_after else {})

    def _log_in(self, key: str, body: bytes) -> Answered:
        try:
            if key == routes.LOGIN.path.lower():
                asked = _LOGIN_KEY(body)
                name, word = asked.user_name, asked.api_key
            else:
                app = msgspec.json.decode(body, type=_LoginApp)
                name, word = app.user_name, app.password
        except (msgspec.DecodeError, ValueError) as error:
            return problem(error)
        spent = self._spent(name, bars=False)
        if spent is not None:
            return spent
        right = name.lower() == self._login.user_name.lower() and word == self._login.api_key
        if not right:
            code = codes.LoginCode.INVALID_CREDENTIALS
            return self._said(LoginReply(success=False, error_code=code))
        found = self._said(LoginReply(success=True, token=self._tokens.issue(name)))
        found.user = name
        return found


_LOGIN_KEY: Final = decoder(LoginKey).decode


def problem(error: Exception) -> Answered:
    """A body that could not be read."""
    text = str(error)
    found = _NAME.search(text)
    name = found[1] if found else "$"
    missing = "missing required field" in text
    said = f"The {name} field is required." if missing else text
    body: dict[str, Any] = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {name: [said]},
    }
    return Answered(400, msgspec.json.encode(body), kind="application/problem+json; charset=utf-8")
