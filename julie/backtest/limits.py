"""How near the account came to its limits, day by day: the prop-firm view.

The trailing floor follows the highest end-of-day balance: floor = min(start, start - D + max(0,
highest - start)). The low of a day lays the worst open result of every trade that was open together
on the realised equity, as if they had been worst at the same moment, so the true low is never below
it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from julie.backtest.ledger import Ints, Ledger
from julie.backtest.report.model import LimitDay, Limits
from julie.backtest.result import AccountFacts, Breach
from julie.core.money import dollars
from julie.core.sessions import date_of


class _Day(NamedTuple):
    opening: int
    low: int
    floor: int | None
    limit: int | None


def limits(book: Ledger, account: AccountFacts, breaches: Sequence[Breach]) -> Limits:
    """Distances to the trailing and the day limit, and where they were least."""
    daily = book.daily()
    lows = day_lows(book)
    restarts = {breach.day for breach in breaches if breach.restarts}
    walked = _walk(book, account, daily, lows, restarts)
    days = [_row(book, place, int(daily[place]), day) for place, day in enumerate(walked)]
    rooms = [(row.room, row.day) for row in days if row.room is not None]
    day_rooms = [(row.day_room, row.day) for row in days if row.day_room is not None]
    room, room_day = min(rooms, default=(None, ""))
    day_room, day_room_day = min(day_rooms, default=(None, ""))
    return Limits(
        account=account.name,
        start=dollars(account.start_cents),
        maximum_loss=_dollars(account.maximum_loss_cents),
        daily_loss=_dollars(account.daily_loss_cents),
        own_day_loss=_dollars(_own_limit(account, account.start_cents)),
        least_room=room,
        least_room_day=room_day,
        least_day_room=day_room,
        least_day_room_day=day_room_day,
        best_day_share=_best_day_share(daily),
        breaches=[
            {"day": date_of(b.day).isoformat(), "limit": b.limit, "words": b.words}
            for b in breaches
        ],
        days=days,
    )


def limit_days(book: Ledger, account: AccountFacts, named: Ints | None) -> int:
    """Days on which a day limit stopped trading: as the run says, else where the net reached it."""
    if named is not None:
        return len(np.unique(named))
    daily, balance, reached = book.daily().tolist(), account.start_cents, 0
    for net in daily:
        limit = _day_limit(account, balance)
        reached += limit is not None and net <= -limit
        balance += net
    return reached


def day_lows(book: Ledger) -> Ints:
    """The worst result of each day since its opening: open trades at their worst, all together."""
    lows = np.zeros(len(book.days), dtype=np.int64)
    if not len(book):
        return lows
    opening = np.concatenate(([0], np.cumsum(book.daily())))
    closed = np.concatenate(([0], np.cumsum(book.net)))
    moments = np.concatenate((book.entry_ts, book.exit_ts))
    days = np.concatenate((book.entry_day, book.day))
    order = np.argsort(book.entry_ts, kind="stable")
    entries = book.entry_ts[order]
    begun = np.concatenate(([0], np.cumsum(book.adverse[order])))
    ended = np.concatenate(([0], np.cumsum(book.adverse)))
    before = np.searchsorted(book.exit_ts, moments, side="right")
    # a trade that ends at this very moment is counted with its result, not with its worst
    open_worst = begun[np.searchsorted(entries, moments, side="right")] - ended[before]
    worst = closed[before] + np.minimum(open_worst, 0) - opening[days]
    # a trade that began and ended within one bar shows its worst at its own exit too
    own = closed[np.searchsorted(book.exit_ts, book.entry_ts, side="left")] + book.adverse
    np.minimum.at(lows, days, worst)
    np.minimum.at(lows, book.entry_day, own - opening[book.entry_day])
    return lows


def _walk(
    book: Ledger, account: AccountFacts, daily: Ints, lows: Ints, restarts: set[int]
) -> list[_Day]:
    balance = highest = account.start_cents
    made = []
    listed = zip(book.days.tolist(), daily.tolist(), lows.tolist(), strict=True)
    for day, net, low in listed:
        floor = _floor(account, highest)
        made.append(_Day(balance, low, floor, _day_limit(account, balance)))
        balance += net
        highest = max(highest, balance)
        if day in restarts:
            balance = highest = account.start_cents
    return made


def _floor(account: AccountFacts, highest: int) -> int | None:
    if account.maximum_loss_cents is None:
        return None
    start = account.start_cents
    return min(start, start - account.maximum_loss_cents + max(0, highest - start))


def _own_limit(account: AccountFacts, opening: int) -> int | None:
    known = [account.own_day_loss_cents] if account.own_day_loss_cents is not None else []
    if account.own_day_loss_share is not None and opening > 0:
        known.append(round(opening * account.own_day_loss_share))
    return min(known, default=None)


def _day_limit(account: AccountFacts, opening: int) -> int | None:
    """The nearer of our own and the venue's."""
    known = (_own_limit(account, opening), account.daily_loss_cents)
    return min((limit for limit in known if limit is not None), default=None)


def _row(book: Ledger, place: int, net: int, day: _Day) -> LimitDay:
    lowest = day.opening + day.low
    room = lowest - day.floor if day.floor is not None else None
    day_room = day.low + day.limit if day.limit is not None else None
    return LimitDay(
        day=date_of(int(book.days[place])).isoformat(),
        opening=dollars(day.opening),
        net=dollars(net),
        closing=dollars(day.opening + net),
        low=dollars(lowest),
        floor=_dollars(day.floor),
        room=_dollars(room),
        day_low=dollars(day.low),
        day_limit=_dollars(day.limit),
        day_room=_dollars(day_room),
    )


def _best_day_share(daily: Ints) -> float | None:
    """The best day's part of the whole profit: the venue's consistency figure."""
    whole = int(daily.sum())
    return int(daily.max()) / whole if whole > 0 else None


def _dollars(cents: int | None) -> float | None:
    return None if cents is None else dollars(cents)
