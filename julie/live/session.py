"""A running bot: what it consists of, what is asked of it, and its way from start to end."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from julie.core.bookings import ConfigTaken
from julie.core.calendar import Calendar
from julie.core.clock import ScaledClock, VirtualClock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubState
from julie.core.scribe import Scribe
from julie.core.tasks import Tasks
from julie.core.timers import sleep
from julie.core.zones import MINUTE_NS
from julie.desk.minutes import DeskMinutes
from julie.execution.executor import Executor
from julie.gateway.feed import HubFeed
from julie.live.brokers import Broker
from julie.live.ears import Ears
from julie.live.final_bars import FinalBars
from julie.live.flat_guard import FlatTimes
from julie.live.leaving import End, Leaving
from julie.live.lines import Lines
from julie.live.minutes import Minutes
from julie.live.place import Place
from julie.live.recall import Past, open_plans, working_entries
from julie.live.rolls import Rolls
from julie.live.sim import ASK_AGAIN_S, Lockstep, Seen, SimControl, until_finished
from julie.live.thinking import Thinking
from julie.live.turning import Turning
from julie.live.wanted import Wanted
from julie.market.aggregator.minute import GRACE_NS, minute_of

BEAT_S: Final = 0.25  # between two looks at the clock
UNTOLD: Final = {"live": {"account_name"}}  # of the configuration: no journal holds who trades


def open_anywhere(desk: DeskMinutes, executor: Executor) -> bool:
    """Whether a plan is open, in the desk's record or at the venue."""
    return bool(open_plans(desk)) or bool(executor.book.open_plans())


@dataclass(slots=True)
class Session:
    """The parts of a running bot."""

    place: Place
    wanted: Wanted
    scribe: Scribe
    calendar: Calendar
    rolls: Rolls
    thinking: Thinking
    executor: Executor
    broker: Broker
    minutes: Minutes
    turning: Turning
    final: FinalBars
    ears: Ears
    feed: HubFeed
    pieces: int = 0  # in which a market that waits for us came

    @property
    def lines(self) -> Lines:
        """What is heard and traded now."""
        return self.rolls.lines

    @property
    def desk(self) -> DeskMinutes:
        """Who decides."""
        return self.thinking.desk

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way, so that a market that waits for us may go on."""
        feed = self.feed
        live = all(feed.state(hub) is HubState.LIVE for hub in Hub)
        idle = self.turning.idle and self.executor.idle and self.broker.idle
        idle = idle and self.minutes.written
        return live and not feed.intake.waiting and idle

    @property
    def open_anywhere(self) -> bool:
        """Whether a plan is open, in the desk's record or at the venue."""
        return open_anywhere(self.desk, self.executor)

    @property
    def open_at_venue(self) -> bool:
        """Whether something of ours is held or works there. The desk hears of its end with the
        minute that brought it: until then the plan is open in its record only.
        """
        return bool(self.executor.book.open_plans())

    @property
    def not_ours(self) -> dict[str, int]:
        """Contracts that the venue last said the account holds beyond what is ours, by name."""
        book = self.executor.book
        beyond = {one: book.venue_net(one) - book.net(one) for one in sorted(book.positions)}
        return {one: net for one, net in beyond.items() if net}

    @property
    def refused(self) -> tuple[str, ...]:
        """Strategies that are off for the day: the venue refused their entries."""
        days, day = self.desk.record.strategies["refused_day"], self.desk.day
        names = self.thinking.strategies
        return tuple(name for k, name in enumerate(names) if 0 < day == int(days[k]))

    @property
    def flat_times(self) -> FlatTimes | None:
        """When the account must be flat; None where nobody demands it."""
        if not self.desk.record.rules[0]["flat"]:
            return None
        times = self.wanted.settings.management.times
        return FlatTimes.at(times.flat, times.early_flat_min)

    @property
    def day_over(self) -> bool:
        """Whether the desk's trading day has nothing more to trade."""
        now, times = self.place.clock.now_ns(), self.flat_times
        place = int(np.searchsorted(self.calendar.day, self.desk.day))
        if not self.desk.last_ts or place >= len(self.calendar):
            return False
        closes = int(self.calendar.close_ns[place])
        return now >= (times.of_day(self.calendar, place) if times is not None else closes)

    def take_config(self, past: Past) -> None:
        """Journal the settings, now that the start went through: one that was refused traded by
        none. Others than before while a plan is open are told, because that plan keeps its own.
        """
        now = self.wanted.config_hash
        self.scribe.note(ConfigTaken(now, self.wanted.settings.model_dump_json(exclude=UNTOLD)))
        if past.config_hash not in ("", now) and self.open_anywhere:
            text = f"the configuration was {past.config_hash[:12]} and is {now[:12]}"
            self.scribe.note(Alarm("config_changed", text))

    def start(self, tasks: Tasks) -> None:
        """Tell desk and executor what the other does not know, and listen."""
        executor = self.executor
        executor.agree(working_entries(self.desk), open_plans(self.desk))
        executor.submit(self.thinking.resumed.again)
        ts, facts = self.thinking.resumed.unsaid
        for fact in facts:
            self.scribe.note(fact, ts)
        tasks.start("missing minutes", self.ears.catch_up())
        tasks.start("words", self.ears.words())
        tasks.start("elapsed", self._elapsed())
        if not self.place.lockstep:  # there a minute is what was sent
            tasks.start("final bars", self.final.run())
        self.feed.start(tasks)

    async def play(self, leaving: Leaving) -> None:
        """Ask for the end when there is no more market; a real one never ends."""
        control = self.place.control
        if control is None:
            return
        if self.place.lockstep:
            await self._in_step(control)
        else:
            await until_finished(control)
        await self._last_minute(control)
        leaving.ask(End("the market has ended", market_over=True))

    async def _in_step(self, control: SimControl) -> None:
        seen = self.feed.seen
        step = Lockstep(
            control,
            lambda: Seen(seen(Hub.MARKET), seen(Hub.USER)),
            lambda: self.at_rest,
            self.scribe.commit,
        )
        self.ears.wake = step.wake
        await step.run()
        self.pieces = step.pieces

    async def _last_minute(self, control: SimControl) -> None:
        """A market that has ended sends nothing more that would close its last minute."""
        clock = self.place.clock
        if isinstance(clock, VirtualClock | ScaledClock):
            clock.advance_to(minute_of(await control.now_ns()) + MINUTE_NS + GRACE_NS)
        news = asyncio.Event()
        self.ears.wake = news.set
        self.ears.elapsed()
        while not (self.turning.idle and self.minutes.written and self.executor.idle):
            news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(ASK_AGAIN_S):
                    await news.wait()

    async def _elapsed(self) -> None:
        """Minutes end by the clock too."""
        while True:
            await sleep(self.place.clock, BEAT_S)
            self.ears.elapsed()
