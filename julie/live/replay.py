"""A run once more, from its journal: the minutes that the desk heard, told to a fresh desk.

The fresh desk stands where the run's own stood when it began: the same history, the record of the
trading day before, and what was heard since. Every decision, closed leg, mark of the account,
closed day and order must come out as it was written down.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from julie.core.bookings import ConfigTaken, DayClosed, EquityMarked, TradeClosed
from julie.core.calendar import load_calendar
from julie.core.errors import DataError, UsageError
from julie.core.events import Asked, AuditRecord, Decision, Intent, Payload
from julie.core.sessions import session_table
from julie.core.taken import MinuteTaken
from julie.core.zones import EASTERN, MINUTE_NS, SECOND_NS
from julie.desk.minutes import DeskMinutes
from julie.desk.moments import Moments
from julie.live.kept_history import Facts, began_minute, facts_of, kept
from julie.live.portfolio import asked_for, unwarmed
from julie.live.recall import Past, Recovery
from julie.live.replayed_orders import Sent, apart
from julie.settings import Settings
from julie.store.journal import JournalReader, Wanted
from julie.store.journal.kinds import encode
from julie.strategies.base import Strategy
from julie.strategies.catalogue import named

TOLD: Final = (Decision, TradeClosed, EquityMarked, DayClosed)  # what the desk answers
ORDERS: Final = (Intent, Asked)
READ: Final = tuple(one.__name__ for one in (ConfigTaken, MinuteTaken, *TOLD, *ORDERS))
SHOWN: Final = 300  # characters of a value


@dataclass(slots=True)
class Heard:
    """A minute of the run, and what was written down behind it until the next."""

    taken: MinuteTaken
    told: list[Payload] = field(default_factory=list)


@dataclass(slots=True)
class Story:
    """What the journal tells of a run, and of what lay before it."""

    settings: str = ""  # as JSON
    closed: DayClosed | None = None
    before: list[MinuteTaken] = field(default_factory=list)
    minutes: list[Heard] = field(default_factory=list)
    orders: list[Intent | Asked] = field(default_factory=list)


@dataclass(slots=True)
class Replayed:
    """What was compared, and where it is not the same."""

    run: str
    minutes: int = 0
    decisions: int = 0
    trades: int = 0
    orders: int = 0
    days: int = 0
    differences: list[str] = field(default_factory=list)


def newest_run(data_dir: Path) -> str:
    """The newest run of a journal."""
    with JournalReader.of(data_dir) as reader:
        known = [one.name for one in reader.runs() if one.records]
    if not known:
        raise UsageError("the journal holds no run yet", "start the bot with `julie run`")
    return known[-1]


def story_of(data_dir: Path, run: str) -> Story:
    """Read a run; raises `UsageError` where the journal has none of that name."""
    story, begun = Story(), False
    with JournalReader.of(data_dir) as reader:
        known = [one.name for one in reader.runs() if one.records]
        if run not in known:
            named = ", ".join(known[-5:]) or "none"
            raise UsageError(f"the journal has no run {run!r}", f"its newest runs: {named}")
        for record in reader.records(Wanted(kinds=READ)):
            if not isinstance(record, AuditRecord):
                raise DataError(
                    f"the run {run} holds records of a newer program", "replay it with that one"
                )
            if record.run == run:
                begun = True
                _of_run(story, record.payload)
            elif begun:
                break
            else:
                _of_past(story, record.payload)
    return story


def _of_past(story: Story, payload: Payload) -> None:
    if isinstance(payload, DayClosed):
        story.closed = payload
        story.before.clear()
    elif isinstance(payload, MinuteTaken):
        story.before.append(payload)


def _of_run(story: Story, payload: Payload) -> None:
    if isinstance(payload, ConfigTaken):
        story.settings = payload.text
    elif isinstance(payload, MinuteTaken):
        story.minutes.append(Heard(payload))
    elif isinstance(payload, Intent | Asked):
        story.orders.append(payload)
    elif story.minutes:
        story.minutes[-1].told.append(payload)


def replay(
    data_dir: Path, run: str, settings: Settings, strategies: Sequence[Strategy] = ()
) -> Replayed:
    """Tell a fresh desk what the run's desk heard; `settings` only where the journal has none."""
    story, facts = story_of(data_dir, run), facts_of(data_dir, run)
    if story.settings:
        settings = _as_it_was(settings, story.settings, facts)
    desk = _desk(data_dir, run, story, facts, settings, strategies)
    found, sent = Replayed(run), Sent(facts.symbols)
    for place, heard in enumerate(story.minutes):
        last = place + 1 == len(story.minutes)
        told = desk.close(heard.taken)
        sent.take(heard.taken, told.orders, last=last)
        mine: list[Payload] = [*told.closed, told.equity]
        mine += [] if told.decision is None else [told.decision]
        mine += [desk.day_closed() for one in heard.told if isinstance(one, DayClosed)]
        _compare(found, heard, mine, cut_short=last)
    found.minutes = len(story.minutes)
    found.orders = len(sent.wanted)
    found.differences += [
        f"{_clock(ts)}: {text}" if ts else text for ts, text in apart(sent, story.orders)
    ]
    return found


def _as_it_was(settings: Settings, text: str, facts: Facts) -> Settings:
    """The run's own settings; rules from files must be given again, for they have keys in them."""
    try:
        return type(settings).model_validate_json(text)
    except ValidationError as error:
        asked = ", ".join(facts.strategies) or "those of its configuration"
        raise UsageError(
            f"the settings of the run have keys that are not known here; it traded {asked}",
            "give its rules again as the run was given them: --strategies path/to/mine.py:name",
        ) from error


def _desk(
    data_dir: Path,
    run: str,
    story: Story,
    facts: Facts,
    settings: Settings,
    strategies: Sequence[Strategy],
) -> DeskMinutes:
    """A desk where the run's own stood when it began."""
    calendar, table = load_calendar(), settings.instrument_table()
    strategies = strategies or [named(one) for one in facts.strategies]
    asked = asked_for(settings, [table[one] for one in facts.symbols], facts.traded, strategies)
    series = kept(data_dir, run, [table[one] for one in facts.symbols])
    made = unwarmed(replace(asked, series=tuple(series)), calendar)
    desk = DeskMinutes(
        made.pipeline,
        made.graph,
        made.record,
        made.traded,
        made.strategies,
        Moments(calendar, session_table(settings.sessions.starts), MINUTE_NS),
        contracts=facts.contracts,
    )
    past = Past(closed=story.closed, minutes=tuple(story.before))
    Recovery(desk, made.graph, series, calendar).resume(past, began_minute(facts))
    return desk


def _compare(found: Replayed, heard: Heard, mine: list[Payload], *, cut_short: bool) -> None:
    """What the desk answers now against what was written down then; a run that was killed may not
    have written all of its last minute.
    """
    for kind in TOLD:
        now = [one for one in mine if isinstance(one, kind)]
        then = [one for one in heard.told if isinstance(one, kind)]
        if cut_short:
            now = now[: len(then)]
        if len(now) != len(then):
            counts = f"{len(then)} {kind.__name__} were written, now {len(now)}"
            found.differences.append(f"{_clock(heard.taken.ts)}: {counts}")
        for was, new in zip(then, now, strict=False):
            if encode(was) != encode(new):
                found.differences += _apart(heard.taken.ts, was, new)
        found.decisions += len(then) if kind is Decision else 0
        found.trades += len(then) if kind is TradeClosed else 0
        found.days += len(then) if kind is DayClosed else 0


def _apart(ts: int, was: Payload, new: Payload) -> Iterator[str]:
    """The fields in which two payloads differ; of a decision the candidates' own."""
    if isinstance(was, Decision) and isinstance(new, Decision):
        if len(was.candidates) != len(new.candidates):
            yield f"{_clock(ts)}: {len(was.candidates)} candidates, now {len(new.candidates)}"
            return
        for a, b in zip(was.candidates, new.candidates, strict=True):
            yield from _fields(ts, f"candidate {a.candidate} {a.strategy}", a, b)
        return
    yield from _fields(ts, type(was).__name__, was, new)


def _fields(ts: int, what: str, was: object, new: object) -> Iterator[str]:
    for name in type(was).__dataclass_fields__:  # type: ignore[attr-defined]
        a, b = repr(getattr(was, name)), repr(getattr(new, name))
        if a != b:
            yield f"{_clock(ts)}: {what}: {name} was {a[:SHOWN]}, now {b[:SHOWN]}"


def _clock(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // SECOND_NS, ZoneInfo(EASTERN)):%Y-%m-%d %H:%M}"
