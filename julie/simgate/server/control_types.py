"""Bodies of the control calls that are the server's own; those of the exchange lie beside it."""

from typing import Annotated, Any, Literal

import msgspec

from julie.simgate.server.rule_types import HubName, Standing

Positive = Annotated[float, msgspec.Meta(gt=0)]


class Ack(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /_sim/ack, in lockstep, and at `max` of who wants to be waited for.

    Seen are events (records of type 1) since the present connection of each hub was opened: both
    counts begin anew with every connection, and the newest connection of a hub is the one that
    counts. A client that was killed and is back says what its new connections were sent.
    """

    market_seen: int
    user_seen: int
    idle: bool


class AckReply(msgspec.Struct, kw_only=True):
    """Whether the market goes on, and what was sent up to now; null where nobody is connected."""

    accepted: bool
    market_sent: int | None
    user_sent: int | None
    clock: int
    finished: bool  # there is no more market


class ClockChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /_sim/clock; playing on to a time happens at once, whoever listens."""

    advance_s: Positive | None = None
    until_ns: int | None = None
    speed: Positive | Literal["max", "lockstep"] | None = None
    paused: bool | None = None


class ClockState(msgspec.Struct, kw_only=True):
    """How the market stands."""

    now_ns: int
    due_ns: int | None
    speed: float | Literal["max", "lockstep"]
    paused: bool
    finished: bool
    pieces: int


class ConnectionState(msgspec.Struct, kw_only=True):
    """One connection, as GET /_sim/connections lists them."""

    number: int
    hub: HubName
    life: str
    sent: int
    groups: list[str]


class Made(msgspec.Struct, kw_only=True):
    """Numbers of the rules that were made."""

    ids: list[int]


class Removed(msgspec.Struct, kw_only=True):
    """How many rules are gone."""

    removed: int


class Rules(msgspec.Struct, kw_only=True):
    """All rules."""

    rules: list[Standing]


class Done(msgspec.Struct, kw_only=True):
    """It was done; at which time of the market."""

    clock: int


class Ready(msgspec.Struct, kw_only=True):
    """The one line that the gateway prints when it is ready."""

    url: str
    user_hub: str
    market_hub: str
    username: str
    api_key: str
    accounts: list[dict[str, Any]]
    contracts: dict[str, str]  # symbol to contract id
    speed: float | Literal["max", "lockstep"]
    clock: int
    until: int
    seed: int
    pid: int
