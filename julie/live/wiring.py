"""The parts of a running bot, made in the order of their needs; nothing is started here."""

from functools import partial

from julie.core.zones import SECOND_NS
from julie.gateway.feed import HubFeed
from julie.live.deaf import unheard_of
from julie.live.ears import Ears
from julie.live.final_bars import FinalBars
from julie.live.firm_rules import broken_rule
from julie.live.ground import Ground
from julie.live.minutes import Minutes
from julie.live.missing import asked_again
from julie.live.recall import open_plans
from julie.live.rolls import Asking, Rolls
from julie.live.session import Session, open_anywhere
from julie.live.stream import Stream
from julie.live.thinking import Thinking
from julie.live.turning import Turning


def make_session(ground: Ground, thinking: Thinking) -> Session:
    """Everything between the streams and the orders."""
    minutes, stream = _minutes(ground, thinking)
    rolls = _rolls(ground, thinking, minutes, stream)
    turning = _turning(ground, thinking, minutes, rolls)
    place, executor, scribe = ground.place, ground.executor, ground.scribe
    ears = Ears(place.clock, scribe, stream, turning, executor, ground.lines.ticks)
    minutes.behind = ears.behind
    feed = rolls.feed = _feed(ground, thinking, ears)
    _gates(ground, thinking, rolls, feed)
    final = FinalBars(minutes, stream, ground.history, place.clock, scribe.note)
    return Session(
        place, ground.wanted, scribe, ground.calendar, rolls, thinking, executor, ground.broker,
        minutes, turning, final, ears, feed,
    )  # fmt: skip


def _minutes(ground: Ground, thinking: Thinking) -> tuple[Minutes, Stream]:
    """Prints become minutes, minutes go to the desk, its orders to the executor."""
    clock, lines = ground.place.clock, ground.lines
    stream = Stream(lines.watched, ground.calendar)
    stream.begin(thinking.resumed.heard_to)
    stream.lost()
    age_ns = ground.wanted.settings.execution.max_signal_age_s * SECOND_NS
    minutes = Minutes(
        thinking.desk, ground.executor, stream, lines.heard(thinking.series), ground.scribe.note,
        clock.now_ns, asked_again(ground.history, clock), age_ns,
    )  # fmt: skip
    return minutes, stream


def _rolls(ground: Ground, thinking: Thinking, minutes: Minutes, stream: Stream) -> Rolls:
    desk, place = thinking.desk, ground.place
    asking = Asking(place.client, ground.wanted.settings, place.served)

    def open_plan(k: int) -> bool:
        return bool(desk.record.plans[k]["state"])

    return Rolls(
        asking, ground.lines, ground.history, stream, minutes, ground.executor, open_plan,
        ground.scribe.note,
    )  # fmt: skip


def _turning(ground: Ground, thinking: Thinking, minutes: Minutes, rolls: Rolls) -> Turning:
    desk, executor = thinking.desk, ground.executor
    return Turning(
        ground.calendar, minutes, rolls, desk, partial(open_anywhere, desk, executor),
        ground.scribe.note, ground.place.clock, executor.money.day_closed,
    )  # fmt: skip


def _feed(ground: Ground, thinking: Thinking, ears: Ears) -> HubFeed:
    """Both streams of the venue, into the ears."""
    place, executor, desk = ground.place, ground.executor, thinking.desk
    return HubFeed(
        place.client,
        place.addresses,
        ground.rows,
        ground.lines.contracts,
        ground.wanted.settings.gateway,
        ground.calendar,
        ground.broker.sink(ears),
        quiet=lambda: executor.idle,
        exposed=lambda: bool(open_plans(desk)),
        trouble=ears.trouble,
        lockstep=place.lockstep,
    )


def _gates(ground: Ground, thinking: Thinking, rolls: Rolls, feed: HubFeed) -> None:
    """What else stands between the desk and an entry."""
    standing, desk = ground.executor.standing, thinking.desk
    standing.firms_rule = lambda cents: broken_rule(desk.record, cents)
    if not ground.place.lockstep:  # there nothing goes on that we have not seen
        standing.asks(unheard_of(rolls, feed, streamed=ground.broker.streamed))
