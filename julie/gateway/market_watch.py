"""Listens to the silence of the market's stream, and has the hub make of it what it must.

Silence is counted on the program's clock. A stream that alone drives that clock cannot show its own
silence on it, so there the wall counts too, unless the venue waits for us.
"""

from collections.abc import Callable, Sequence
from typing import Final

from julie.core.clock import Clock, MachineClock, VirtualClock
from julie.core.market_events import HubState
from julie.core.timers import sleep
from julie.core.zones import SECOND_NS
from julie.gateway.freshness import LOST_TIMES, Freshness
from julie.gateway.hub import HubSupervisor
from julie.gateway.intake import Intake
from julie.gateway.pace import until_due

LOOK_S: Final = 0.5


class MarketWatch:
    """The market hub's freshness."""

    def __init__(
        self,
        hub: HubSupervisor,
        intake: Intake,
        freshness: Freshness,
        clock: Clock,
        contracts: Callable[[], Sequence[str]],
        wall: bool,
    ) -> None:
        self._hub = hub
        self._intake = intake
        self._freshness = freshness
        self._clock = clock
        self._contracts = contracts
        self._wall = MachineClock() if wall and isinstance(clock, VirtualClock) else None
        self._heard = (-1, 0, 0)  # events, life, and the wall's time when either changed
        self._rebuilt_ns: int | None = None
        self.rebuilds = 0

    async def run(self) -> None:
        """Look twice a second, for ever."""
        while True:
            await (until_due if self._wall else sleep)(self._clock, LOOK_S)
            self.look()

    def silent_s(self, contract: str) -> float:
        """How long a contract was silent while its hub was live, on the program's clock."""
        if contract == self._intake.handing:
            return 0.0
        now_ns = self._clock.mono_ns()
        since = max(self._intake.heard_ns.get(contract, 0), self._hub.live_ns)
        # An open within the silence forgives what lies before it.
        counted = self._clock.now_ns() - self._freshness.since_ns(self._clock.now_ns())
        return min(now_ns - since, max(counted, 0)) / SECOND_NS

    def stale(self, contract: str) -> bool:
        """Whether no decision may rest on this contract's data."""
        if self._hub.state is not HubState.LIVE:
            return True
        allowed = self._freshness.allowed(self._clock.now_ns())
        silent_s = max(self.silent_s(contract), self._wall_silent_s())
        return allowed is not None and silent_s >= allowed.stale_s

    def look(self) -> None:
        """Say what is stale, and make the connection anew where that is due."""
        if self._hub.state not in (HubState.LIVE, HubState.STALE):
            return
        allowed = self._freshness.allowed(self._clock.now_ns())
        contracts = self._contracts()
        if allowed is None or not contracts:
            self._hub.fresh()
            return
        silences = {contract: self.silent_s(contract) for contract in contracts}
        least = max(min(silences.values()), self._wall_silent_s())
        if least < allowed.stale_s:
            self._hub.fresh()
        else:
            self._hub.stale(f"the market is silent for {least:.0f} s")
        longest = max(silences, key=lambda contract: silences[contract])
        if least >= allowed.rebuild_s:
            self._rebuild(f"the market was silent for {least:.0f} s")
        elif silences[longest] >= LOST_TIMES * allowed.rebuild_s:
            self._rebuild(f"{longest} was silent for {silences[longest]:.0f} s, others were not")

    def _wall_silent_s(self) -> float:
        if self._wall is None:
            return 0.0
        count = self._intake.market_events
        now_ns = self._wall.mono_ns()
        life = self._hub.lives
        if (count, life) != self._heard[:2]:
            self._heard = count, life, now_ns
        return (now_ns - self._heard[2]) / SECOND_NS

    def _rebuild(self, reason: str) -> None:
        now_ns = self._clock.mono_ns()
        gap_ns = self._freshness.rebuild_gap_ns
        if self._rebuilt_ns is not None and now_ns - self._rebuilt_ns < gap_ns:
            return
        self._rebuilt_ns = now_ns
        self.rebuilds += 1
        self._hub.rebuild(reason)
