"""A bracket cannot be written down on the wrong side, at no distance or between two ticks: V7."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import numpy as np
import pytest

from julie.core.instruments import INSTRUMENTS
from julie.core.types import Side
from julie.execution.venue import Accepted, NewOrder, NotSent, OrderKind, Outcome
from julie.gateway import rest
from julie.gateway.client import Client
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.gateway.wire import Bracket, PlaceOrder, PlaceReply
from tests.fault.rows import row
from tests.simgate.exchange.small import ACCOUNT, MES, Small, small

CASES = 10_000
FRESH = 100  # cases until a new exchange
LAST = 20_000
CALM = [(LAST, LAST + 2, LAST - 2, LAST)] * 3


@dataclass
class Wire:
    """What the client would have sent, as the venue reads it."""

    sent: list[PlaceOrder] = field(default_factory=list)

    def orders(self, account: int) -> "Wire":
        assert account == ACCOUNT
        return self

    def positions(self, account: int) -> None:
        del account

    trades = positions

    async def place(self, new: rest.NewOrder, need: object) -> Outcome:
        del need
        body = msgspec.json.encode(new.wire())
        self.sent.append(msgspec.json.decode(body, type=PlaceOrder))
        return Accepted(len(self.sent))


def drawn(chance: np.random.Generator, number: int) -> dict[str, Any]:
    """An order as somebody could try to write it, right or wrong."""
    side = Side(int(chance.choice((1, -1))))
    kind = OrderKind(str(chance.choice(("market", "limit", "stop"))))
    away = int(chance.integers(1, 200)) * int(side) * (1 if kind is OrderKind.STOP else -1)
    legs = [
        None if chance.random() < 0.1 else int(chance.integers(-50, 400)) / chance.choice((1, 1, 2))
        for _ in range(2)
    ]
    whole = [int(leg) if leg is not None and leg == int(leg) else leg for leg in legs]
    return {
        "tag": f"julie-00000000-MES.{number}-1-L1",
        "contract": MES,
        "side": side,
        "qty": int(chance.integers(-1, 6)),
        "kind": kind,
        "price_tick": None if kind is OrderKind.MARKET else LAST + away,
        "stop_ticks": whole[0],
        "target_ticks": whole[1],
    }


def right(asked: dict[str, Any]) -> bool:
    """Whether the venue could take such a bracket."""
    legs = [asked["stop_ticks"], asked["target_ticks"]]
    return asked["qty"] > 0 and all(
        leg is None or (isinstance(leg, int) and leg >= 4) for leg in legs
    )


def at_venue(gate: Small, asked: PlaceOrder) -> PlaceReply:
    reply = gate.exchange.answer(asked)
    assert isinstance(reply, PlaceReply)
    return reply


def turned(leg: Bracket | None) -> Bracket | None:
    return None if leg is None else Bracket(ticks=-leg.ticks, type=leg.type)


@row("V7")
@pytest.mark.tier2
@pytest.mark.timeout(120)
def test_v7_no_wrong_bracket_can_be_sent() -> None:
    wire = Wire()
    rows = VenueRows(ACCOUNT, Ticks(INSTRUMENTS.values()))
    venue = GatewayVenue(cast("Client", wire), rows)
    chance = np.random.default_rng(7)
    gate, taken, wrong_sent = small(CALM), 0, 0

    async def tried(asked: dict[str, Any]) -> PlaceOrder | None:
        before = len(wire.sent)
        try:
            outcome = await venue.place(NewOrder(**asked))
        except ValueError:
            return None
        assert isinstance(outcome, NotSent) == (len(wire.sent) == before)
        return wire.sent[-1] if len(wire.sent) > before else None

    async def every() -> None:
        nonlocal gate, taken, wrong_sent
        for number in range(CASES):
            if number % FRESH == 0:
                gate = small(CALM)
                gate.play(1)
            asked = drawn(chance, number)
            sent = await tried(asked)
            assert (sent is not None) == right(asked), asked
            if sent is None:
                continue
            taken += 1
            side, stop, target = asked["side"], sent.stop_loss_bracket, sent.take_profit_bracket
            wrong_sent += stop is not None and stop.ticks != -side * asked["stop_ticks"]
            wrong_sent += target is not None and target.ticks != side * asked["target_ticks"]
            reply = at_venue(gate, sent)
            assert reply.success, (asked, reply)
            if stop is None and target is None:
                continue
            other = msgspec.structs.replace(
                sent, custom_tag=f"{number}", stop_loss_bracket=turned(stop),
                take_profit_bracket=turned(target),
            )  # fmt: skip
            no = at_venue(gate, other)
            assert not no.success
            assert no.error_code == 2
            assert "Ticks should be" in (no.error_message or "")

    asyncio.run(every())
    assert wrong_sent == 0
    assert taken > CASES / 4
