"""What a person may ask of the running bot: one handler a verb, found in one table.

Each command is journaled before it is done, and one that nobody here can do is not: the next life
would take it for done. A handler answers in words, or raises a `JulieError` with a cure, which is
the refusal.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from julie.core.errors import Exit, JulieError
from julie.core.events import Alarm, Command
from julie.core.scribe import Scribe
from julie.core.tasks import Tasks
from julie.core.types import DeskState, Reason
from julie.execution.executor import Executor
from julie.live import trial_order
from julie.live.control_wire import Answer
from julie.live.leaving import End, Leaving
from julie.live.session import Session

LOG: Final = logging.getLogger(__name__)
Handler = Callable[[Mapping[str, str]], Awaitable[str]]
PAUSED: Final = "paused"


class Refusal(JulieError):
    """The bot does not do that now."""

    exit_code = Exit.HALTED


class Commands:
    """The table of verbs."""

    def __init__(self, scribe: Scribe) -> None:
        self._scribe = scribe
        self._handlers: dict[str, Handler] = {}
        self.starting = True  # the other verbs come with the desk

    def add(self, verb: str, handler: Handler) -> None:
        """From now on this verb is known."""
        if verb in self._handlers:
            raise ValueError(f"{verb} has a handler already")
        self._handlers[verb] = handler

    async def obey(self, command: Command) -> Answer:
        """Do it and say what was done; for the local socket."""
        handler = self._handlers.get(command.verb)
        if handler is None and self.starting:
            text = f"{command.verb}: the bot is starting, ask again in a moment"
            return Answer(command.id, False, text)
        if handler is None:
            known = ", ".join(sorted(self._handlers))
            return Answer(command.id, False, f"unknown: {command.verb}; there are {known}")
        self._scribe.note(command)
        try:
            return Answer(command.id, True, await handler(dict(command.arguments)))
        except JulieError as error:
            return Answer(command.id, False, str(error))
        except Exception as error:  # a person's word never ends the bot
            LOG.exception("the command %s failed", command.verb)
            return Answer(command.id, False, f"it failed: {type(error).__name__}; see bot.log")


class Verbs:
    """The verbs that every session has."""

    def __init__(self, session: Session, leaving: Leaving, paused: str = "") -> None:
        self._session, self._leaving = session, leaving
        self.paused = ""  # why a person holds entries back
        self.after_trade = False
        if paused:  # in an earlier run, which ended without their word
            self._pause(paused)

    def add_to(self, commands: Commands) -> None:
        """Enter them into the table."""
        commands.add("pause", self.pause)
        commands.add("resume", self.resume)
        commands.add("stop", self.stop)
        commands.starting = False
        commands.add(trial_order.VERB, self.trial)

    async def pause(self, said: Mapping[str, str]) -> str:
        """No entries until `resume`."""
        self._pause(said.get("reason") or "by hand")
        return f"paused: {self.paused}; positions are managed as before"

    def _pause(self, reason: str) -> None:
        self.paused = reason
        self._session.executor.standing.reduce(PAUSED, self.paused, Reason.PAUSED)
        self._session.scribe.note(Alarm(PAUSED, f"entries are held back: {self.paused}"))

    async def resume(self, said: Mapping[str, str]) -> str:
        """Entries again; halts and breakers only with a reason."""
        executor, reason = self._session.executor, said.get("reason", "").strip()
        done = []
        if executor.standing.holds(PAUSED):
            executor.standing.release(PAUSED)
            self.paused = ""
            done.append("no longer paused")
        if reason:
            done += self._reset(reason)
        elif executor.state is DeskState.HALTED or self._breaker:
            raise Refusal(
                "the desk is halted or its breaker fired",
                "look at what happened, then `julie resume --reason TEXT`",
            )
        state = executor.state.name
        why = "; ".join(one.text for one in executor.standing.causes)
        done.append(f"the desk is {state}" + (f": {why}" if why else ""))
        return ", ".join(done)

    def _reset(self, reason: str) -> list[str]:
        gone = self._session.executor.standing.resume(reason)
        done = [f"taken away: {', '.join(gone)}"] if gone else []
        login = self._session.place.client.session
        if login.barred is not None:
            login.try_again()
            done.append("the venue is asked once more to let us in")
        if self._breaker:
            if self._limit_broken:
                raise Refusal(
                    "the limit that fired the breaker is still broken by the account's numbers",
                    "wait for the next trading day",
                )
            self._session.minutes.reset = True
            done.append("the breaker is reset with the next minute")
        return done

    @property
    def _breaker(self) -> bool:
        return bool(self._session.desk.record.account[0]["breaker"])

    @property
    def _limit_broken(self) -> bool:
        account = self._session.desk.record.account[0]
        day = account["day_limit"] > 0 and account["day_net"] <= -account["day_limit"]
        return bool(day or account["halted"] or account["equity"] <= account["floor"])

    async def trial(self, said: Mapping[str, str]) -> str:
        """One small bracketed order in and out again."""
        session, trial = self._session, trial_order.read_trial(said)
        pairs = zip(session.lines.watched, session.lines.traded, strict=True)
        line = trial_order.line_of(
            trial,
            [
                trial_order.Line(k, one.instrument.symbol, other.instrument, other.contract)
                for k, (one, other) in enumerate(pairs)
            ],
        )
        heard, quotes = session.lines.watched[line.place].contract, session.minutes.quotes
        good, told = await trial_order.place_trial(
            trial,
            line,
            session.desk.record,
            session.executor,
            lambda: quotes.last.get(heard) or quotes.bid.get(heard, 0.0),
            session.place.clock,
        )
        if not good:
            raise Refusal(told, "`julie status` tells how the desk is")
        return told

    async def stop(self, said: Mapping[str, str]) -> str:
        """The end of the session, at once or when the position is closed."""
        if said.get("after_trade") == "yes" and self._session.open_anywhere:
            self.after_trade = True
            standing = self._session.executor.standing
            standing.reduce("stopping", "it ends after this trade", Reason.STOPPING)
            self._session.scribe.note(Alarm("stopping", "it ends when the position is closed"))
            return "no more entries; it ends when the position is closed"
        choice = self._session.wanted.settings.live.on_exit
        self._leaving.ask(End("a person asked it to stop", position=choice))
        return "it stops"


async def thrown(executor: Executor, scribe: Scribe, reason: str) -> str:
    """The kill switch: everything off and closed, and seen to be so."""
    done = await executor.flatten(reason)
    if not done.flat:
        left = " ".join([done.words, *done.said])
        scribe.note(Alarm("not_flat", f"{reason}: {left}"))
        raise Refusal(left, "close it in the platform")
    scribe.note(Alarm("flatten", f"{reason}: {done.words}"))
    return done.words


def flattens(executor: Executor, scribe: Scribe) -> Handler:
    """The verb of the kill switch, which is there before all others."""

    async def flatten(said: Mapping[str, str]) -> str:
        return await thrown(executor, scribe, said.get("reason") or "by hand")

    return flatten


def kill_switch(executor: Executor, scribe: Scribe, tasks: Tasks) -> Callable[[], None]:
    """What the signal of the kill switch does; from the first look at open orders on."""

    async def flatten() -> None:
        with suppress(Refusal):  # its alarm has told it
            await thrown(executor, scribe, "the signal SIGUSR1")

    def start() -> None:
        if "kill switch" not in tasks.running():
            tasks.start("kill switch", flatten())

    return start
