"""A plan fills on the simulated exchange as in a backtest: order, tick, sequence, phase."""

from hypothesis import given, settings
from hypothesis import strategies as st

from julie.execution.matching import HOUSE, fill_bar
from julie.execution.orders import LIMIT, MARKET, new_books, new_fills, place_leg
from julie.gateway.wire import OrderType
from tests.simgate.exchange.small import Candle, order, placed, small

BASE = 20_000


@st.composite
def candles(draw: st.DrawFn) -> list[Candle]:
    out, last = [], BASE
    for _ in range(draw(st.integers(1, 4))):
        o = last + draw(st.integers(-6, 6))
        c = o + draw(st.integers(-12, 12))
        h = max(o, c) + draw(st.integers(0, 10))
        low = min(o, c) - draw(st.integers(0, 10))
        out.append((o, h, low, c))
        last = c
    return out


@st.composite
def plans(draw: st.DrawFn) -> tuple[int, int | None, int, list[int]]:
    side = draw(st.sampled_from((1, -1)))
    limit = draw(st.none() | st.integers(-10, 10))
    targets = draw(st.lists(st.integers(4, 20), min_size=1, max_size=2))
    return side, limit, draw(st.integers(4, 16)), targets


def backtest(bars: list[Candle], side: int, limit: int | None, sl: int, targets: list[int]):
    book, out = new_books(1)[0], []
    for leg, tp in enumerate(targets):
        kind, slip = (MARKET, 1) if limit is None else (LIMIT, 0)
        place_leg(book, leg, kind, side, leg + 1, BASE + (limit or 0), sl, tp, slip)
        book[3 * leg + 1]["slip"] = 1
    for bar in bars:
        room = new_fills()
        n, _ = fill_bar(book, *bar, HOUSE, room)
        out += [
            tuple(int(f[k]) for k in ("slot", "qty", "tick", "slip", "phase")) for f in room[:n]
        ]
    return out


def exchange(bars: list[Candle], side: int, limit: int | None, sl: int, targets: list[int]):
    made = small(bars, lockstep=True)
    slots: dict[int, int] = {}
    made.play(1)
    for leg, tp in enumerate(targets):
        asked = order(
            side,
            size=leg + 1,
            kind=OrderType.MARKET if limit is None else OrderType.LIMIT,
            limit=None if limit is None else (BASE + limit) * 0.25,
            sl=-side * sl,
            tp=side * tp,
        )
        first = placed(made.exchange, asked).order_id
        assert first is not None
        slots |= {first + k: 3 * leg + k for k in range(3)}
    made.play_all()
    fills = made.exchange.truth().fills
    assert made.exchange.violations() == []
    return [(slots[f.order], f.size, f.tick, f.slip, f.phase) for f in fills]


@settings(max_examples=150, deadline=None)
@given(candles(), plans())
def test_fills_of_a_plan_are_those_of_the_backtest(bars: list[Candle], plan) -> None:
    assert exchange(bars, *plan) == backtest(bars, *plan)
