"""A small exchange: bars drawn in ticks of MES, one plain account, events in a list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import numpy as np

from julie.core.bars import Bars
from julie.core.calendar import load_calendar
from julie.core.instruments import instrument
from julie.core.zones import MINUTE_NS
from julie.gateway.wire import (
    Bracket,
    OrderSide,
    OrderType,
    PlaceOrder,
    PlaceReply,
)
from julie.simgate.exchange.events import Event, UserEvent
from julie.simgate.exchange.exchange import Exchange
from julie.simgate.exchange.setup import AccountRules, AccountSetup, Habits, Setup
from julie.simgate.market.contracts import product_of
from julie.simgate.market.series import Series

START_NS = 1_744_723_800_000_000_000  # 2025-04-15 09:30 in New York
ACCOUNT = 26282486
MES = "CON.F.US.MES.M25"
PLAIN = AccountRules(mll=0, cap_tenths=0, flat=False)
Candle = tuple[int, int, int, int]
CALM: Final[Sequence[Candle]] = ((20_000, 20_002, 19_998, 20_000),) * 5


def series(candles: Sequence[Candle], start_ns: int = START_NS) -> Series:
    """Minute bars in ticks."""
    mes = instrument("MES")
    n = len(candles)
    ts = start_ns + np.arange(n, dtype=np.int64) * MINUTE_NS
    columns = np.array(candles, dtype=np.int64).T
    o, h, low, c = (column * mes.tick for column in columns)
    bars = Bars(
        instrument=mes, base_s=60, ts=ts, open=o, high=h, low=low, close=c,
        volume=np.full(n, 8.0), shift=np.zeros(n), contract=("MESM25",),
        contract_of=np.zeros(n, dtype=np.int16), rolls=np.zeros(0, dtype=np.int64),
        roll_estimated=np.zeros(0, dtype=np.bool_), source="drawn", sha256="",
    )  # fmt: skip
    product = product_of(mes, bars, load_calendar())
    return Series(
        product=product, ts=ts, open=columns[0], high=columns[1], low=columns[2],
        close=columns[3], volume=np.full(n, 8, dtype=np.int64), month=np.zeros(n, dtype=np.int64),
        base_ns=MINUTE_NS,
    )  # fmt: skip


@dataclass
class Small:
    """An exchange with what it told."""

    exchange: Exchange
    events: list[Event] = field(default_factory=list)

    def play(self, pieces: int) -> None:
        """Advance so many pieces."""
        for _ in range(pieces):
            self.exchange.advance()

    def play_all(self) -> None:
        """Advance to the end."""
        while self.exchange.advance():
            pass

    def user(self) -> list[str]:
        """Names of the user events so far."""
        return [one.target for one in self.events if isinstance(one, UserEvent)]

    def statuses(self, order: int) -> list[int]:
        """What an order's events said."""
        return [
            int(one.row.status)
            for one in self.events
            if isinstance(one, UserEvent)
            and one.target == "GatewayUserOrder"
            and one.row.id == order
            and hasattr(one.row, "status")
        ]


def small(
    candles: Sequence[Candle],
    *,
    lockstep: bool = False,
    rules: AccountRules = PLAIN,
    habits: Habits | None = None,
    start_ns: int = START_NS,
    begins_ns: int = 0,
    auto_oco: bool = True,
    accounts: int = 1,
) -> Small:
    """An exchange over drawn candles; what lies before `begins_ns` is history."""
    events: list[Event] = []
    setup = Setup(
        sources=(),
        start_ns=begins_ns or start_ns,
        end_ns=start_ns + len(candles) * MINUTE_NS,
        accounts=tuple(
            AccountSetup(id=ACCOUNT + k, rules=rules, auto_oco=auto_oco) for k in range(accounts)
        ),
        lockstep=lockstep,
        habits=habits or Habits(),
    )
    made = Exchange(setup, events.append, series=(series(candles, start_ns),))
    return Small(made, events)


def started(**given: Any) -> Small:
    """An exchange over a calm market that has printed once."""
    made = small(CALM, **given)
    made.play(1)
    return made


def order(
    side: int,
    *,
    size: int = 1,
    kind: OrderType = OrderType.MARKET,
    limit: float | None = None,
    stop: float | None = None,
    sl: int | None = None,
    tp: int | None = None,
    tag: str | None = None,
    account: int = ACCOUNT,
    contract: str = MES,
) -> PlaceOrder:
    """A request; `sl` and `tp` are signed as the venue wants them."""
    return PlaceOrder(
        account_id=account,
        contract_id=contract,
        type=kind,
        side=OrderSide.BID if side > 0 else OrderSide.ASK,
        size=size,
        limit_price=None if limit is None else Decimal(str(limit)),
        stop_price=None if stop is None else Decimal(str(stop)),
        custom_tag=tag,
        stop_loss_bracket=None if sl is None else Bracket(ticks=sl, type=OrderType.STOP),
        take_profit_bracket=None if tp is None else Bracket(ticks=tp, type=OrderType.LIMIT),
    )


def placed(exchange: Exchange, request: PlaceOrder) -> PlaceReply:
    """The reply to an order."""
    reply = exchange.answer(request)
    assert isinstance(reply, PlaceReply)
    return reply
