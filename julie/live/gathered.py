"""What runs left in the journal, gathered for a report: trades, decisions, minutes, and what went
otherwise than planned.

Only what was written down counts. A trade that a restart closed belongs to the decision that made
it, whichever run that was; numbers that two runs used alike are told apart here.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from julie.core.bookings import ConfigTaken, EquityMarked, TradeClosed
from julie.core.clock import MachineClock
from julie.core.errors import UsageError
from julie.core.events import (
    Alarm,
    AuditRecord,
    Decision,
    Fill,
    Intent,
    JudgedCandidate,
    OrderState,
    OrderUpdate,
    StateChanged,
)
from julie.core.instruments import INSTRUMENTS
from julie.core.taken import MinuteTaken
from julie.core.types import Reason
from julie.core.zones import DAY_NS, MINUTE_NS, eastern_iso
from julie.store.journal import JournalReader, RawRecord, Wanted

# Named outcomes of a comparison with the venue; the texts of the rest are alarms like any other.
DIFFERENCES: Final = (
    *("unknown_position", "missing_leg", "orphan_order", "phantom_trade", "size_mismatch"),
    *("foreign_orders", "two_desks", "balance_differs", "trade_voided", "manual_trade"),
)


@dataclass(slots=True)
class Followed:
    """One candidate of the runs, and what came of it."""

    ts: int
    judges: tuple[str, ...]
    said: JudgedCandidate
    trade: int = -1
    sent: str = ""  # market or limit; empty = no order came of it
    dropped: Reason = Reason.NONE


@dataclass(slots=True)
class Gathered:
    """The runs that were asked for."""

    runs: tuple[str, ...]
    trades: list[TradeClosed] = field(default_factory=list)
    asked: list[Followed] = field(default_factory=list)
    owners: list[Followed | None] = field(default_factory=list)  # of the trades, one each
    minutes: list[MinuteTaken] = field(default_factory=list)
    alarms: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)  # orders by role
    ended: Counter[OrderState] = field(default_factory=Counter)
    fees_cents: int = 0
    first_equity: tuple[EquityMarked, int] | None = None  # and the legs' net cents before it
    balance_cents: int | None = None
    config: ConfigTaken | None = None
    began_ns: int = 0
    ended_ns: int = 0  # of the last record; it may still run

    @property
    def mode(self) -> str:
        """sim, paper or live, as the names of runs begin."""
        return self.runs[-1].partition("-")[0] if self.runs else ""


def runs_asked(reader: JournalReader, run: str | None, since_ns: int | None) -> tuple[str, ...]:
    """The named run, every run since a time, or the newest; raises `UsageError`."""
    known = [one.name for one in reader.runs() if one.records]
    if run is not None:
        if run in known:
            return (run,)
        listed = ", ".join(known[-5:]) or "none"
        raise UsageError(f"the journal has no run {run!r}", f"its newest runs: {listed}")
    newest = newest_run(reader)
    if since_ns is None:
        return (newest,)
    seen = {record.run for record in reader.records(Wanted(since_ns=since_ns, inputs=True))}
    if not seen.intersection(known):
        raise UsageError(
            f"no run since {eastern_iso(since_ns)[:10]}; the newest is {newest}, "
            f"last heard of {eastern_iso(_last_ns(reader))[:10]}",
            "reach further back, such as `--last month`, or leave `--last` out for the newest run",
        )
    return tuple(name for name in known if name in seen)


def newest_run(reader: JournalReader) -> str:
    """The run that was begun last; raises `UsageError` where there is none."""
    for one in reversed(reader.runs()):
        if one.records:
            return one.name
    raise UsageError("the journal holds no run yet", "start the bot with `julie run`")


def days_back(reader: JournalReader, days: int) -> int:
    """The time so many days ago; in a simulated market they are counted from its own last time."""
    simulated = newest_run(reader).startswith("sim-")
    return (_last_ns(reader) if simulated else MachineClock().now_ns()) - days * DAY_NS


def _last_ns(reader: JournalReader) -> int:
    """When the newest run wrote for the last time."""
    return next(one.ts_exchange for one in reader.records(Wanted(last=1)))


def gather(reader: JournalReader, runs: Sequence[str], since_ns: int | None = None) -> Gathered:
    """Read the runs, in the order in which they were written."""
    found = Gathered(tuple(runs))
    latest: dict[int, Followed] = {}
    for run in runs:
        _read(found, latest, reader.records(Wanted(run, since_ns=since_ns)))
    _told_apart(found.trades)
    for asked, trade in zip(found.owners, found.trades, strict=True):
        if asked is not None:
            asked.trade = trade.trade_id
    return found


def _read(
    found: Gathered, latest: dict[int, Followed], records: Iterable[AuditRecord | RawRecord]
) -> None:
    for record in records:
        if not isinstance(record, AuditRecord):
            continue
        found.began_ns = found.began_ns or record.ts_exchange
        found.ended_ns = max(found.ended_ns, record.ts_exchange)
        _decided(found, latest, record)
        _went(found, record)


def _decided(found: Gathered, latest: dict[int, Followed], record: AuditRecord) -> None:
    match record.payload:
        case Decision() as decision:
            for one in decision.candidates:
                asked = Followed(decision.ts, decision.judges, one)
                found.asked.append(asked)
                latest[one.candidate] = asked
        case TradeClosed() as trade:
            found.trades.append(trade)
            found.owners.append(latest.get(trade.candidate_id))
        case MinuteTaken() as minute:
            found.minutes.append(minute)
            _dropped(found, minute)
        case EquityMarked() as mark:
            if found.first_equity is None:
                before = round(sum(one.net for one in found.trades) * 100)
                found.first_equity = mark, before
            found.balance_cents = mark.balance_cents
        case ConfigTaken() as taken:
            found.config = taken
        case _:
            pass


def _dropped(found: Gathered, minute: MinuteTaken) -> None:
    """Entries that did not come to the venue: the newest of the instrument that was to be one."""
    if not any(minute.dropped):
        return
    for k, left in enumerate(minute.dropped):
        if not left:
            continue
        for asked in reversed(found.asked):
            symbol = _symbol_at(found, k)
            if asked.said.outcome is Reason.NONE and symbol in ("", asked.said.symbol):
                asked.dropped = asked.dropped or Reason(left[0].reason)
                break


def _symbol_at(found: Gathered, k: int) -> str:
    """The instrument at place `k`, as far as decisions show; empty where one alone was traded."""
    return "" if len(found.minutes[-1].bars) == 1 else symbols_of(found).get(k, "")


def symbols_of(found: Gathered) -> dict[int, str]:
    """Instrument by its place in the minutes, by its contract's name."""
    roots = {f"CON.F.US.{one.contract_root}": name for name, one in INSTRUMENTS.items()}
    names: dict[int, str] = {}
    for minute in reversed(found.minutes):
        for k, bar in enumerate(minute.bars):
            if bar is not None and k not in names:
                names[k] = roots.get(bar.contract.rpartition(".")[0], bar.contract)
        if len(names) == len(minute.bars):
            break
    return names


def _went(found: Gathered, record: AuditRecord) -> None:
    match record.payload:
        case Alarm(kind=kind, text=text):
            found.alarms[kind] += 1
            if kind in DIFFERENCES:
                found.differences.append(f"{kind}: {text}")
        case StateChanged(state=state):
            found.states[state.name] += 1
        case Intent() as intent:
            found.sent[intent.role] += 1
            _sent(found, intent)
        case OrderUpdate(state=state):
            found.ended[state] += 1
        case Fill(fee_cents=fee, qty=qty):
            found.fees_cents += fee if qty > 0 else -fee
        case _:
            pass


def _sent(found: Gathered, intent: Intent) -> None:
    """The candidate that an entry was made of."""
    if intent.role != "entry":
        return
    symbol = intent.intent.partition(":")[0]
    for asked in reversed(found.asked):
        taken = asked.said.outcome is Reason.NONE and asked.said.symbol == symbol
        if taken and asked.ts + MINUTE_NS == intent.decided_ns:
            asked.sent = intent.kind
            return


def _told_apart(trades: list[TradeClosed]) -> None:
    """Give the trades of a later run other numbers where an earlier one had used them."""
    owner: dict[int, tuple[str, int]] = {}
    renamed: dict[tuple[int, str, int], int] = {}
    for place, trade in enumerate(trades):
        who = trade.instrument, trade.decided_ts
        if owner.setdefault(trade.trade_id, who) == who:
            continue
        key = (trade.trade_id, *who)
        if key not in renamed:
            renamed[key] = max(owner) + 1
            owner[renamed[key]] = who
        trades[place] = replace(trade, trade_id=renamed[key])
