"""A stretch of trading in figures: what was decided, filled, earned, and what went wrong.

They are made from the journal alone, so they say what was written down and nothing else.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from julie.core.bookings import EquityMarked, TradeClosed
from julie.core.events import Alarm, AuditRecord, Decision, Payload
from julie.core.taken import MinuteTaken
from julie.core.types import Reason
from julie.core.zones import eastern_iso
from julie.store.journal import RawRecord

KINDS: Final = ("TradeClosed", "Decision", "MinuteTaken", "Alarm", "EquityMarked")
STOPS: Final = frozenset({"stop", "breakeven", "trail"})
TARGETS: Final = frozenset({"target", "target1", "target2"})


@dataclass(slots=True)
class Figures:
    """A session, or a trading day, in figures."""

    run: str
    mode: str
    simulated: bool
    day: str = ""  # of a trading day alone
    first: str = ""
    last: str = ""
    minutes: int = 0
    backfilled: int = 0
    candidates: int = 0
    taken: int = 0
    denials: dict[str, int] = field(default_factory=dict)
    trades: int = 0
    legs: int = 0
    stops: int = 0
    targets: int = 0
    exits: dict[str, int] = field(default_factory=dict)
    net: float = 0.0
    by_hand: float = 0.0  # by the venue's balance beyond the desk's own trades
    fees: float = 0.0
    balance: float | None = None
    reconnects: int = 0
    alarms: dict[str, int] = field(default_factory=dict)
    differences: tuple[str, ...] = ()
    flat: bool = True
    left: str = ""
    ended: str = ""
    page: str = ""


class Beside:
    """Money that no trade of the desk explains: of a person's hand, of a test order, paid or taken.

    It shows where the venue's balance is taken for ours, which is done while nothing of ours is
    open or untold; ours was then what the mark before says.
    """

    def __init__(self, marked_cents: int | None = None) -> None:
        self.cents = 0
        self._ours = marked_cents

    def take(self, payload: Payload) -> None:
        """The next record."""
        match payload:
            case MinuteTaken(balance_cents=int(governing)):
                self.cents += 0 if self._ours is None else governing - self._ours
                self._ours = governing
            case EquityMarked(balance_cents=marked):
                self._ours = marked
            case _:
                pass


def add_up(
    made: Figures, records: Iterable[AuditRecord | RawRecord], marked_cents: int | None = None
) -> None:
    """Count what the records tell; the balance before them tells what came beside the trades."""
    beside = Beside(marked_cents)
    denials, exits, alarms, plans = Counter[str](), Counter[str](), Counter[str](), set[int]()
    for record in records:
        if not isinstance(record, AuditRecord):
            continue
        beside.take(record.payload)
        match record.payload:
            case MinuteTaken() as minute:
                _minute(made, minute)
            case Decision() as decision:
                made.candidates += len(decision.candidates)
                denials.update(
                    one.outcome.word
                    for one in decision.candidates
                    if one.outcome is not Reason.NONE
                )
            case TradeClosed() as trade:
                plans.add(trade.trade_id)
                exits[trade.exit_reason] += 1
                made.legs += 1
                made.net += trade.net
                made.fees += trade.fees
            case EquityMarked(balance_cents=cents):
                made.balance = cents / 100.0
            case Alarm(kind=kind):
                alarms[kind] += 1
            case _:
                pass
    made.by_hand = beside.cents / 100.0
    made.denials, made.exits = dict(denials.most_common()), dict(exits.most_common())
    made.alarms, made.trades = dict(alarms.most_common()), len(plans)
    made.taken = made.candidates - sum(denials.values())
    made.stops = sum(n for why, n in exits.items() if why in STOPS)
    made.targets = sum(n for why, n in exits.items() if why in TARGETS)


def _minute(made: Figures, minute: MinuteTaken) -> None:
    made.minutes += 1
    made.backfilled += any(bar is not None and bar.backfilled for bar in minute.bars)
    made.first = made.first or eastern_iso(minute.ts)[:16].replace("T", " ")
    made.last = eastern_iso(minute.ts)[:16].replace("T", " ")


def words_of(made: Figures) -> list[str]:
    """The figures in lines."""
    market = ", the market and the account are simulated" if made.simulated else ""
    what = f"DAY REPORT {made.mode.upper()} {made.day}, run" if made.day else (
        f"SESSION REPORT {made.mode.upper()}"
    )  # fmt: skip
    found = [
        f"{what} {made.run}{market}",
        f"market      {made.first} to {made.last} ET: {made.minutes} minutes"
        + (f", {made.backfilled} of them fetched" if made.backfilled else ""),
        f"candidates  {made.candidates}: {made.taken} taken, {sum(made.denials.values())} denied",
    ]
    found += [f"  denied    {count:>4}  {why}" for why, count in made.denials.items()]
    found.append(
        f"trades      {made.trades} ({made.legs} legs): {made.stops} by stop, "
        f"{made.targets} by target"
    )
    found += [f"  exit      {count:>4}  {why}" for why, count in made.exits.items()]
    balance = "" if made.balance is None else f", balance {made.balance:,.2f} USD"
    found.append(f"result      {made.net:+,.2f} USD net, {made.fees:,.2f} USD fees{balance}")
    if made.by_hand:
        found.append(f"by hand     {made.by_hand:+,.2f} USD, beside the desk's own trades")
    if not made.day:
        found.append(f"streams     {made.reconnects} reconnects")
    found += [f"  alarm     {count:>4}  {kind}" for kind, count in made.alarms.items()]
    found.append(f"differences {'; '.join(made.differences) or 'none with the venue'}")
    ended = f"; {made.ended}" if made.ended else ""
    found.append(f"ends        {'flat' if made.flat else made.left}{ended}")
    return found
