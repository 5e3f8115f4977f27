"""What a person is told while the bot runs: one line an alarm, the same one at most once a minute.

The line says what happened, what the desk does, what the person should do; repetitions within the
minute are counted and told with the next one, or at the bot's end. It goes to the log, the status
file, the terminal and the notifier, within the second.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from julie.core.alarms import advice, operator_line
from julie.core.clock import Clock
from julie.core.events import Alarm, AuditRecord, StateChanged
from julie.core.types import DeskState
from julie.core.zones import SECOND_NS, eastern_iso
from julie.live.said import Said

QUIET_S: Final = 60.0
KINDS_MAX: Final = 500  # names remembered; more would mean that names carry numbers


class OperatorLine(NamedTuple):
    """One message."""

    code: str
    text: str
    critical: bool
    ns: int
    said: Said  # the newest record that it speaks of


class Held(NamedTuple):
    """What was told within the minute, and happened again."""

    times: int
    record: AuditRecord  # the newest


Sink = Callable[[OperatorLine], None]


def spoken_of(record: AuditRecord, before: StateChanged | None = None) -> tuple[str, str] | None:
    """The code and the words of a record that a person must be told of; None = of others. Of a desk
    that was halted `before`, only what halts it as well is told.
    """
    payload = record.payload
    if isinstance(payload, Alarm):
        return payload.kind, payload.text
    if isinstance(payload, StateChanged) and payload.state is DeskState.HALTED:
        halted = before is not None and before.state is DeskState.HALTED
        known = set(before.causes) if before is not None and halted else set()
        if not halted or set(payload.causes) - known:
            return "halted", _why(payload)
    return None


def _why(change: StateChanged) -> str:
    """Why the desk is halted; a change that only came while it was is not the reason."""
    if not change.causes or change.reason.partition(":")[0] in change.causes:
        return change.reason
    return ", ".join(change.causes)


class Operator:
    """Turns alarms and changes of state into messages and hands them to every sink."""

    def __init__(self, mode: str, clock: Clock, sinks: tuple[Sink, ...]) -> None:
        self._mode = mode.upper()
        self._clock = clock
        self._sinks = sinks
        self._told_ns: dict[str, int] = {}
        self._held: dict[str, Held] = {}
        self._changed: StateChanged | None = None
        self.last: OperatorLine | None = None

    def take(self, record: AuditRecord) -> None:
        """Called with every record: tell it now, or count it where the same was told within the
        minute.
        """
        spoken = spoken_of(record, self._changed)
        if isinstance(record.payload, StateChanged):
            self._changed = record.payload
        if spoken is None:
            return
        code, happened = spoken
        now, told = self._clock.mono_ns(), self._told_ns.get(code)
        held = self._held.pop(code, None)
        times = 1 + (held.times if held is not None else 0)
        if told is not None and now - told < QUIET_S * SECOND_NS:
            self._held[code] = Held(times, record)
            return
        if len(self._told_ns) >= KINDS_MAX:
            self._told_ns.clear()
        self._told_ns[code] = now
        self._tell(code, happened, times, record)

    def retell(self, records: Iterable[AuditRecord]) -> None:
        """Tell what a killed life did not come to tell: a line a code, with its time, of halts only
        one that still stands. The same of this life is told at once nevertheless.
        """
        found: dict[str, Held] = {}
        changed: StateChanged | None = None
        for record in records:
            if (spoken := spoken_of(record, changed)) is not None:
                held = found.pop(spoken[0], None)
                found[spoken[0]] = Held(1 + (held.times if held is not None else 0), record)
            if isinstance(record.payload, StateChanged):
                changed = record.payload
                if changed.state is not DeskState.HALTED:
                    found.pop("halted", None)
        self._tell_held(found, "at {at} ET, before this start: ")

    def finish(self) -> None:
        """Tell at the end what was only counted."""
        held, self._held = self._held, {}
        self._tell_held(held, "")

    def _tell_held(self, found: dict[str, Held], before: str) -> None:
        for times, record in found.values():
            spoken = spoken_of(record)
            if spoken is not None:
                at = eastern_iso(record.ts_exchange)[:19].replace("T", " ")
                self._tell(spoken[0], before.format(at=at) + spoken[1], times, record)

    def _tell(self, code: str, happened: str, times: int, record: AuditRecord) -> None:
        line = OperatorLine(
            code,
            f"{self._mode} {operator_line(code, happened, times)}",
            advice(code).critical,
            record.ts_exchange,
            Said(record.run, record.seq),
        )
        self.last = line
        for sink in self._sinks:
            sink(line)
