"""A rule of a test: what it meets, what it does to it, and how often.

Times of a rule are seconds of the market's clock, except those that say machine; of a `delay` they
are machine seconds where the market does not go at a multiple of life.
"""

from typing import Annotated, Any, Literal

import msgspec

from julie.simgate.exchange.bodies import Role

HubName = Literal["user", "market"]
Deed = Literal[
    "delay",
    "drop_request",
    "drop_response",
    "status",
    "body",
    "edit",
    "truncate",
    "duplicate",
    "reorder",
    "hold",
    "mute",
    "split",
    "grow",
    "garbage",
    "reset",
    "close",
    "half_open",
    "logout",
    "ignore_subscribe",
    "refuse_connect",
    "expire_tokens",
    "reject",
    "pend",
    "partial",
    "both",
    "race",
    "orphan",
]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Match(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a rule meets; what is not named does not narrow it. Names may hold `*`."""

    path: str | None = None  # of a request, any case: /api/Order/*
    event: str | None = None  # of a hub: GatewayUserOrder
    hub: HubName | None = None  # a connection, a subscription
    subscribe: str | None = None  # a subscription's method: SubscribeOrders
    role: Role | None = None  # of the order in the request or event
    tag: str | None = None
    contract: str | None = None
    nth: Count | None = None  # from the n-th that fits on, and then once unless `count` says more


class Action(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a rule does.

    delay: `seconds` late, with `jitter` more at most. drop_request: nobody hears it.
    drop_response: done, and the answer is lost (`hang`: the line stays open instead of breaking).
    status: this `status`, with `headers` and `text`; `after` carries the request out first. body:
    `text` or `json` in place of the answer or record, carried out first only with `after`. edit:
    fields of `set` replaced and of `drop` taken out of every row. truncate: only `keep` bytes.
    duplicate: `times` more. reorder: events of a hub held until `window` are there, or `seconds`
    are over, then sent last to first. hold: events kept `seconds`. mute: events lost, pings go on.
    split: one record over two frames. grow: a frame of `size` bytes more. garbage: `size` random
    bytes go before. reset (with `lines` those of the calls too), close (`allow_reconnect`),
    half_open, logout: done to connections. refuse_connect: by `status`, by `hang`, else by
    breaking the line. ignore_subscribe: answered, never served. expire_tokens: at once.
    Of orders at the venue, the next that fit: reject (by `code` and `text`; a leg when it should
    begin to work), pend (status pending for `seconds`, then as `then` says), partial (`size`
    contracts fill; the rest as `then` after `seconds`), both (a filled leg leaves its twin, which
    fills too), race (a cancel comes too late), orphan (a filled leg leaves its twin).
    """

    do: Deed
    seconds: Seconds = 0.0
    jitter: Seconds = 0.0
    status: int = 0
    headers: dict[str, str] = {}
    text: str | None = None
    json: Any = None
    after: bool = False
    hang: bool = False
    set: dict[str, Any] = {}
    drop: list[str] = []
    keep: int = 0
    times: Count = 1
    window: Count = 2
    size: int = 0
    code: int = 2
    then: Literal["go_on", "cancel", "reject"] = "go_on"
    allow_reconnect: bool | None = None
    hub: HubName | None = None  # whose connections; both hubs' where none is named
    lines: bool = False  # a reset breaks the connections of the calls too


class Scope(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How often and how long; without a word for ever, connection deeds once."""

    count: Count | None = None
    for_s: Seconds | None = None  # from the rule's making, or from `after_s`
    until_ns: int | None = None
    machine_s: Seconds | None = None  # machine seconds from the rule's making
    every_s: Seconds | None = None  # a deed on connections is done again each so many seconds
    after_s: Seconds = 0.0  # not before


class Rule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /_sim/rules, one or a list."""

    match: Match = msgspec.field(default_factory=Match)
    action: Action
    scope: Scope = msgspec.field(default_factory=Scope)
    name: str = ""


class Standing(msgspec.Struct, kw_only=True):
    """A rule as GET /_sim/rules shows it."""

    id: int
    rule: Rule
    met: int  # how often something fitted
    done: int  # how often it acted
    over: bool
