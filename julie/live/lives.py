"""The minutes since the last closed day, parted by the settings under which they were decided.

A start may bring other settings into the middle of a trading day. What was decided before it stays
as it was decided: entries that work, stops, losses and streaks belong to the settings of then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from julie.core.bookings import ConfigTaken
from julie.core.events import AuditRecord
from julie.core.taken import MinuteTaken

UNKNOWN = ConfigTaken("", "")


@dataclass(frozen=True, slots=True)
class Life:
    """Minutes in a row that were heard under the same settings."""

    run: str  # the newest that heard of them: its history reaches behind all of them
    config: ConfigTaken
    minutes: tuple[MinuteTaken, ...]


def lives_of(
    records: Iterable[AuditRecord], configs: Mapping[str, ConfigTaken]
) -> tuple[Life, ...]:
    """The lives in records of a journal, oldest first; `configs` by run."""
    heard = [
        (configs.get(one.run, UNKNOWN), one.run, one.payload)
        for one in records
        if isinstance(one.payload, MinuteTaken)
    ]
    lives = []
    for _, same in groupby(heard, key=lambda one: one[0].hash):
        rows = list(same)
        config, run, _ = rows[-1]
        lives.append(Life(run, config, tuple(minute for _, _, minute in rows)))
    return tuple(lives)


def parted(lives: tuple[Life, ...], own: str) -> tuple[tuple[Life, ...], tuple[MinuteTaken, ...]]:
    """Lives under other settings than our own, and the minutes behind them."""
    if lives and lives[-1].config.hash in ("", own):
        return lives[:-1], lives[-1].minutes
    return lives, ()
