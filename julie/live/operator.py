"""What a person is told while the bot runs: one line an alarm, the same one at most once a minute.

The line says what happened, what the desk does, what the person should do; repetitions within the
minute are counted and told with the next one. It goes to the log, the status file, the terminal and
the notifier, within the second.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from julie.core.alarms import advice, operator_line
from julie.core.clock import Clock
from julie.core.events import Alarm, AuditRecord, StateChanged
from julie.core.types import DeskState
from julie.core.zones import SECOND_NS

QUIET_S: Final = 60.0
KINDS_MAX: Final = 500  # names remembered; more would mean that names carry numbers


class OperatorLine(NamedTuple):
    """One message."""

    code: str
    text: str
    critical: bool
    ns: int


Sink = Callable[[OperatorLine], None]


class Operator:
    """Turns alarms and changes of state into messages and hands them to every sink."""

    def __init__(self, mode: str, clock: Clock, sinks: tuple[Sink, ...]) -> None:
        self._mode = mode.upper()
        self._clock = clock
        self._sinks = sinks
        self._told_ns: dict[str, int] = {}
        self._more: dict[str, int] = {}
        self.last: OperatorLine | None = None

    def take(self, record: AuditRecord) -> None:
        """Called with every record."""
        payload = record.payload
        if isinstance(payload, Alarm):
            self.tell(payload.kind, payload.text, record.ts_exchange)
        elif isinstance(payload, StateChanged) and payload.state is DeskState.HALTED:
            self.tell("halted", payload.reason, record.ts_exchange)

    def tell(self, code: str, happened: str, ns: int) -> OperatorLine | None:
        """Tell it now, or count it where the same was told within the minute."""
        now = self._clock.mono_ns()
        told = self._told_ns.get(code)
        if told is not None and now - told < QUIET_S * SECOND_NS:
            self._more[code] = self._more.get(code, 0) + 1
            return None
        if len(self._told_ns) >= KINDS_MAX:
            self._told_ns.clear()
        self._told_ns[code] = now
        count = 1 + self._more.pop(code, 0)
        line = OperatorLine(
            code,
            f"{self._mode} {operator_line(code, happened, count)}",
            advice(code).critical,
            ns,
        )
        self.last = line
        for sink in self._sinks:
            sink(line)
        return line
