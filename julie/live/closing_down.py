"""The last things of a session: no entries, the position as asked, what is left told and written.

A position that is kept stays under its stop at the venue; one that is closed is verified flat. A
STOP that meets a venue out of reach is tried on until it answers, or a signal ends that. The
trading day is closed when the desk is flat and its flat time is over.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from julie.core.errors import Exit, JulieError
from julie.core.events import Alarm
from julie.core.permits import CancelEntry
from julie.core.ticks import price_words
from julie.core.types import DeskState, Reason
from julie.execution.executor import Executor
from julie.execution.kill import Flattened
from julie.execution.plans import Plan
from julie.execution.state import Standing
from julie.execution.tags import Role
from julie.live.ground import Ground
from julie.live.leaving import End, Leaving
from julie.live.session import Session
from julie.live.stop_file import stop_path

FLATTEN_S: Final = 100.0  # of the wall: the switch has its 30, our hands 20, and so has one before
WITHDRAW_S: Final = 5.0
LOOK_S: Final = 0.05
COMPARE_S: Final = 5.0
AGAIN_S: Final = 2.0  # between tries at a venue that does not answer
ANSWER_S: Final = 30.0  # for a person to answer; then the position is kept

UNREAD: Final = ("the venue was not compared a last time: it does not answer",)
LOOK: Final = "the venue could not be read, and may hold more: look at the platform"
KEEP_OR: Final = "Keep it, or flatten? [keep/flatten]"

Ask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Left:
    """What a session leaves behind."""

    why: str
    code: Exit
    flat: bool
    words: str  # about what is left open, ours or not; empty when flat
    differences: tuple[str, ...] = ()


async def close_down(session: Session, leaving: Leaving, ask: Ask | None) -> Left:
    """End a session in order. A kill switch that is thrown meanwhile is waited for: broken off, it
    may leave a position without its stop.
    """
    executor, end = session.executor, await leaving.asked()
    executor.standing.reduce("stopping", end.why, Reason.STOPPING)
    choice = end.position
    if choice == "ask" and session.open_at_venue:
        choice = await _asked(ask, f"{end.why}. {held_words(session)}. {KEEP_OR}")
    closed = choice == "flatten" and session.open_anywhere
    closed = closed or _must_close(executor, end)
    if closed:
        await _tried_on(session, leaving)  # the kill switch asks nobody whose it is
    elif not end.market_over:
        await _withdraw(session)
    differences = await _differences(session)
    end = await leaving.asked()
    if executor.flattens or (not closed and _must_close(executor, end)):
        await _tried_on(session, leaving)
        differences = await _differences(session)
    words = left_words(session)
    if differences == UNREAD:  # what we know is old, and nobody may be told flat by it
        words = f"{words or 'nothing is open by our own record'}; {LOOK}"
    if words:
        session.scribe.note(Alarm("left_open", words))
    if session.day_over and not session.open_at_venue:
        session.turning.close_day()
    code = end.code
    halted = code is Exit.DONE and executor.state is DeskState.HALTED
    if halted or (code is Exit.STOPPED and words):
        code = Exit.HALTED
    await session.scribe.commit()
    return Left(end.why, code, not words, words, differences)


def _must_close(executor: Executor, end: End) -> bool:
    """Whether a kill switch was thrown, whatever is to become of positions else."""
    return end.code is Exit.STOPPED or _flatten_due(executor)


def _flatten_due(executor: Executor) -> bool:
    """Whether a flatten is under way or did not come to its end, and nobody has resumed."""
    return executor.flatten_due and executor.standing.holds("flatten")


async def leave_early(ground: Ground, leaving: Leaving) -> JulieError:
    """End what has not begun to think: entries off, or everything closed; the error that tells.

    A flatten that an earlier life began and this one could not finish is finished, whatever becomes
    of positions else: broken off, it may have left one without its stop.
    """
    end = await leaving.asked()
    ground.executor.standing.reduce("stopping", end.why, Reason.STOPPING)
    closing = end.position == "flatten" or _must_close(ground.executor, end)
    if not closing:
        await _withdraw(ground)
        end = await leaving.asked()
        closing = _must_close(ground.executor, end)
    if closing:
        flat = await _tried_on(ground, leaving)
        end = await leaving.asked()
        told = "everything is closed" if flat else "NOT FLAT: look at the platform"
    else:
        flat = not ground.executor.book.open_plans()
        told = "nothing of ours is open by the journal" if flat else held_words(ground)
    if not flat:
        ground.scribe.note(Alarm("left_open", told))
    await ground.scribe.commit()
    again = "start again: it recovers and compares with the venue first"
    stop = stop_path(ground.wanted.folder)
    made = JulieError(
        f"ended while it started: {end.why}; {told}",
        f"see that the account is as it should be, delete {stop}, then {again}"
        if end.code is Exit.STOPPED
        else again,
    )
    made.exit_code = Exit.HALTED if end.code is Exit.STOPPED and not flat else end.code
    return made


async def close_all(session: Session | Ground, why: str) -> bool:
    """Everything off and closed; whether flat was seen. Only this stop itself is then taken back:
    what halted the desk before or meanwhile stays, a person's own kill switch among it.
    """
    done = await _thrown(session, why)
    return done is not None and done.flat


async def _tried_on(session: Session | Ground, leaving: Leaving) -> bool:
    """The same at an end; by a STOP for as long as the venue does not answer: nobody else is there
    to close, and no start is allowed.
    """
    while True:
        done = await _thrown(session, (await leaving.asked()).why)
        end = await leaving.asked()
        silent = done is None or (not done.flat and done.silent > 0)
        if not silent or leaving.urged or end.code is not Exit.STOPPED:
            return done is not None and done.flat
        text = "the venue does not answer; it is tried on until it does, or a signal ends the bot"
        session.scribe.note(Alarm("not_flat", f"{end.why}: {text}"))
        await session.scribe.commit()
        await asyncio.sleep(AGAIN_S)


async def _thrown(session: Session | Ground, why: str) -> Flattened | None:
    """The kill switch, once; None = it did not come to its end."""
    executor, standing = session.executor, session.executor.standing
    before = _sticky(standing)
    try:
        async with asyncio.timeout(FLATTEN_S):
            done = await executor.flatten(why)
    except TimeoutError:
        return None
    if done.flat and not before and not executor.flattens and _sticky(standing) == ["flatten"]:
        standing.resume(f"flat: {why}")
    return done


def _sticky(standing: Standing) -> list[str]:
    """What only a person takes away."""
    return [one.name for one in standing.causes if one.sticky]


def left_words(session: Session) -> str:
    """What the account still holds or has working, ours and not ours; empty when flat."""
    told = [held_words(session)] if session.open_at_venue else []
    told += [f"{net:+d} {one}, not ours, stays open" for one, net in session.not_ours.items()]
    return "; ".join(told)


def held_words(session: Session | Ground) -> str:
    """What of ours is open, and what protects it."""
    told = [_plan_words(one, session) for one in session.executor.book.open_plans()]
    return "; ".join(one for one in told if one) or "entries may still be working at the venue"


def _plan_words(plan: Plan, session: Session | Ground) -> str:
    if plan.held == 0:
        return ""
    side = "long" if plan.side > 0 else "short"
    tick = session.lines.ticks.get(plan.contract, 1.0)
    stops = [order for leg in plan.legs for order in leg.alive(Role.STOP) if order.shown]
    prices = sorted({one.price_tick for one in stops if one.price_tick is not None})
    told = ", ".join(price_words(price * tick) for price in prices)
    under = f"under its stop at {told}" if told else "WITHOUT A STOP THAT WE KNOW OF"
    return f"{side} {plan.held} {plan.contract} stays open {under}"


async def _withdraw(session: Session | Ground) -> None:
    """Entries that have not filled are taken off: nobody would manage what they become."""
    entering = [
        (plan, leg)
        for plan in session.executor.book.open_plans()
        for leg in plan.legs
        if leg.entering
    ]
    orders = [CancelEntry(f"{plan.key}:{3 * leg.number}", plan.contract) for plan, leg in entering]
    if not orders:
        return
    session.executor.submit(orders)
    for _ in range(round(WITHDRAW_S / LOOK_S)):
        if not any(leg.entering or (leg.held == 0 and not leg.done) for _, leg in entering):
            return  # the legs of its bracket are gone too
        await asyncio.sleep(LOOK_S)


async def _differences(session: Session) -> tuple[str, ...]:
    """What a last comparison with the venue finds."""
    try:
        async with asyncio.timeout(COMPARE_S):
            found = await session.executor.reconcile()
    except TimeoutError:
        return UNREAD
    if found is None:
        return UNREAD
    return tuple(f"{one.name}: {one.text}" for one in found)


async def _asked(ask: Ask | None, told: str) -> str:
    """A person's word, where there is one to ask; in doubt the position is kept."""
    if ask is None:
        return "keep"
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def wait() -> None:
        text = ask(told)
        loop.call_soon_threadsafe(lambda: None if answer.done() else answer.set_result(text))

    # Not a worker of the loop: its end would wait for a person who went away.
    threading.Thread(target=wait, name="question", daemon=True).start()
    try:
        async with asyncio.timeout(ANSWER_S):
            said = await answer
    except TimeoutError:
        return "keep"
    return "flatten" if said.strip().lower().startswith("f") else "keep"
