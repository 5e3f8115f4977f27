"""The guard of a contract: every contract held has a working stop at the venue, always.

After a fill both legs must be seen within two seconds; a stop that is missing is laid by hand, and
where that fails the position is closed at market and the desk halts. A missing target is laid
within thirty seconds. A stop of ours that somebody moves nearer is accepted; moved away or taken
off, it is put back, three times, then the desk halts. What works beyond what is held is made
smaller or taken off. Between closes of bars nothing but this acts.
"""

from typing import Final

from julie.core.events import OrderState
from julie.core.ticks import price_words
from julie.core.types import ExitReason
from julie.execution.closing import close_leg, sell
from julie.execution.doubt import closed_by_others, unexplained
from julie.execution.exits import close_failed, on_its_way, refused
from julie.execution.floor import Floor
from julie.execution.hurry import hurried, look, lost, unanswered
from julie.execution.plans import OwnOrder, Plan, PlanLeg
from julie.execution.sending import WITHDRAWN, cancel, lay, move
from julie.execution.settle import ask_the_stuck, settle_unknown, unsettled
from julie.execution.surplus import EXTRA_S, take_off_surplus
from julie.execution.tags import Role
from julie.execution.venue import Accepted, OrderKind, Outcome, RefusalCode, Refused

LOOK_S: Final = 0.75  # an event may be late: then the venue is asked
FIRST_S: Final = 2.5  # for the first reading of a life
LEGS_S: Final = 2.0  # by then a leg that nobody shows is laid
COVERS_S: Final = 2.5  # behind a stop that was taken off a close may be at work so long
LAST_S: Final = 3.5  # a stop that cannot be laid by now: out at market
ORPHAN_S: Final = 5.0  # a leg that is over and still works is told
TARGET_S: Final = 8.0
AGAIN_S: Final = 1.0  # between looks
RESTORES: Final = 3
IDLE_S: Final = 30.0


async def watch(floor: Floor, contract: str) -> float:
    """Look after a contract once; seconds until the next look."""
    plans = floor.book.open_plans(contract)
    if not plans:
        return IDLE_S
    legs = [(plan, leg) for plan in plans for leg in plan.legs]
    for plan, leg in legs:  # nothing that may be long in coming stands before a stop
        lay_from_fill(plan, leg)
        if leg.held > 0:
            await _stops(floor, plan, leg)
    await look(floor, contract, _find_out(floor, contract))
    if not hurried(floor, contract):  # it cancels, and is not to be broken off
        await ask_the_stuck(floor, contract)
    for plan, leg in legs:
        if leg.held <= 0 or not lost(floor, contract, leg):
            await _leg(floor, plan, leg)
    return 0.25 if _busy(floor, contract) else AGAIN_S


async def _find_out(floor: Floor, contract: str) -> None:
    """Ask for what nobody has spoken of."""
    lost = [order.leg for order in unsettled(floor, contract)]
    if any(floor.since(leg.looked_mono) >= LOOK_S for leg in lost):
        for leg in lost:
            leg.looked_mono = floor.now()
        await settle_unknown(floor, contract)


def _busy(floor: Floor, contract: str) -> bool:
    legs = [leg for plan in floor.book.open_plans(contract) for leg in plan.legs]
    troubled = any(leg.naked_mono or leg.extra_mono or leg.closing is not None for leg in legs)
    return troubled or bool(unsettled(floor, contract))


async def _leg(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    lay_from_fill(plan, leg)
    if leg.entering:
        await _no_more(floor, leg)
    if leg.held < 0:
        await _turned(floor, plan, leg)
    elif leg.held == 0:
        await _nothing_held(floor, plan, leg)
    elif leg.closing is not None:
        await on_its_way(floor, plan, leg)
        if any(order.kind is OrderKind.LIMIT for order in leg.alive(Role.CLOSE)):
            await take_off_surplus(floor, leg)  # it may fill in parts, and so may the stop
    else:
        await _targets(floor, plan, leg)
        await take_off_surplus(floor, leg)


def lay_from_fill(plan: Plan, leg: PlanLeg) -> None:
    """Where stop and target belong: at the venue's prices, else laid from the fill."""
    entry = leg.average(Role.ENTRY)
    if entry is not None and leg.stop_tick is None:
        leg.stop_tick = entry - int(plan.side) * plan.stop_ticks
    if entry is not None and leg.target_tick is None and leg.target_ticks:
        leg.target_tick = entry + int(plan.side) * leg.target_ticks


async def _look(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    """Ask the venue, not too often."""
    if floor.since(leg.looked_mono) < AGAIN_S:
        return
    for other in floor.book.open_plans(plan.contract):  # what is read is read for all
        for one in other.legs:
            one.looked_mono = floor.now()
    await look(floor, plan.contract, floor.look(plan.born_ns))


def _name(plan: Plan, leg: PlanLeg) -> str:
    """As a person counts."""
    return f"{plan.key} leg {leg.number + 1}"


def _price(floor: Floor, plan: Plan, tick: int) -> str:
    """As the platform shows it."""
    one = floor.traded.get(plan.contract)
    return f"tick {tick}" if one is None else price_words(tick * one.tick)


# the stop


async def _stops(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    await _misplaced(floor, plan, leg)
    if not leg.bare:
        leg.naked_mono = leg.close_mono = 0
        leg.covered = True
        return
    if leg.closing is not None and _close_works(floor, leg):
        return
    taken_off = leg.close_mono if leg.closing is not None else 0
    leg.naked_mono = leg.naked_mono or taken_off or floor.now()
    age = floor.since(leg.naked_mono)
    if _may_wait(leg, age) or not await _still_true(floor, leg, age):
        return
    await _reassured(floor, plan, leg, age)
    lay_from_fill(plan, leg)
    missing = leg.held - leg.cover
    if missing <= 0 or leg.stop_tick is None:
        return
    if closed_by_others(floor, plan, leg):
        rest = min(missing, unexplained(floor, plan))
        if rest > 0 and leg.closing is None:
            await _lay_stop(floor, plan, leg, rest)
        return
    if age > LAST_S and leg.closing is None:
        await _give_up(floor, plan, leg, "no stop could be laid")
    elif _is_due(leg, floor.since(leg.naked_mono)):
        await _lay_stop(floor, plan, leg, missing)


def _may_wait(leg: PlanLeg, age: float) -> bool:
    """Whether the stop may be on its way to us: an event is late, and nobody has said otherwise."""
    told = _used_up(leg) or _found(leg) or _rejected(leg) or close_failed(leg)
    return age < LOOK_S and not told


async def _still_true(floor: Floor, leg: PlanLeg, age: float) -> bool:
    """What the journal tells of an earlier life is no proof of a position, nor that its stop is
    gone: the venue is read first, unless it says nothing for long.
    """
    if leg.recovered and not floor.looked_mono and age < FIRST_S:
        await floor.briefly(floor.first_look(), FIRST_S - age)
        leg.looked_mono = floor.now()
    return not leg.recovered or bool(floor.looked_mono) or age >= FIRST_S


async def _reassured(floor: Floor, plan: Plan, leg: PlanLeg, age: float) -> None:
    """Look whether the stop is needed, where we cannot know; never for long, because a stop too
    many goes off again.
    """
    if _used_up(leg) or (close_failed(leg) and not refused(leg)):
        if closed_by_others(floor, plan, leg) and floor.since(leg.held_mono) >= AGAIN_S:
            leg.held_mono = floor.now()  # what we heard of it may be old, and then one is due
            await floor.briefly(floor.read_positions(), AGAIN_S)
        return
    taken = [one for one in leg.alive(Role.STOP) if one.id is not None and not one.shown]
    if taken and taken[-1].sent_mono:  # the venue said yes to it: its row is worth a moment
        await floor.briefly(floor.look_up(taken[-1]), LEGS_S)
    elif not _taken_off(leg):
        await floor.briefly(_look(floor, plan, leg), AGAIN_S)
    elif age < COVERS_S or leg.held_mono < leg.naked_mono:  # once in any case: time may jump
        leg.held_mono = floor.now()
        await floor.briefly(floor.read_positions(), AGAIN_S)


def _is_due(leg: PlanLeg, age: float) -> bool:
    """Whether the stop is to be laid now: none may come by itself, and no close will."""
    over = leg.closing is None or age >= LEGS_S or close_failed(leg)
    return over and not _one_comes(leg, age)


def _taken_off(leg: PlanLeg) -> bool:
    """Whether it was for our own close that the stop went."""
    return leg.closing is not None and bool(leg.close_mono)


def _close_works(floor: Floor, leg: PlanLeg) -> bool:
    """A close on its way covers the leg for a moment; then the stop comes back, however long the
    close was in leaving.
    """
    working = leg.alive(Role.CLOSE)
    if not working:
        return False
    bare_s = floor.since(leg.close_mono or working[-1].sent_mono)
    return floor.since(working[-1].sent_mono) < LEGS_S and bare_s < COVERS_S


def _one_comes(leg: PlanLeg, age: float) -> bool:
    """Whether a stop that nobody showed yet may still appear by itself."""
    awaited = [order for order in leg.alive(Role.STOP) if not order.shown]
    fresh = leg.repairs == 0 and not leg.covered and not leg.restores and not leg.close_mono
    native = fresh and not _found(leg)
    return age < LEGS_S and (bool(awaited) or (native and not _refused_child(leg)))


def _found(leg: PlanLeg) -> bool:
    """A position that was taken over: it has no bracket of its own, and stood bare long enough."""
    return all(order.id is None and order.filled for order in leg.of(Role.ENTRY))


def _rejected(leg: PlanLeg) -> bool:
    """The venue has said itself that it keeps no stop."""
    stops = list(leg.of(Role.STOP))
    return bool(stops) and stops[-1].life.state is OrderState.REJECTED


def _used_up(leg: PlanLeg) -> bool:
    """Its last stop has filled, so what was bought since has none: nobody need be asked."""
    stops = list(leg.of(Role.STOP))
    return bool(stops) and stops[-1].life.state is OrderState.FILLED


def _refused_child(leg: PlanLeg) -> bool:
    return any(order.life.ended for order in leg.of(Role.STOP))


async def _lay_stop(floor: Floor, plan: Plan, leg: PlanLeg, missing: int) -> None:
    stops = list(leg.of(Role.STOP))
    refused_now = stops and stops[-1].final and floor.since(stops[-1].sent_mono) < LEGS_S
    if leg.stop_tick is None or unanswered(leg) or refused_now:
        return
    leg.repairs += 1
    if leg.covered and leg.closing is None:
        _restored(floor, leg, "was taken off")
    outcome = await lay(floor, plan, leg, Role.STOP, missing, leg.stop_tick)
    name = _name(plan, leg)
    if isinstance(outcome, Accepted):
        at = _price(floor, plan, leg.stop_tick)
        floor.alarm("missing_leg", f"{name}: no stop was seen at work; laid at {at}")
    elif leg.closing is None and _final(outcome):
        await _give_up(floor, plan, leg, "its stop was refused")


def _final(outcome: Outcome) -> bool:
    """A no that the same request would hear again."""
    return isinstance(outcome, Refused) and outcome.code is not RefusalCode.RATE_LIMIT


async def _give_up(floor: Floor, plan: Plan, leg: PlanLeg, why: str) -> None:
    name = _name(plan, leg)
    floor.standing.halt("leg_refused", f"{name}: {why}; closed at market")
    await close_leg(floor, plan, leg, ExitReason.RECONCILE)


def _restored(floor: Floor, leg: PlanLeg, what: str) -> None:
    leg.restores += 1
    if leg.restores >= RESTORES:
        floor.standing.halt("stop_touched", f"our stop {what} {leg.restores} times by somebody")


async def _misplaced(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    """Stops that stand elsewhere than they should: nearer is taken over, farther is put back."""
    for order in leg.alive(Role.STOP):
        if not order.shown or order.price_tick is None or leg.stop_tick is None:
            continue
        side = int(plan.side)
        if order.asked_tick == order.price_tick:
            order.asked_tick = None
            leg.stop_tick = order.price_tick
        gained = (order.price_tick - leg.stop_tick) * side
        if order.asked_tick is not None:
            if floor.since(order.asked_mono) < LEGS_S:
                continue
            await _unmoved(floor, order)
        if gained > 0:
            leg.stop_tick = order.price_tick
            leg.covered = True
        elif gained < 0 and order.id is not None:
            _restored(floor, leg, "was moved away")
            await move(floor, order, leg.stop_tick, "restored")


async def _unmoved(floor: Floor, order: OwnOrder) -> None:
    """A move that nobody confirmed: where the venue shows the old price it is asked for again."""
    tick, order.asked_tick = order.asked_tick, None
    await floor.look_up(order)
    if tick is None or not order.shown or order.price_tick is None or order.moves >= RESTORES:
        return
    if (tick - order.price_tick) * -int(order.side) > 0:
        await move(floor, order, tick, "not moved yet")


# the target


async def _targets(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    works = sum(order.left for order in leg.alive(Role.TARGET))
    if works >= leg.held or leg.target_tick is None or leg.entering:
        leg.bare_mono = 0
        return
    leg.bare_mono = leg.bare_mono or floor.now()
    if floor.since(leg.bare_mono) < TARGET_S or leg.targets >= 1 or leg.naked_mono:
        return
    await _look(floor, plan, leg)
    missing = leg.held - sum(order.left for order in leg.alive(Role.TARGET))
    if missing <= 0 or leg.held <= 0:
        return
    leg.targets += 1
    outcome = await lay(floor, plan, leg, Role.TARGET, missing, leg.target_tick)
    name = _name(plan, leg)
    if isinstance(outcome, Accepted):
        at = _price(floor, plan, leg.target_tick)
        floor.alarm("missing_leg", f"{name}: no target was working; laid at {at}")
    else:
        floor.alarm("target_missing", f"{name}: its target was refused; the desk manages it alone")


# over


async def _nothing_held(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    """A leg that is over leaves no order behind."""
    leg.naked_mono = leg.bare_mono = 0
    if leg.entering:
        return
    left = _outliving(leg)
    if not left:
        leg.extra_mono = 0
        return
    leg.extra_mono = leg.extra_mono or floor.now()
    age = floor.since(leg.extra_mono)
    if age < EXTRA_S and leg.closing is None:  # after a close of ours nobody else takes them off
        return
    if age > LEGS_S:
        await _look(floor, plan, leg)
    if age > ORPHAN_S and not leg.orphan_told:
        leg.orphan_told = True
        numbers = ", ".join(str(order.id) for order in left)
        floor.alarm("orphan_order", f"{plan.contract}: nothing is held, and {numbers} work on")
    for order in left:
        if order.alive and order.id is not None and floor.since(order.cancel_mono) > LEGS_S:
            await cancel(floor, order, "nothing is held")


# out


async def _no_more(floor: Floor, leg: PlanLeg) -> None:
    """A leg on its way out, or that was stopped out of the part it had, buys nothing more, and what
    the desk takes off goes off; asked for until the venue shows it gone.
    """
    over = leg.closing is not None or any(order.filled for order in leg.of(Role.STOP))
    for order in leg.alive(Role.ENTRY):
        unwanted = over or order.withdrawn
        if unwanted and order.id is not None and floor.since(order.cancel_mono) > LEGS_S:
            await cancel(floor, order, WITHDRAWN if order.withdrawn else "the leg is closed")


async def _turned(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    """Stop and target both filled: the position is turned round, and is closed at once."""
    if leg.closing is not ExitReason.RECONCILE:
        leg.closing = ExitReason.RECONCILE
        floor.standing.halt("turned", f"{plan.key}: stop and target both filled; closed at market")
    for order in _outliving(leg):
        await cancel(floor, order, "turned round")
    if all(order.kind is OrderKind.LIMIT for order in leg.alive(Role.CLOSE)):
        await sell(floor, plan, leg)


def _outliving(leg: PlanLeg) -> list[OwnOrder]:
    """What may still fill when the position is gone: all but a close at market."""
    alive = [order for order in leg.orders if order.alive]
    return [one for one in alive if one.role is not Role.CLOSE or one.kind is OrderKind.LIMIT]
