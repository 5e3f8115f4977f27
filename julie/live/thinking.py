"""The desk of a session: columns from history, the record of the last day, the minutes since."""

import asyncio
from dataclasses import dataclass, replace

from julie.backtest.runner import Request
from julie.core.bars import Bars
from julie.core.errors import DataError, UsageError
from julie.core.events import Alarm
from julie.core.unit_watch import Unit
from julie.core.zones import MINUTE_NS
from julie.desk.minutes import DeskMinutes
from julie.desk.rehearsal import rehearse
from julie.live.earlier import Led, Own
from julie.live.failing import watch
from julie.live.ground import Ground
from julie.live.kept_history import Facts, keep
from julie.live.lives import parted
from julie.live.portfolio import asked_for, days_remembered, unwarmed_desk
from julie.live.recall import Past, Recovery, Resumed
from julie.live.revised import revisions
from julie.market.aggregator.minute import minute_of


@dataclass(frozen=True, slots=True, eq=False)
class Thinking:
    """The desk where its past left it, and what it was made from."""

    desk: DeskMinutes
    series: list[Bars]
    resumed: Resumed
    strategies: tuple[str, ...]  # that speak, in the record's order
    silent: dict[str, str]
    units: tuple[Unit, ...]  # rules, judges and columns, each of which may fail by itself


async def make_desk(ground: Ground, past: Past) -> Thinking:
    """The desk, its columns warm and its past behind it; the loop is free meanwhile."""
    wanted, lines, settings = ground.wanted, ground.lines, ground.wanted.settings
    now_ns = ground.place.clock.now_ns()
    now = minute_of(now_ns)
    traded = [one.instrument.symbol for one in lines.traded]
    heard = [one.instrument for one in lines.watched]
    asked = asked_for(settings, heard, traded, wanted.strategies)
    series = await ground.history.before(now, days_remembered(asked))
    contracts, named = [one.contract for one in lines.traded], [s.name for s in wanted.strategies]
    facts = Facts([one.symbol for one in heard], traded, contracts, named, now_ns)
    for text in await asyncio.to_thread(revisions, wanted.folder, series):
        ground.scribe.note(Alarm("history_revised", text))
    keep(wanted.folder, wanted.run, series, facts)
    past, led = await _before(ground, past)
    thinking = await asyncio.to_thread(_led, ground, asked, series, past, now)
    if not past.minutes:  # the last orders were those of the settings before
        thinking.resumed.again, thinking.resumed.unsaid = led.again, led.unsaid
    watch(thinking.units, ground.scribe.note)
    return thinking


async def _before(ground: Ground, past: Past) -> tuple[Past, Led]:
    """The past with what was decided under other settings led to its end; and those."""
    wanted = ground.wanted
    lives, minutes = parted(past.lives, wanted.config_hash)
    own = Own(wanted.folder, wanted.settings, wanted.strategies)
    try:
        led = await asyncio.to_thread(own.led, lives, past.closed, said=past.said)
    except (UsageError, DataError) as error:
        text = f"minutes of today are decided again, under the settings of now: {error}"
        ground.scribe.note(Alarm("config_changed", text))
        return past, Led(past.closed)
    return replace(past, closed=led.closed, minutes=minutes), led


def _led(ground: Ground, asked: Request, series: list[Bars], past: Past, now: int) -> Thinking:
    """A new desk, led through history and past."""
    calendar = ground.calendar
    contracts = [one.contract for one in ground.lines.traded]
    desk, made = unwarmed_desk(asked, series, calendar, contracts)
    rehearse(made.pipeline, made.record, desk.symbols, MINUTE_NS)
    resumed = Recovery(desk, made.graph, series, calendar).resume(past, now)
    names = tuple(one.name for one in made.strategies)
    units = (*made.pipeline.units(), *made.graph.units())
    return Thinking(desk, series, resumed, names, made.silent, units)
