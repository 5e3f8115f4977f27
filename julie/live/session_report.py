"""What a session came to: told in the terminal, and kept as text, JSON and a page.

It is made from the journal alone, so it says what was written down and nothing else.
"""

import json
import logging
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from julie.core.bookings import TradeClosed
from julie.core.errors import JulieError
from julie.core.events import Alarm, AuditRecord, Decision
from julie.core.taken import MinuteTaken
from julie.core.types import Reason
from julie.core.zones import eastern_iso
from julie.live.closing_down import Left
from julie.live.report import page_of, write_live_report
from julie.live.wanted import Wanted
from julie.store.atomic import write_text
from julie.store.journal import JournalReader
from julie.store.journal import Wanted as Asked

LOG: Final = logging.getLogger(__name__)
KINDS: Final = ("TradeClosed", "Decision", "MinuteTaken", "Alarm")
STOPS: Final = frozenset({"stop", "breakeven", "trail"})
TARGETS: Final = frozenset({"target", "target1", "target2"})


@dataclass(slots=True)
class SessionReport:
    """The session in figures."""

    run: str
    mode: str
    simulated: bool
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
    fees: float = 0.0
    balance: float | None = None
    reconnects: int = 0
    alarms: dict[str, int] = field(default_factory=dict)
    differences: tuple[str, ...] = ()
    flat: bool = True
    left: str = ""
    ended: str = ""
    page: str = ""


def make_report(
    wanted: Wanted, left: Left, reconnects: int, balance_cents: int, *, simulated: bool
) -> SessionReport:
    """Read the run in the journal."""
    made = SessionReport(wanted.run, wanted.mode, simulated, reconnects=reconnects)
    made.balance = balance_cents / 100.0
    made.differences, made.flat, made.left, made.ended = (
        left.differences, left.flat, left.words, left.why,
    )  # fmt: skip
    denials, exits, alarms, plans = Counter[str](), Counter[str](), Counter[str](), set[int]()
    with JournalReader.of(wanted.folder) as reader:
        for record in reader.records(Asked(run=wanted.run, kinds=KINDS)):
            if not isinstance(record, AuditRecord):
                continue
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
                case Alarm(kind=kind):
                    alarms[kind] += 1
                case _:
                    pass
    made.denials, made.exits = dict(denials.most_common()), dict(exits.most_common())
    made.alarms, made.trades = dict(alarms.most_common()), len(plans)
    made.taken = made.candidates - sum(denials.values())
    made.stops = sum(n for why, n in exits.items() if why in STOPS)
    made.targets = sum(n for why, n in exits.items() if why in TARGETS)
    return made


def _minute(made: SessionReport, minute: MinuteTaken) -> None:
    made.minutes += 1
    made.backfilled += any(bar is not None and bar.backfilled for bar in minute.bars)
    made.first = made.first or eastern_iso(minute.ts)[:16].replace("T", " ")
    made.last = eastern_iso(minute.ts)[:16].replace("T", " ")


def write_report(wanted: Wanted, made: SessionReport) -> Path:
    """Keep it beside the page of the run; returns the text's place."""
    try:
        write_live_report(wanted.folder, wanted.settings, run=wanted.run)
        made.page = str(page_of(wanted.folder, wanted.run))
    except (JulieError, OSError) as error:  # the figures below are kept in any case
        LOG.warning("the page of the session was not written: %s", error)
    folder = page_of(wanted.folder, wanted.run).parent
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "session.json", json.dumps(asdict(made), indent=2) + "\n")
    place = folder / "session.txt"
    write_text(place, "\n".join(words_of(made)) + "\n")
    return place


def words_of(made: SessionReport) -> list[str]:
    """The report in lines."""
    market = ", the market and the account are simulated" if made.simulated else ""
    found = [
        f"SESSION REPORT {made.mode.upper()} {made.run}{market}",
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
    found.append(f"streams     {made.reconnects} reconnects")
    found += [f"  alarm     {count:>4}  {kind}" for kind, count in made.alarms.items()]
    found.append(f"differences {'; '.join(made.differences) or 'none with the venue'}")
    found.append(f"ends        {'flat' if made.flat else made.left}; {made.ended}")
    return found
