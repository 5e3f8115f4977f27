"""Room: how far price can go before it meets a level that others watch.

Points from the close to the nearest level ahead. Longs meet the highs of the prior day, the prior
session, the night once it has ended and unbroken 5-minute swings (k = 5) of two days, shorts meet
the lows, and both meet either edge of the prior value area (where there is volume). A level at the
close lies ahead at no distance; where nothing lies ahead the room is infinite. It is not known
before there was a prior day.
"""

from collections.abc import Sequence
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns import levels, profile, swings
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE
from julie.market.columns.timeframe import on

NAN = float("nan")
INFINITE = float("inf")
K = 5
TWO_DAYS = 552  # bars of five minutes


@compiled
def _room(
    state: Any, close: Any, high: Any, low: Any, up_before: Any, down_before: Any, first: float,
    up: Any, down: Any, start: int, stop: int,
) -> None:  # fmt: skip
    for t in range(start, stop):
        above, below = up_before[t], down_before[t]
        if first == 1.0:
            above = below = INFINITE if high[t] >= low[t] else NAN
        # written so that an unknown room stays unknown
        if high[t] >= close[t] and high[t] - close[t] < above:
            above = high[t] - close[t]
        if low[t] <= close[t] and close[t] - low[t] < below:
            below = close[t] - low[t]
        up[t], down[t] = above, below


ROOM = Kernel(
    "room",
    _room,
    (
        Output("room_up", Mirror.PAIR_EVEN, "points to the nearest level above", "room_down"),
        Output("room_down", Mirror.PAIR_EVEN, "points to the nearest level below", "room_up"),
    ),
    spares="V",
)


def opposing() -> tuple[tuple[Column, Column], ...]:
    """What longs and shorts meet, pair by pair; the first pair has to be known."""
    swing_pairs = (
        (swings.nearest_swing_high(K, TWO_DAYS), swings.nearest_swing_low(K, TWO_DAYS)),
        (swings.second_swing_high(K, TWO_DAYS), swings.second_swing_low(K, TWO_DAYS)),
    )
    return (
        (levels.prior_day_high(), levels.prior_day_low()),
        (levels.prior_session_high(), levels.prior_session_low()),
        (levels.night_high(), levels.night_low()),
        (profile.vah(), profile.val()),
        (profile.val(), profile.vah()),
        # the second swing counts where a minute has closed beyond the first and no 5m bar has yet
        *((on("5m", high), on("5m", low)) for high, low in swing_pairs),
    )


def _room_of(pairs: Sequence[tuple[Column, Column]], output: str) -> Column:
    """Each pair narrows the room that those before it left."""
    up = down = CLOSE
    for k, pair in enumerate(pairs):
        inputs = (CLOSE, *pair, up, down)
        up, down = (ROOM.column(side, inputs, float(k == 0)) for side in ("room_up", "room_down"))
    return (up if output == "room_up" else down).named(output)


def room_up() -> Column:
    """Points from the close to the nearest opposing level above."""
    return _room_of(opposing(), "room_up")


def room_down() -> Column:
    """Points from the close to the nearest opposing level below."""
    return _room_of(opposing(), "room_down")
