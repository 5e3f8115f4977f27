"""The bot, wired once: read it as a table of contents, from the STOP file to the session report.

The mode is chosen in `place` and nowhere else; what stands behind a door does not know it.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from julie.backtest.warm import warm_desk
from julie.core.bus import Bus
from julie.core.errors import Exit, JulieError
from julie.core.events import Alarm
from julie.core.scribe import AUDIT, Scribe
from julie.core.secrets import Secrets, read_secrets, system_keyring
from julie.core.tasks import Tasks, cause_of
from julie.live.attention import attentive, breathe, sweep
from julie.live.chores import Chores
from julie.live.closing_down import Left, close_down, leave_early
from julie.live.commands import Commands, Verbs, flattens, kill_switch
from julie.live.figures import Figures
from julie.live.folders import (
    note_account,
    refuse_ahead,
    refuse_other_account,
    refuse_other_mode,
)
from julie.live.ground import Ground, lay, take_up
from julie.live.hours import time_of_day
from julie.live.leaving import End, Leaving, heeding
from julie.live.left_behind import refuse_left_behind
from julie.live.live_locks import refuse_unless_enabled
from julie.live.look import Look, Looks
from julie.live.models import refuse_damaged, refused_models
from julie.live.place import Place, on_paper, simulated_place, venue_place, with_locks
from julie.live.recall import Past, read_past
from julie.live.session import Session
from julie.live.session_report import make_report, write_report
from julie.live.sim import Ready
from julie.live.stop_file import Stop, refuse_when_stopped
from julie.live.tenants import Hosts, hosting, move_in
from julie.live.thinking import Thinking, make_desk
from julie.live.venue_door import find_login
from julie.live.wanted import Wanted
from julie.live.wiring import make_session
from julie.store.journal import SqliteJournal
from julie.store.status import ended_by

LOG: Final = logging.getLogger(__name__)


class Over(Exception):
    """The session has come to its end."""


class Began:
    """When a start began, and how long it took to be ready."""

    def __init__(self) -> None:
        self._wall = asyncio.get_running_loop().time
        self._at, self.ready_s = self._wall(), 0.0

    def told(self, tell: Callable[[str], None]) -> None:
        """It is ready now."""
        self.ready_s = self._wall() - self._at
        tell(f"ready after {self.ready_s:.1f} s")


@dataclass(frozen=True, slots=True)
class Ended:
    """What a session left."""

    run: str
    code: Exit
    minutes: int
    candidates: int
    legs: int
    balance_cents: int
    pieces: int  # in which a market that waits for us came
    ready_s: float
    reconnects: int
    report: Figures


async def simulated(wanted: Wanted, ready: Ready) -> Ended:
    """Trade a simulated gateway's market to its end."""
    refuse_when_stopped(wanted.folder)
    async with simulated_place(ready, wanted.seed) as place:
        return await trade(wanted, on_paper(place) if wanted.mode == "paper" else place)


async def at_the_venue(wanted: Wanted, secrets: Secrets) -> Ended:
    """Trade the venue's market: on paper, or live behind its locks."""
    refuse_when_stopped(wanted.folder)
    section, live = wanted.settings.live, wanted.mode == "live"
    if live:
        refuse_unless_enabled(section)
    async with venue_place(wanted.mode, find_login(secrets=secrets), wanted.seed) as place:
        behind = with_locks(place, section, wanted.ask) if live else on_paper(place)
        return await trade(wanted, behind)


async def trade(wanted: Wanted, place: Place) -> Ended:
    """One session at a place."""
    began, secrets = Began(), read_secrets(keyring=system_keyring())
    refuse_damaged(wanted.settings.models)
    with hosting(wanted, place, secrets) as hosts:
        refuse_other_mode(wanted.folder, wanted.mode)
        refuse_other_account(wanted.folder, place)
        past = read_past(wanted.folder)
        refuse_ahead(wanted.folder, past, place.clock.now_ns())
        journal = SqliteJournal.open(wanted.folder, wanted.run, place.clock)
        try:
            bus = Bus()
            scribe = Scribe(journal, bus, wanted.run, place.clock, journal.next_seq)
            warm_desk()  # nothing may be compiled once the market is heard
            ground = await lay(wanted, place, scribe)
            note_account(wanted.folder, place)  # one that was refused binds nothing
            await refuse_left_behind(ground, past)
            session, left = await lived(ground, hosts, bus, past, began)
        finally:
            await journal.close()
    return await _ended(session, left, began.ready_s)


async def lived(
    ground: Ground, hosts: Hosts, bus: Bus, past: Past, began: Began
) -> tuple[Session, Left]:
    """From the first look at open orders to the orderly end."""
    leaving = Leaving()
    try:
        return await _together(ground, leaving, hosts, bus, past, began)
    except asyncio.CancelledError:
        leaving.raise_broken_off()
        raise
    except ExceptionGroup as group:
        cause = cause_of(group)
        LOG.critical("the session ends: %s", cause, exc_info=cause)
        ground.scribe.note(Alarm("failed", f"{type(cause).__name__}: {cause}"))
        why = cause.message if isinstance(cause, JulieError) else type(cause).__name__
        ended_by(ground.wanted.folder, ground.wanted.run, why)
        raise cause from group


async def _together(
    ground: Ground, leaving: Leaving, hosts: Hosts, bus: Bus, past: Past, began: Began
) -> tuple[Session, Left]:
    """All tasks of a session, in one group."""
    wanted, executor = ground.wanted, ground.executor
    commands, looks = Commands(ground.scribe), Looks(ground)
    until_ns = time_of_day(ground.calendar, ground.place.clock.now_ns(), wanted.until)
    ended: tuple[Session, Left] | None = None
    early: JulieError | None = None

    def stopped(stop: Stop) -> None:
        leaving.ask(End(f"the STOP file: {stop.who}, {stop.why}", Exit.STOPPED, "flatten"))

    try:
        async with Tasks() as tasks:
            kill = kill_switch(executor, ground.scribe, tasks)
            with heeding(leaving, wanted.settings.live.on_exit, kill, wanted.heeds_signals):
                commands.add("flatten", flattens(executor, ground.scribe))
                move_in(tasks, ground, hosts, bus, past, commands, looks, stopped)
                for alarm in refused_models(wanted.settings.models):
                    ground.scribe.note(alarm)
                thinking = await leaving.or_done(_thinking(ground, past, tasks), tasks)
                if thinking is None:
                    early = await leave_early(ground, leaving)
                    raise Over
                session = make_session(ground, thinking)
                verbs = Verbs(session, leaving, past.paused)
                verbs.add_to(commands)
                looks.session = Look(session, verbs)
                session.take_config(past)
                Chores(session, leaving, verbs, until_ns).start(tasks)
                with attentive():
                    session.start(tasks)
                    tasks.start("market", session.play(leaving))
                    tasks.start("sweep", sweep(ground.place.clock, lambda: executor.idle))
                    tasks.start("breath", breathe(bus.mailbox(AUDIT), session.desk.rest))
                    began.told(wanted.tell)
                    ended = session, await close_down(session, leaving, wanted.ask)
                raise Over  # the group's other members end with it
    except* Over:
        pass
    if early is not None:
        raise early
    if ended is None:
        raise RuntimeError("a session ended without its end")
    return ended


async def _thinking(ground: Ground, past: Past, tasks: Tasks) -> Thinking:
    """Orders first, then the desk; both wait for the venue, which may take its time."""
    await take_up(ground, past, tasks)
    return await make_desk(ground, past)


async def _ended(session: Session, left: Left, ready_s: float) -> Ended:
    """The report, made when everything is written."""
    wanted, account = session.wanted, session.desk.record.account[0]
    reconnects, balance = session.ears.reconnects, int(account["balance"])
    made = make_report(wanted, left, reconnects, balance, simulated=session.place.simulated)
    await asyncio.to_thread(write_report, wanted, made)
    return Ended(
        wanted.run,
        left.code,
        session.minutes.taken,
        session.minutes.candidates,
        int(account["legs"]),
        balance,
        session.pieces,
        ready_s,
        reconnects,
        made,
    )
