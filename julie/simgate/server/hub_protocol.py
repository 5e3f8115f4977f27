"""What a client says over a hub, and what it is answered: handshake and invocations.

Names of methods are matched in any case, unknown members and unknown records are passed over, text
that is no JSON ends the connection.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from julie.simgate.server import hub_text
from julie.simgate.server.rule_types import HubName

_FAILED: Final = "Failed to invoke '{name}' due to an error on the server."
_SUBJECTS: Final[dict[HubName, dict[str, str]]] = {
    "user": {name.lower(): name for name in ("Accounts", "Orders", "Positions", "Trades")},
    "market": {
        name.lower(): name for name in ("ContractQuotes", "ContractTrades", "ContractMarketDepth")
    },
}


class Refused(Exception):
    """A record that ends the connection; its text goes to the client."""


class _Hello(msgspec.Struct, kw_only=True):
    protocol: str
    version: int


class Said(msgspec.Struct, kw_only=True, rename="camel"):
    """A record from a client."""

    type: int = 0
    target: str = ""
    arguments: list[Any] = []
    invocation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A subscription that is asked for, or given up."""

    method: str
    group: str
    subject: str
    about: str  # the account or contract; empty for accounts
    on: bool


def greet(record: bytes, version_zero: bool) -> None:
    """Take the first record of a client, or refuse it."""
    try:
        hello = msgspec.json.decode(record, type=_Hello)
    except msgspec.DecodeError:
        raise Refused("Handshake was not well-formed.") from None
    if hello.protocol != "json":
        raise Refused(f"The protocol '{hello.protocol}' is not supported.")
    if hello.version not in (1, 2) and not (version_zero and hello.version == 0):
        raise Refused(
            f"The server does not support version {hello.version} of the 'json' protocol."
        )


def read(record: bytes) -> Said:
    """One record of a client that has been greeted."""
    try:
        return msgspec.json.decode(record, type=Said)
    except msgspec.ValidationError:
        return Said()  # well-formed, and nothing that is known
    except msgspec.DecodeError:
        raise Refused("Connection closed with an error.") from None


def wish(hub: HubName, said: Said) -> Wish | bytes:
    """The subscription that an invocation asks for, or the answer that refuses it."""
    name = said.target.lower()
    on = name.startswith("subscribe")
    subject = _SUBJECTS[hub].get(name.removeprefix("un").removeprefix("subscribe"))
    if subject is None or "subscribe" not in name:
        error = _FAILED.format(name=said.target) + " HubException: Method does not exist."
        return _answer(said, error)
    fits: bool
    if subject == "Accounts":
        fits, about = not said.arguments, ""
    else:
        kind = int if hub == "user" else str
        fits = len(said.arguments) == 1 and type(said.arguments[0]) is kind
        about = str(said.arguments[0]) if fits else ""
    if not fits:
        return _answer(said, _FAILED.format(name=said.target))
    method = ("Subscribe" if on else "Unsubscribe") + subject
    return Wish(method, f"{subject}:{about}", subject, about, on)


def done(said: Said) -> bytes:
    """The answer to an invocation that was carried out; nothing where none was asked for."""
    return _answer(said, None)


def _answer(said: Said, error: str | None) -> bytes:
    if said.invocation_id is None:
        return b""
    return hub_text.completion(said.invocation_id, error)
