"""What people hear of a rule, a judge or a column that fails: alarms, and its trace in the log."""

import logging
from collections.abc import Callable, Iterable
from typing import Final

from julie.core.events import Alarm
from julie.core.unit_watch import Failure, Unit

LOG: Final = logging.getLogger(__name__)


def watch(units: Iterable[Unit], note: Callable[[Alarm], object]) -> None:
    """Tell of every failure from now on; those of minutes led through again were told then."""
    for unit in units:
        unit.tell = lambda failure: tell(failure, note)


def tell(failure: Failure, note: Callable[[Alarm], object]) -> None:
    """Say what failed, how often today, and that it is off where that is so."""
    LOG.warning("%s %s failed", failure.kind, failure.name, exc_info=failure.error)
    if not failure.counts:
        note(Alarm("unit_failed", failure.words))
        return
    note(Alarm("unit_failed", f"{failure.words} ({failure.count} of {failure.most})"))
    if failure.count == failure.most:
        note(Alarm(f"{failure.kind}_off", f"{failure.name} failed {failure.most} times"))
