"""The desk of an earlier run: made again from its own settings and the history that it kept.

What was heard under other settings than those of now goes through such a desk, and the next one
takes over its record, as it does from one trading day to the next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from julie.core.bookings import ConfigTaken, DayClosed
from julie.core.calendar import load_calendar
from julie.core.errors import UsageError
from julie.core.permits import Reducing
from julie.core.zones import MINUTE_NS
from julie.desk.minutes import DeskMinutes
from julie.live.kept_history import Facts, facts_of, kept
from julie.live.lives import Life
from julie.live.portfolio import asked_for, unwarmed_desk
from julie.live.recall import NOTHING_UNSAID, Past, Recovery, Unsaid
from julie.settings import Settings
from julie.strategies.base import Strategy
from julie.strategies.catalogue import named


@dataclass(frozen=True, slots=True)
class Led:
    """Where the lives before ended."""

    closed: DayClosed | None  # the desk's record; that of the last closed day without any life
    again: Sequence[Reducing] = ()  # reductions that may not have left
    unsaid: Unsaid = NOTHING_UNSAID


@dataclass(frozen=True, slots=True)
class Own:
    """Desks of the runs of a data folder, each by its own settings."""

    data_dir: Path
    settings: Settings  # of now: for runs of which the journal has none, and their form
    strategies: Sequence[Strategy] = ()  # from files: known by their names

    def led(self, lives: Iterable[Life], closed: DayClosed | None, *, said: int = 0) -> Led:
        """Lead each life through a desk of its own; raises where one cannot be made again.
        `said` = words of the newest minute that came to the disk.
        """
        led = Led(closed)
        for life in lives:
            desk, recovery = self.desk_of(life.run, life.config)
            past = Past(closed=led.closed, minutes=life.minutes, said=said)
            resumed = recovery.resume(past, life.minutes[-1].ts + MINUTE_NS)
            led = Led(desk.day_closed(), resumed.again, resumed.unsaid)
        return led

    def desk_of(self, run: str, config: ConfigTaken) -> tuple[DeskMinutes, Recovery]:
        """A desk that has seen nothing yet, and who leads it."""
        calendar, facts = load_calendar(), facts_of(self.data_dir, run)
        settings = settings_of(self.settings, config, facts)
        table, strategies = settings.instrument_table(), self._asked(facts)
        heard = [table[one] for one in facts.symbols]
        asked = asked_for(settings, heard, facts.traded, strategies)
        series = kept(self.data_dir, run, heard)
        desk, made = unwarmed_desk(asked, series, calendar, facts.contracts)
        return desk, Recovery(desk, made.graph, series, calendar)

    def _asked(self, facts: Facts) -> list[Strategy]:
        """What the run was asked to trade; nothing = what its configuration enables."""
        given = {one.name: one for one in self.strategies}
        return [given.get(one) or named(one) for one in facts.strategies]


def settings_of(now: Settings, config: ConfigTaken, facts: Facts) -> Settings:
    """A run's own settings; rules from files must be given again, for they have keys there."""
    if not config.text:
        return now
    try:
        return type(now).model_validate_json(config.text)
    except ValidationError as error:
        asked = ", ".join(facts.strategies) or "those of its configuration"
        raise UsageError(
            f"the settings of the run have keys that are not known here; it traded {asked}",
            "give its rules again as the run was given them: --strategies path/to/mine.py:name",
        ) from error
