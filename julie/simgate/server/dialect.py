"""How the gateway speaks where sources disagree about the real one; each a switch of a test.

The defaults are what was recorded at the real gateway.
"""

from typing import Literal

import msgspec

Form = Literal["wrapped", "flat", "list", "text"]


class Dialect(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Switches of the wire; those of the exchange's rules stand beside them in `/_sim/dialect`."""

    user_events: Form = "wrapped"
    user_events_of: dict[str, Form] = {}  # one event spoken otherwise: GatewayUserTrade: flat
    nulls: Literal["omitted", "sent"] = "omitted"  # on the user hub
    market_rows: Literal["array", "object"] = "array"
    quotes: Literal["delta", "full"] = "delta"
    null_depth_entries: bool = True
    refusals: Literal["200", "400"] = "200"  # HTTP status of an answer with success: false
    events_first: bool = True  # events of an order go out before the answer of its request
    budgets: bool = True  # 429 above the published limits
    retry_after: bool = False  # with a Retry-After header
    handshake_zero: bool = False  # accept version 0 of the hub protocol
    keep_alive_s: float = 15.0  # machine seconds without a message until a ping
    client_timeout_s: float = 30.0  # machine seconds without a word from a client until it is cut
    handshake_timeout_s: float = 15.0
    token_life_s: float = 24 * 3600.0  # of tokens to come
    machine_tokens: bool = False  # tokens end by the machine's clock, for clients that look inside
    skew_s: float = 0.0  # the Date header lies that far ahead of the market's clock
