"""Which records and looks at the bot are worth a message to a person.

Entry and exit, halts and critical alarms, differences found by reconciliation, limits at 50, 80 and
100 %, streams away for over half a minute, and the day in figures.
"""

from collections.abc import Iterator
from typing import Final

from julie.core.bookings import DayClosed, TradeClosed
from julie.core.clock import Clock
from julie.core.events import Alarm, AuditRecord, PositionChanged
from julie.core.money import dollars
from julie.core.zones import SECOND_NS
from julie.live.notify import Note
from julie.live.operator import OperatorLine
from julie.store.status import Status

AWAY_S: Final = 30.0
MARKS: Final = (0.5, 0.8, 1.0)
RECONCILED: Final = frozenset(
    ("unknown_position", "missing_leg", "orphan_order", "phantom_trade", "size_mismatch")
)
_GOOD: Final = frozenset(("live", "off"))


class Occasions:
    """Remembers what was told, so that each thing is told once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, int] = {}
        self._marks: dict[str, float] = {}
        self._away_ns: dict[str, int] = {}
        self._told_away: set[str] = set()
        self._left = ""  # what the end of the session told to be open

    def of_record(self, record: AuditRecord) -> Iterator[Note]:
        """The notes that a record calls for."""
        payload = record.payload
        if isinstance(payload, PositionChanged):
            before = self._held.get(payload.contract, 0)
            self._held[payload.contract] = payload.qty
            if payload.qty > before:
                side = "long" if payload.side > 0 else "short"
                yield Note("entry", f"{side} {payload.qty} {payload.contract}")
        elif isinstance(payload, TradeClosed):
            side = "long" if payload.side > 0 else "short"
            yield Note(
                "exit",
                f"{payload.strategy} {side} {payload.qty} {payload.instrument} closed by "
                f"{payload.exit_reason}: {payload.net:+.2f} USD",
            )
        elif isinstance(payload, Alarm) and payload.kind == "left_open":
            self._left = payload.text
        elif isinstance(payload, DayClosed):
            self._marks.clear()
            yield Note(
                "day",
                f"day closed: {dollars(payload.net_cents):+,.2f} USD in {payload.trades} trades, "
                f"balance {dollars(payload.balance_cents):,.2f}",
            )

    def of_line(self, line: OperatorLine) -> Iterator[Note]:
        """The note for a line that was told to the operator."""
        if line.code in RECONCILED:
            yield Note("reconcile", line.text, line.critical)
        elif line.critical:
            yield Note("halt", line.text, True)

    def of_status(self, status: Status) -> Iterator[Note]:
        """The notes that a look at the bot calls for."""
        limits = {"day's loss": status.limits.daily, "trailing loss": status.limits.trailing}
        for name, limit in limits.items():
            if limit is None:
                continue
            reached = max((mark for mark in MARKS if limit.share >= mark), default=0.0)
            if reached > self._marks.get(name, 0.0):
                used = f"{limit.used:,.2f} of {limit.limit:,.2f} USD"
                yield Note("limit", f"{reached:.0%} of the {name} limit: {used}", reached >= 1.0)
            self._marks[name] = max(reached, self._marks.get(name, 0.0))
        for name, state in (("market", status.hubs.market), ("user", status.hubs.user)):
            yield from self._hub(name, state)

    def of_end(self, status: Status) -> Note:
        """The note of the bot's end, and what it left."""
        held = [
            f"{one.side} {one.quantity} {one.contract} is open" for one in status.trading.positions
        ]
        left = self._left or "; ".join(held)
        if status.account.daily_pnl is None:
            end = f"run {status.run} ends before it traded"
            return Note("stop", f"{end}: {left}" if left else end)
        day = f"the day {status.account.daily_pnl:+,.2f} USD"
        return Note("stop", f"run {status.run} ends: {left or 'flat'}; {day}")

    def _hub(self, name: str, state: str) -> Iterator[Note]:
        now = self._clock.mono_ns()
        if state in _GOOD:
            self._away_ns.pop(name, None)
            if name in self._told_away:
                self._told_away.discard(name)
                yield Note("disconnect", f"the {name} stream is back")
            return
        since = self._away_ns.setdefault(name, now)
        if now - since >= AWAY_S * SECOND_NS and name not in self._told_away:
            self._told_away.add(name)
            away_s = (now - since) / SECOND_NS
            yield Note("disconnect", f"the {name} stream is {state} for {away_s:.0f} s", True)
