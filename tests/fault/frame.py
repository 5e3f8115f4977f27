"""A row of the fault matrix, played: a gateway, a bot, what goes wrong, and what is left of it.

    @fault("N1")
    async def test_n1(scene: Scene) -> None:
        '''The answer to an entry is lost.'''
        await scene.ready()
        await scene.gate.rule("drop_response", {"path": "/api/Order/place"}, {"count": 1})
        await scene.until("protected", scene.protected, within_s=10)

Every row ends in `assert_invariants`. All seconds are the market's; it runs `speed` times faster
than life, in the gateway and in the bot alike.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from julie.core.events import StateChanged
from julie.core.tasks import Tasks
from julie.core.types import DeskState
from julie.core.zones import SECOND_NS
from julie.simgate.exchange.bodies import Truth
from julie.store.journal import JournalError
from tests.fault import gate as gates
from tests.fault.bots import Bot, ProcessBot
from tests.fault.ending import begin_flatten, flat_by_rest, flat_by_the_bot
from tests.fault.gate import Gate, secrets_of
from tests.fault.invariants import agrees
from tests.fault.loop_bot import LoopBot
from tests.fault.outcome import (
    Message,
    Outcome,
    read_journal,
    read_log,
    read_messages,
    read_status,
)
from tests.fault.pace import PACE

SPEED: Final = 10.0
LOOK_S: Final = 0.04  # of the wall, between two looks
PATIENT_S: Final = 120.0  # of the market, for anything that must come
SETTLE_S: Final = 15.0  # for the journal to catch up with the venue
START_S: Final = 300.0  # until a bot may trade
WALL_S: Final = 45.0 / PACE  # and of the wall
STANDS_S: Final = 2.0  # so long on the wall without a tick, and nobody has heard the market yet
READY_SECOND: Final = 56.0  # where a minute is left to a row: its close is near

Seen = Callable[[Truth], bool]


@dataclass(frozen=True, slots=True)
class Scenario:
    """How a row is set up, and what happens in it."""

    play: Callable[["Scene"], Awaitable[None]]
    process: bool = False  # a bot that can be killed
    rules: Sequence[str] = ("pulse",)
    sets: Sequence[str] = ()
    speed: float = SPEED
    dialect: Mapping[str, Any] = field(default_factory=dict)
    gate_words: Sequence[str] = ()
    flatten: bool = True  # I8 at the end
    foreign: bool = False  # somebody else trades on the account
    open_question: bool = False  # it ends halted, for a person to say which order is ours


class Scene:
    """What a row has at hand."""

    def __init__(
        self, gate: Gate, folder: Path, scenario: Scenario, seed: int, case: Any, tasks: Tasks
    ) -> None:
        self.gate = gate
        self.folder = folder
        self.data = folder / "data"
        self.scenario = scenario
        self.seed = seed
        self.case = case
        self.contract = gate.contract
        self.back_s: float | None = None
        self.bots: list[Bot] = []
        self.exit_codes: list[int] = []
        self.flat_at_end = scenario.flatten
        self.checks: list[Callable[[Outcome], None]] = []
        self.told_at_end: list[str] = []  # for who reads the test's output
        self.tasks = tasks
        self._lives_before: set[str] = set()  # runs of bots before the last

    # the bot

    def make(self, *, failpoint: str = "", sets: Sequence[str] = (), **more: Any) -> Bot:
        """A bot that is not yet started."""
        one, given = self.scenario, (*self.scenario.sets, *sets)
        if one.process:
            return ProcessBot(
                self.gate.ready, self.folder, self.gate.speed, one.rules, given,
                failpoint=failpoint, **more,
            )  # fmt: skip
        assert not failpoint, "a failpoint kills: say process=True"
        run = f"run-{len(self.bots) + 1}"
        return LoopBot(self.gate.ready, self.folder, one.rules, given, run, self.tasks)

    async def start(self, *, failpoint: str = "", **more: Any) -> None:
        """Start a bot on the data folder; the next life of the one before."""
        with contextlib.suppress(JournalError):  # which the bot is to refuse
            self._lives_before = {one.run for one in read_journal(self.data, "StateChanged")}
        bot = self.make(failpoint=failpoint, **more)
        self.bots.append(bot)
        if isinstance(bot, ProcessBot):
            await self._start_process(bot)
        else:
            await bot.start()

    async def _start_process(self, bot: ProcessBot) -> None:
        """The market waits while a program is loaded, which on a busy machine takes its time."""
        before = len(gates.calls(await self.gate.truth(), "/loginKey"))

        def came(truth: Truth) -> bool:
            return not bot.alive or len(gates.calls(truth, "/loginKey")) > before

        await self.gate.pause()
        await bot.start()
        await self.until("logged in", came)
        await self.gate.pause(paused=False)

    @property
    def bot(self) -> Bot:
        """The bot that was started last."""
        return self.bots[-1]

    @property
    def process(self) -> ProcessBot:
        """The same, as a process."""
        assert isinstance(self.bot, ProcessBot)
        return self.bot

    async def ready(self, *, failpoint: str = "", **more: Any) -> None:
        """Start the bot, wait until it is reconciled and hears, go near to the minute's end."""
        await self.start(failpoint=failpoint, **more)
        await self.reconciled()
        await self.gate.play_to(READY_SECOND)
        await self.reconciled()

    async def reconciled(self) -> None:
        """Wait until the bot of this life may trade."""
        await self.told("ACTIVE", self._active, START_S)
        while not await self.gate.streams_up():  # the user stream makes it compare once more
            await self.pass_s(0.5)
        await self.pass_s(1.0)
        await self.told("ACTIVE", self._active, START_S)

    def _active(self) -> bool:
        self.bot.see()
        last = self.standing()
        return last is not None and last.state is DeskState.ACTIVE

    def standing(self) -> StateChanged | None:
        """The last state of this life, and its causes; None where it has told none yet."""
        states = [
            (one.run, one.payload)
            for one in read_journal(self.data, "StateChanged")
            if isinstance(one.payload, StateChanged)
        ]
        if not states or states[-1][0] in self._lives_before:
            return None
        return states[-1][1]

    async def kill(self) -> None:
        """`kill -9`, now."""
        await self.gate.breaks()
        await self.process.kill()

    async def killed(self) -> None:
        """Wait for the failpoint."""
        assert await self.process.gone() == -9, self.process.said.read_text("utf-8")[-2000:]
        await self.gate.breaks()

    async def flatten(self) -> None:
        """Throw the kill switch, and do not wait for what comes of it."""
        await begin_flatten(self)

    # waiting

    async def until(self, what: str, seen: Seen, within_s: float = PATIENT_S) -> Truth:
        """Wait for the venue's truth to be so; the market's seconds count."""
        loop = asyncio.get_running_loop()
        truth = await self.gate.truth()
        began, wall = truth.clock, loop.time()
        while not seen(truth):
            late = truth.clock - began > within_s * SECOND_NS
            if late or loop.time() - wall > WALL_S:
                raise AssertionError(f"not {what} within {within_s:g} s\n{await self._story()}")
            await asyncio.sleep(LOOK_S)
            truth = await self.gate.truth()
        return truth

    async def told(self, what: str, seen: Callable[[], bool], within_s: float = PATIENT_S) -> None:
        """Wait for what the bot wrote to be so."""
        loop = asyncio.get_running_loop()
        began, wall = await self.gate.now_ns(), loop.time()
        while not seen():
            late = await self.gate.now_ns() - began > within_s * SECOND_NS
            if late or loop.time() - wall > WALL_S:
                raise AssertionError(f"not {what} within {within_s:g} s\n{await self._story()}")
            await asyncio.sleep(LOOK_S)

    async def message(self, code: str, within_s: float = PATIENT_S) -> Message:
        """Wait for a line to the person under a code."""
        found: list[Message] = []

        def seen() -> bool:
            found[:] = [one for one in read_messages(self.data) if one.code == code]
            return bool(found)

        await self.told(f"a message {code}", seen, within_s)
        return found[0]

    async def state(self, name: str, within_s: float = PATIENT_S) -> None:
        """Wait until the desk's last state is the one named."""

        def seen() -> bool:
            states = [
                one.payload.state.name
                for one in read_journal(self.data, "StateChanged")
                if isinstance(one.payload, StateChanged)
            ]
            return states[-1:] == [name]

        await self.told(f"in state {name}", seen, within_s)

    async def wait(self) -> None:
        """Until the next look."""
        await asyncio.sleep(LOOK_S)

    async def pass_s(self, seconds: float) -> None:
        """Let so much of the market pass at its own pace."""
        began = await self.gate.now_ns()
        await self.until(
            f"{seconds:g} s later",
            lambda truth: truth.clock - began >= seconds * SECOND_NS,
            seconds + PATIENT_S,
        )

    async def pass_light(self, seconds: float) -> None:
        """The same, without reading the venue's record, which grows with a long row. A market that
        nobody has heard yet stands still: there is nothing to wait for.
        """
        loop, began = asyncio.get_running_loop(), await self.gate.now_ns()
        wall = loop.time()
        while (now := await self.gate.now_ns()) - began < seconds * SECOND_NS:
            if now == began and loop.time() - wall > STANDS_S:
                return
            assert loop.time() - wall < WALL_S, f"no {seconds:g} s of the market passed"
            await asyncio.sleep(LOOK_S)

    # what the venue shows

    def protected(self, truth: Truth) -> bool:
        """Something is held, and stops work for all of it."""
        return gates.protected(truth, self.contract)

    def held(self, truth: Truth) -> int:
        """Contracts held."""
        return gates.net(truth, self.contract)

    async def entered(self) -> Truth:
        """Wait until a position stands with its bracket."""
        return await self.until("in a position", self.protected)

    async def _story(self) -> str:
        return (await self.outcome()).story()

    # the end

    async def outcome(self) -> Outcome:
        """All that is there now."""
        return Outcome(
            self.seed,
            self.data,
            await self.gate.truth(),
            await self.gate.violations(),
            self.gate.asked(),
            secrets_of(self.gate.ready),
            read_journal(self.data),
            read_log(self.data),
            read_messages(self.data),
            read_status(self.data),
            self.exit_codes,
            back_s=self.back_s,
            foreign=self.scenario.foreign,
            open_question=self.scenario.open_question,
            checks=self.checks,
            told_at_end=self.told_at_end,
        )

    async def settled(self) -> Outcome:
        """What is there once the journal has caught up with the venue, or had time to."""
        began = await self.gate.now_ns()
        while True:
            found = await self.outcome()
            late = await self.gate.now_ns() - began > SETTLE_S * SECOND_NS
            if late or not self.bots or not self.bot.alive or agrees(found):
                return found
            await asyncio.sleep(LOOK_S)

    async def finish(self) -> Outcome:
        """Compare, flatten, end the bot, and read what is left."""
        found = await self.settled()
        flat_s: float | None = None
        if self.flat_at_end:
            flat_s = await flat_by_the_bot(self)
            found = await self.settled() if flat_s is not None else found
        for bot in self.bots:
            if bot.alive:
                self.exit_codes.append(await bot.stop())
        if self.flat_at_end and flat_s is None:
            flat_s = await flat_by_rest(self)
        last = await self.outcome()
        found.flat_s, found.left = flat_s, last.truth.positions
        found.violations, found.log, found.status = last.violations, last.log, last.status
        found.messages, found.exit_codes = last.messages, self.exit_codes
        found.journal = last.journal  # what was still on its way to the disk
        return found


async def run_fault(scenario: Scenario, seed: int, folder: Path, case: Any = None) -> Outcome:
    """Play a scenario from the gateway's start to the bot's end."""
    gate = await Gate.start(
        folder,
        seed=seed,
        speed=scenario.speed * PACE,
        dialect=scenario.dialect,
        words=scenario.gate_words,
    )
    async with gate:
        try:
            outcome = await _played(scenario, seed, folder, case, gate)
        except BaseExceptionGroup as group:
            raise _first(group) from None
    try:
        for check in outcome.checks:
            check(outcome)
    except AssertionError as error:
        error.add_note(outcome.story())
        raise
    return outcome


async def _played(scenario: Scenario, seed: int, folder: Path, case: Any, gate: Gate) -> Outcome:
    async with Tasks() as tasks:
        scene = Scene(gate, folder, scenario, seed, case, tasks)
        try:
            await scenario.play(scene)
            return await scene.finish()
        finally:
            for bot in scene.bots:
                await bot.end()
    raise AssertionError("the row was cancelled")


def _first(group: BaseExceptionGroup) -> BaseException:
    """What a person wants to read of a group of failures."""
    one: BaseException = group
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    return one
