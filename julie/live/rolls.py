"""From one contract month to the next, when the venue's active contract is another one.

Nothing of ours crosses a roll. What is flat goes on in the new month at once; a plan that is still
open keeps its stop where it is, the desk closes it at the next bar's close, and until then nothing
is entered. Prices of the new month are moved by what both months show at the same last minute, so
the columns go on over the roll.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Protocol

from julie.core.events import Alarm, Payload
from julie.core.types import Reason
from julie.core.zones import HOUR_NS
from julie.execution.executor import Executor
from julie.gateway.client import Client
from julie.gateway.errors import ContractDisagrees
from julie.gateway.wire import BarRow
from julie.live.lines import History, Lines, find_lines
from julie.live.minutes import Minutes
from julie.live.stream import Stream
from julie.live.warm import rows_of
from julie.settings import Settings
from julie.store.rows import Rows

LOOKED_BACK_NS: Final = 12 * HOUR_NS  # for a minute in which both months traded
DISAGREES: Final = "contract_differs"


class Follows(Protocol):
    """Who listens to contracts; the feed."""

    def follow(self, contracts: Sequence[str]) -> None:
        """Listen to other contracts from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """Of whom the contracts are asked."""

    client: Client
    settings: Settings
    served: Mapping[str, str]


class Rolls:
    """The contracts of a session, and their way into the next month."""

    def __init__(
        self,
        asking: Asking,
        lines: Lines,
        history: History,
        stream: Stream,
        minutes: Minutes,
        executor: Executor,
        open_plan: Callable[[int], bool],
        note: Callable[[Payload], object],
    ) -> None:
        self.lines = lines
        self.feed: Follows | None = None
        self._asking, self._history = asking, history
        self._stream, self._minutes, self._executor = stream, minutes, executor
        self._open_plan, self._note = open_plan, note
        self._coming = lines

    @property
    def waiting(self) -> list[int]:
        """Instruments whose new month waits for us to be flat."""
        pairs = zip(self.lines.watched, self._coming.watched, strict=True)
        return [k for k, (old, new) in enumerate(pairs) if old.contract != new.contract]

    @property
    def due(self) -> bool:
        """Whether one of them may go on now."""
        return any(self._flat(k) for k in self.waiting)

    async def look(self, day: date) -> None:
        """Ask the venue for a trading day's contracts, and follow them."""
        asking = self._asking
        try:
            found = await find_lines(asking.client, asking.settings, asking.served, day)
        except ContractDisagrees as error:
            self._note(Alarm(DISAGREES, str(error)))
            self._executor.standing.halt(DISAGREES, str(error))
            return
        for k, line in enumerate(self.lines.watched):
            new, traded = found.watched[k], found.traded[k]
            alike = new.contract == line.contract
            if alike != (traded.contract == self.lines.traded[k].contract):
                text = f"{line.instrument.symbol}: {new.contract} and {traded.contract} lead"
                self._note(Alarm(DISAGREES, f"{text}; one rolled without the other"))
                self._executor.standing.halt(DISAGREES, text)
                return
        self._coming = found
        for k in self.waiting:
            if not self._flat(k):
                self._hold(k)
        await self.go_on()

    async def go_on(self) -> None:
        """Follow every new month whose instrument is flat."""
        for k in self.waiting:
            if self._flat(k):
                await self._switch(k)

    def _flat(self, k: int) -> bool:
        symbol = self.lines.watched[k].instrument.symbol
        plans = self._executor.book.open_plans()
        return not self._open_plan(k) and not any(one.symbol == symbol for one in plans)

    def _hold(self, k: int) -> None:
        """A plan is open: the desk learns by the next bar that its month is over."""
        line, new = self._minutes.lines[k], self._coming.traded[k].contract
        self._minutes.lines[k] = replace(line, orders=new)
        symbol = line.data.symbol
        text = f"{symbol}: {new} leads, what is open in {line.orders} is closed first"
        self._executor.standing.reduce(f"roll_{symbol}", text, Reason.CONTRACT_INACTIVE, symbol)
        self._note(Alarm("roll", text))

    async def _switch(self, k: int) -> None:
        old, new = self.lines.watched[k], self._coming.watched[k]
        line = self._minutes.lines[k]
        gap = await self._gap(old.contract, new.contract, line.data.tick)
        traded = self._coming.traded[k]
        self._minutes.lines[k] = replace(
            line, contract=new.contract, shift=line.shift - gap, orders=traded.contract
        )
        self.lines = Lines(
            tuple(new if j == k else one for j, one in enumerate(self.lines.watched)),
            tuple(traded if j == k else one for j, one in enumerate(self.lines.traded)),
        )
        self._stream.follow(k, new.contract)
        self._history.follow(self.lines)
        if self.feed is not None:
            self.feed.follow(self.lines.contracts)
        symbol = line.data.symbol
        for cause in ("roll", "no_contract"):
            self._executor.standing.release(f"{cause}_{symbol}")
        self._note(Alarm("roll", f"{symbol} goes on in {new.contract}, {gap:+g} points away"))

    async def _gap(self, old: str, new: str, tick: float) -> float:
        """Points that the new month lies above the old one."""
        last = self._minutes.last_ts
        before = _closes(old, await self._history.fetch(old, last - LOOKED_BACK_NS, last))
        after = _closes(new, await self._history.fetch(new, last - LOOKED_BACK_NS, last))
        common = before.keys() & after.keys()
        if not common:
            text = f"{old} and {new} have no minute in common: the gap is taken as none"
            self._note(Alarm("roll_estimated", text))
            return 0.0
        at = max(common)
        return round((after[at] - before[at]) / tick) * tick


def _closes(contract: str, bars: Sequence[BarRow]) -> dict[int, float]:
    rows: Rows = rows_of(contract, bars)
    return dict(zip(rows.ts.tolist(), rows.close.tolist(), strict=True))
