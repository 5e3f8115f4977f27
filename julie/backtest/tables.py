"""Tables of the report: trades by strategy, session, hour and the rest; days and months."""

from typing import Final

import numpy as np
import numpy.typing as npt

from julie.backtest.curve import under_peak
from julie.backtest.ledger import Ints, Ledger, by_group
from julie.backtest.report.model import Curve, Day, Month, Row
from julie.backtest.result import Coded
from julie.core.money import dollars
from julie.core.sessions import WEEKDAYS, date_of
from julie.core.zones import HOUR_NS, eastern

BY_WORD: Final = {
    "strategy": "strategy",
    "group": "group",
    "style": "style",
    "instrument": "instrument",
    "session": "session",
    "vol_regime": "vol_regime",
    "hmm_state": "hmm_state",
    "mode": "mode",
}
MISSING_WORD: Final = "not known"


def tables(book: Ledger) -> dict[str, list[Row]]:
    """Every table, by name; a row counts trades, only `exit` counts legs."""
    made = {name: _by_word(book, column) for name, column in BY_WORD.items()}
    made["side"] = _rows(Coded(_short(book), ("long", "short")), book)
    made["weekday"] = _rows(Coded(weekday(book), WEEKDAYS), book)
    made["hour"] = _rows(Coded(hour(book), tuple(f"{h:02d}:00" for h in range(24))), book)
    made["exit"] = _by_exit(book)
    return made


def buckets(book: Ledger) -> dict[str, Row]:
    """Trades by bucket of the decision, those that have any."""
    return {row.key: row for row in _by_word(book, "bucket") if row.key != MISSING_WORD}


def hours_by_weekday(book: Ledger) -> dict[str, Row]:
    """Trades by weekday and Eastern hour of the entry, keyed `TUE 09`."""
    codes = weekday(book) * 24 + hour(book)
    names = tuple(f"{day} {h:02d}" for day in WEEKDAYS for h in range(24))
    return {row.key: row for row in _rows(Coded(codes, names), book)}


def weekday(book: Ledger) -> npt.NDArray[np.int32]:
    """Monday = 0, of the trading day on which the trade closed."""
    day = book.days[book.day].astype(np.int64)
    return np.minimum((day + 3) % 7, 4).astype(np.int32)


def hour(book: Ledger) -> npt.NDArray[np.int32]:
    """The Eastern hour of the entry."""
    local = eastern().local(book.entry_ts)
    return ((local // HOUR_NS) % 24).astype(np.int32)


def day_table(book: Ledger, start_cents: int) -> list[Day]:
    """Every trading day of the run."""
    daily = book.daily()
    trades = np.bincount(book.day, minlength=len(daily))
    wins = np.bincount(book.day[book.net > 0], minlength=len(daily))
    equity, fall = start_cents + np.cumsum(daily), under_peak(daily, start_cents)
    columns = (book.days, trades, wins, daily, equity, fall)
    return [
        Day(
            day=date_of(day).isoformat(),
            trades=count,
            wins=won,
            net=dollars(net),
            equity=dollars(level),
            drawdown=dollars(under),
        )
        for day, count, won, net, level, under in zip(*(c.tolist() for c in columns), strict=True)
    ]


def month_table(days: list[Day]) -> list[Month]:
    """Every month of the run."""
    made: dict[str, list[Day]] = {}
    for day in days:
        made.setdefault(day.day[:7], []).append(day)
    return [
        Month(
            month=month,
            net=round(sum(day.net for day in inside), 2),
            trades=sum(day.trades for day in inside),
            days=len(inside),
        )
        for month, inside in made.items()
    ]


def curve(book: Ledger, start_cents: int) -> Curve:
    """Realised equity after each leg."""
    exits = np.asarray(book.columns["exit_ts"], dtype=np.int64)[book.leg_row]
    return Curve(
        ms=(exits // 1_000_000).tolist(),
        cents=(start_cents + np.cumsum(book.leg_net)).tolist(),
        drawdown=under_peak(book.leg_net, start_cents).tolist(),
    )


def _short(book: Ledger) -> npt.NDArray[np.int32]:
    return (book.values("side") < 0).astype(np.int32)


def _by_word(book: Ledger, column: str) -> list[Row]:
    return _rows(book.words(column), book)


def _by_exit(book: Ledger) -> list[Row]:
    """Legs by the reason that closed them."""
    reasons = book.columns["exit_reason"]
    words = (reasons if isinstance(reasons, Coded) else Coded.of(reasons)).take(book.leg_row)
    money = {
        name: np.rint(np.asarray(book.columns[name], dtype=np.float64) * 100).astype(np.int64)
        for name in ("gross", "fees")
    }
    return _grouped(words, book.leg_net, money["gross"][book.leg_row], money["fees"][book.leg_row])


def _rows(words: Coded, book: Ledger) -> list[Row]:
    return _grouped(words, book.net, book.gross, book.fees)


def _grouped(words: Coded, net: Ints, gross: Ints, fees: Ints) -> list[Row]:
    names = (*words.names, MISSING_WORD)
    place = np.where(words.codes < 0, len(words.names), words.codes)
    groups = len(names)
    count = np.bincount(place, minlength=groups)
    won = net > 0
    wins = np.bincount(place[won], minlength=groups)
    sums = [by_group(place, cents, groups) for cents in (net, gross, fees)]
    up = by_group(place[won], net[won], groups)
    made = []
    for k in np.flatnonzero(count).tolist():
        total, whole, fee = (int(column[k]) for column in sums)
        lost = int(up[k]) - total
        made.append(
            Row(
                key=names[k],
                trades=int(count[k]),
                wins=int(wins[k]),
                win_rate=int(wins[k]) / int(count[k]),
                gross=dollars(whole),
                fees=dollars(fee),
                net=dollars(total),
                average=total / int(count[k]) / 100,
                profit_factor=int(up[k]) / lost if lost else None,
            )
        )
    return made
