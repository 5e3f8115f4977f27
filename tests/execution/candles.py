"""Candle tables: bars drawn by hand with the fills each must give, in ticks.

A line is `open high low close : fills > order`. Fills are named after the order that gave them; an
order behind `>` is given at that bar's close: `move 99` (the stop), `close`, `cancel`, `market`
(a waiting limit is bought at market). With two legs the names carry the leg: `target1`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from julie.execution.matching import HOUSE, fill_bar
from julie.execution.orders import (
    CLOSES,
    LIMIT,
    MARKET,
    cancel_all,
    close_leg,
    entry_at_market,
    move_stop,
    new_books,
    new_fills,
    place_leg,
)

BUY, SELL = 1, -1


@dataclass(frozen=True)
class Order:
    """An entry with its bracket: distances from the fill."""

    side: int
    stop: int = 8
    targets: tuple[int, ...] = (12,)
    limit: int | None = None
    qty: tuple[int, ...] = (1,)
    slip: int = 1


def drawn(order: Order, table: str, fills_by: int = HOUSE) -> tuple[list[str], list[str]]:
    """Walk the table: what it says line by line, and what the engine did."""
    book, wanted, found = new_books(1)[0], [], []
    for leg, (qty, target) in enumerate(zip(order.qty, order.targets, strict=True)):
        kind, slip = (MARKET, order.slip) if order.limit is None else (LIMIT, 0)
        place_leg(book, leg, kind, order.side, qty, order.limit or 0, order.stop, target, slip)
        book[3 * leg + 1]["slip"] = order.slip
    for line in filter(None, map(str.strip, table.splitlines())):
        bar, _, said = line.partition(":")
        fills, _, action = said.partition(">")
        o, h, low, c = map(int, bar.split())
        assert low <= min(o, c) <= max(o, c) <= h, f"no such candle: {bar}"
        wanted.append(f"{bar.strip()} : {' '.join(fills.split())}")
        found.append(f"{bar.strip()} : {_walk(book, (o, h, low, c), fills_by, len(order.qty) > 1)}")
        _act(book, order, action.split())
    return wanted, found


def _walk(book: Any, bar: tuple[int, int, int, int], fills_by: int, legs: bool) -> str:
    room = new_fills()
    n, _ = fill_bar(book, *bar, fills_by, room)
    return ", ".join(f"{_name(int(f['slot']), legs)} {f['tick']}" for f in room[:n])


def _name(slot: int, legs: bool) -> str:
    leg = slot - CLOSES if slot >= CLOSES else slot // 3
    what = "close" if slot >= CLOSES else ("entry", "stop", "target")[slot % 3]
    return f"{what}{leg + 1}" if legs else what


def _act(book: Any, order: Order, words: Sequence[str]) -> None:
    legs = range(len(order.qty))
    match words:
        case []:
            return
        case ["move", price]:
            for leg in legs:
                move_stop(book, leg, int(price))
        case ["close"]:
            for leg in legs:
                close_leg(book, leg, order.side, order.qty[leg], order.slip)
        case ["cancel"]:
            cancel_all(book)
        case ["market"]:
            for leg in legs:
                entry_at_market(book, leg)
                book[3 * leg]["slip"] = order.slip
        case _:
            raise ValueError(f"the table cannot say {words}")
