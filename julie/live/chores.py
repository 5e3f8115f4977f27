"""What must happen by the hour and by the second, whatever the market does.

By the program's clock: flat before the close, the end that was asked for, the end after a trade.
By the wall: that the loop turns, that the machine did not sleep, that its clock is the venue's.
"""

import asyncio
from typing import Final

from julie.core.clock import Clock, MachineClock
from julie.core.events import Alarm, Health
from julie.core.market_events import Hub
from julie.core.money import dollars
from julie.core.tasks import Tasks
from julie.core.timers import sleep
from julie.core.types import Reason
from julie.core.words import sentence
from julie.core.zones import SECOND_NS
from julie.desk.desk import REFUSED_MOST
from julie.gateway.skew import set_right
from julie.live.awake import Awake
from julie.live.closing_down import close_all, held_words, left_words
from julie.live.commands import Verbs
from julie.live.flat_guard import Due, FlatGuard
from julie.live.leaving import End, Leaving
from julie.live.session import Session
from julie.live.watchdog import LoopWatch, SleepWatch

LOOK_S: Final = 0.25
SKEW_S: Final = 10.0
SKEW_TOLD_NS: Final = 1 * SECOND_NS
SKEW_BARS_NS: Final = 5 * SECOND_NS
HEALTH_S: Final = 60.0


class Chores:
    """Two loops for as long as the session runs."""

    def __init__(
        self, session: Session, leaving: Leaving, verbs: Verbs, until_ns: int | None
    ) -> None:
        self._session, self._leaving, self._verbs = session, leaving, verbs
        self._until_ns = until_ns
        times = session.flat_times
        calendar = session.calendar
        self._guard = FlatGuard(calendar, times, lambda: not _open(session)) if times else None
        self._machine = MachineClock()
        self._loop = LoopWatch(self._machine, self._stood_still)
        self._slept = SleepWatch(self._machine)
        self._awake = Awake()
        self._off = frozenset((name, session.desk.day) for name in session.refused)
        self._measured_ns = self._told_ns = self._fired = self._skew_told_ns = 0

    def start(self, tasks: Tasks) -> None:
        """Begin both."""
        tasks.start("chores by the clock", self.by_clock())
        tasks.start("chores by the wall", self.by_wall())

    async def by_clock(self) -> None:
        """By the program's clock, for ever."""
        clock = self._session.place.clock
        while True:
            await sleep(clock, LOOK_S)
            now = clock.now_ns()
            if self._guard is not None:
                await at_the_flat_time(self._session, self._guard.due(now))
            if self._until_ns is not None and now >= self._until_ns:
                choice = self._session.wanted.settings.live.on_exit
                self._leaving.ask(End("the time it was to run until has come", position=choice))
            if self._verbs.after_trade and not self._session.open_anywhere:
                self._leaving.ask(End("the trade is over"))
            self._breaker()
            self._refused()
            self._awake.hold(not self._session.place.simulated and self._session.open_anywhere)
            self._health(clock)

    async def by_wall(self) -> None:
        """By the machine's clock, for ever."""
        self._loop.start()
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                self._loop.beat()
                slept = self._slept.slept_s()
                if slept:
                    self._woke(slept)
                self._skew()
        finally:
            self._loop.stop()
            self._awake.release()

    def _stood_still(self, seconds: float) -> None:
        session = self._session
        why = f"the program stood still for {seconds:.0f} s"
        session.executor.reconcile_soon(why, halted=True)
        session.scribe.note(Alarm("loop_stuck", f"the loop stood still for {seconds:.1f} s"))

    def _woke(self, seconds: float) -> None:
        session = self._session
        session.executor.reconcile_soon(f"the machine slept for {seconds:.0f} s")
        session.scribe.note(Alarm("slept", f"the machine slept for {seconds:.0f} s"))
        session.place.client.line.skew.forget()  # what was measured before it means nothing
        for hub in Hub:
            session.feed.rebuild(hub, "the machine slept")

    def _skew(self) -> None:
        """The machine's clock against the venue's; a market that is made has its own time."""
        clock, session = self._session.place.clock, self._session
        now = self._machine.mono_ns()
        due = now - self._measured_ns >= SKEW_S * SECOND_NS
        gauge = session.place.client.line.skew
        if not isinstance(clock, MachineClock) or not due or gauge.skew_ns is None:
            return
        self._measured_ns = now
        skew = set_right(clock, gauge)
        seconds = skew / SECOND_NS
        if abs(skew) > SKEW_BARS_NS:
            text = f"this machine's clock is {seconds:+.1f} s from the venue's"
            session.executor.standing.reduce("clock_skew", text, Reason.CLOCK_SKEW)
        else:
            session.executor.standing.release("clock_skew")
        if abs(skew - self._skew_told_ns) > SKEW_TOLD_NS:
            self._skew_told_ns = skew
            way = "ahead of" if seconds > 0 else "behind"
            text = f"the venue's clock is {abs(seconds):.1f} s {way} this machine's"
            session.scribe.note(Alarm("clock_skew", text))

    def _breaker(self) -> None:
        """A limit that fired is told once; the denials behind it tell no more."""
        account = self._session.desk.record.account[0]
        fired = int(account["breaker"])
        if fired and fired != self._fired:
            net, reason = dollars(int(account["day_net"])), sentence(Reason(fired))
            self._session.scribe.note(
                Alarm("limit_reached", f"{reason}; the day stands at {net:+,.2f} USD")
            )
        self._fired = fired

    def _refused(self) -> None:
        """A strategy that the venue's refusals switched off is told once a day."""
        session = self._session
        now = frozenset((name, session.desk.day) for name in session.refused)
        for name, _ in sorted(now - self._off):
            text = f"{name}: the venue refused {REFUSED_MOST} of its entries in a row"
            session.scribe.note(Alarm("strategy_off", text))
        self._off = now

    def _health(self, clock: Clock) -> None:
        now = clock.mono_ns()
        if now - self._told_ns >= HEALTH_S * SECOND_NS:
            self._told_ns = now
            session = self._session
            left = {f"rows {kind}": n for kind, n in session.executor.book.dropped.items()}
            counts = {**session.feed.counts(), **session.minutes.counts(), **left}
            session.scribe.note(Health(tuple((k, float(v)) for k, v in counts.items())))


def _open(session: Session) -> bool:
    """Whether the account holds anything, or the desk believes it does."""
    return session.open_anywhere or bool(session.not_ours)


async def at_the_flat_time(session: Session, due: Due) -> None:
    """What the hour asks for. What is not ours is closed with what is; alone, it is left to who
    opened it.
    """
    if due is Due.FLATTEN and session.open_anywhere:
        session.scribe.note(Alarm("flat_time", f"the flat time has come. {held_words(session)}"))
        await close_all(session, "the flat time has come")
    elif due is Due.VERIFY and session.open_at_venue:  # else the desk has not heard of it yet
        await close_all(session, "still not flat after the flat time")
    elif due is Due.ALARM and (left := left_words(session)):
        session.scribe.note(Alarm("not_flat", f"two minutes after the flat time: {left}"))
