"""What rules do to hub events: lose them, hold them, send them twice, late, turned round or broken.

What is kept back is sent when its time has come. A `hold` stands still with the market's clock, a
`delay` goes on where the market pauses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from julie.core.zones import SECOND_NS
from julie.simgate.server.hub_text import END
from julie.simgate.server.rule_types import Action, Deed, HubName
from julie.simgate.server.rules import ON_CONNECTIONS, Facts, RuleBook, Stage

if TYPE_CHECKING:
    from julie.simgate.server.hubs import Hubs

NEVER: Final = 1 << 62
_BREAKING: Final[frozenset[Deed]] = frozenset({"truncate", "split", "grow", "garbage", "body"})


@dataclass(slots=True)
class _Kept:
    """Records that wait for their time."""

    group: str
    records: Sequence[bytes]
    due_ns: int
    machine: bool


class Meddling:
    """Applies the rules on events."""

    def __init__(
        self,
        rules: RuleBook,
        now_ns: Callable[[], int],
        mono_ns: Callable[[], int],
        rng: np.random.Generator,
        pace: Callable[[], float],
    ) -> None:
        self._pace = pace
        self._rules = rules
        self._now_ns = now_ns
        self._mono_ns = mono_ns
        self._rng = rng
        self._kept: list[_Kept] = []
        self._turned: dict[HubName, list[_Kept]] = {"user": [], "market": []}
        self.connection_deeds: list[tuple[Action, HubName]] = []

    @property
    def watches(self) -> bool:
        """Whether events must be looked at one by one."""
        return self._rules.on_events or any(self._turned.values())

    def meets(self, facts: Facts) -> list[Action]:
        """What the rules do to an event."""
        return self._rules.meet(Stage.EVENT, facts)

    def pass_on(
        self, hubs: "Hubs", group: str, records: Sequence[bytes], deeds: Sequence[Action]
    ) -> None:
        """An event and what is done to it."""
        for deed in deeds:
            if deed.do in ON_CONNECTIONS:
                self.connection_deeds.append((deed, _hub_of(group)))
        kept_back = next((d for d in deeds if d.do in ("mute", "hold", "delay", "reorder")), None)
        if kept_back is not None:
            self._keep_back(hubs, kept_back, group, records)
            return
        for deed in deeds:
            if deed.do == "duplicate":
                records = list(records) * (1 + deed.times)
        breaking = next((deed for deed in deeds if deed.do in _BREAKING), None)
        if breaking is None:
            hubs.send(group, records)
            return
        for record in records:
            hubs.send(group, self._broken(breaking, record), alone=True)

    def release(self, hubs: "Hubs") -> None:
        """Send what was kept long enough."""
        for turned in self._turned.values():
            if turned and (turned[0].due_ns <= self._now_ns() or not self._rules.hears_events()):
                self._turn(hubs, turned)  # the window will not fill
        if not self._kept:
            return
        now, mono = self._now_ns(), self._mono_ns()
        due = [one for one in self._kept if one.due_ns <= (mono if one.machine else now)]
        self._kept = [one for one in self._kept if one not in due]
        for one in sorted(due, key=lambda one: one.due_ns):
            hubs.send(one.group, one.records)

    def _keep_back(self, hubs: "Hubs", deed: Action, group: str, records: Sequence[bytes]) -> None:
        if deed.do == "mute":
            return
        wait_s = deed.seconds + deed.jitter * float(self._rng.random())
        if deed.do == "reorder":
            turned = self._turned[_hub_of(group)]
            last_ns = self._now_ns() + round(wait_s * SECOND_NS) if wait_s else NEVER
            turned.append(_Kept(group, records, last_ns, machine=False))
            if len(turned) >= deed.window:
                self._turn(hubs, turned)
            return
        machine = deed.do == "delay"
        if machine:
            wait_s /= self._pace()
        began = self._mono_ns() if machine else self._now_ns()
        self._kept.append(_Kept(group, records, began + round(wait_s * SECOND_NS), machine))

    def _turn(self, hubs: "Hubs", turned: list[_Kept]) -> None:
        for late in reversed(turned):
            hubs.send(late.group, late.records)
        turned.clear()

    def _broken(self, deed: Action, record: bytes) -> list[bytes]:
        if deed.do == "truncate":
            return [record[: deed.keep]]
        if deed.do == "body":
            return [(deed.text or "").encode()]
        if deed.do == "split":
            middle = len(record) // 2
            return [record[:middle], record[middle:]]
        if deed.do == "grow":
            padding = b',"padding":"' + b"x" * deed.size + b'"}' + END
            return [record.removesuffix(b"}" + END) + padding]
        noise = bytes(self._rng.integers(33, 127, deed.size, dtype=np.uint8))
        return [noise + END, record]


def _hub_of(group: str) -> HubName:
    return "market" if group.startswith("Contract") else "user"
