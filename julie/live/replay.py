"""A run once more, from its journal: the minutes that the desk heard, told to a fresh desk.

The fresh desk stands where the run's own stood when it began: the same history, the record of the
trading day before, and what was heard since. Every decision, closed leg, mark of the account,
closed day and order must come out as it was written down.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from julie.core.bookings import ConfigTaken, DayClosed, EquityMarked, TradeClosed
from julie.core.errors import DataError, UsageError
from julie.core.events import Asked, AuditRecord, Decision, Intent, Payload
from julie.core.taken import MinuteTaken
from julie.core.zones import EASTERN, SECOND_NS
from julie.live.earlier import Own
from julie.live.kept_history import began_minute, facts_of
from julie.live.lives import UNKNOWN, lives_of, parted
from julie.live.recall import Past
from julie.live.replayed_orders import Sent, apart, by_hand
from julie.settings import Settings
from julie.store.journal import JournalReader, Wanted
from julie.store.journal.kinds import encode
from julie.strategies.base import Strategy

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

    config: ConfigTaken = UNKNOWN
    closed: DayClosed | None = None
    before: list[AuditRecord] = field(default_factory=list)  # minutes since that day
    configs: dict[str, ConfigTaken] = field(default_factory=dict)  # of runs before
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
    by_hand: int = 0  # test orders of a person: no desk asks for them
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
                _of_past(story, record)
    return story


def _of_past(story: Story, record: AuditRecord) -> None:
    match record.payload:
        case DayClosed() as closed:
            story.closed = closed
            story.before.clear()
        case ConfigTaken() as config:
            story.configs[record.run] = config
        case MinuteTaken():
            story.before.append(record)


def _of_run(story: Story, payload: Payload) -> None:
    if isinstance(payload, ConfigTaken):
        story.config = payload
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
    own = Own(data_dir, settings, strategies)
    lives, minutes = parted(lives_of(story.before, story.configs), story.config.hash)
    closed = own.led(lives, story.closed).closed
    desk, recovery = own.desk_of(run, story.config)
    recovery.resume(Past(closed=closed, minutes=minutes), began_minute(facts))
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
    found.orders, found.by_hand = len(sent.wanted), by_hand(story.orders)
    found.differences += [
        f"{_clock(ts)}: {text}" if ts else text for ts, text in apart(sent, story.orders)
    ]
    return found


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
