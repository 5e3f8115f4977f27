"""The venue's own bar of each minute, held against what we built of its prints.

The venue's wins where it differs by more than a tick: the columns are corrected before the next
close, the difference is written down and told. What was decided on the minute stands.
"""

from collections.abc import Callable
from typing import Final

from julie.core.clock import Clock
from julie.core.events import Alarm, BarClosed, Payload
from julie.core.ticks import price_words
from julie.core.timers import sleep
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.gateway.errors import GatewayError
from julie.live.lines import History
from julie.live.minutes import Minutes
from julie.live.stream import Stream
from julie.market.aggregator import Difference

LOOK_S: Final = 2.0
SETTLED_NS: Final = 5 * SECOND_NS  # after its end the venue's bar is final


class FinalBars:
    """Looks at every closed minute once."""

    def __init__(
        self,
        minutes: Minutes,
        stream: Stream,
        history: History,
        clock: Clock,
        note: Callable[[Payload], object],
    ) -> None:
        self._minutes, self._stream, self._history = minutes, stream, history
        self._clock, self._note = clock, note
        self._looked = 0

    async def run(self) -> None:
        """For ever."""
        while True:
            await sleep(self._clock, LOOK_S)
            ts = self._minutes.last_ts
            if ts > self._looked and self._clock.now_ns() >= ts + MINUTE_NS + SETTLED_NS:
                self._looked = ts
                for k in range(len(self._minutes.lines)):
                    await self._look(k, ts)

    async def _look(self, k: int, ts: int) -> None:
        try:
            bar = await self._history.final(k, ts)
        except GatewayError:  # the next minute is looked at anyway
            return
        found = None if bar is None else self._stream.aggregators[k].held_against(ts, bar)
        if found is not None:
            self._tell(k, found)

    def _tell(self, k: int, found: Difference) -> None:
        line, bar = self._minutes.lines[k], found.final
        symbol = line.data.symbol
        self._note(BarClosed(symbol, line.contract, found.ts, 60, *bar))
        was = ", ".join(price_words(price) for price in found.decided[:4])
        now = ", ".join(price_words(price) for price in bar[:4])
        count = self._stream.aggregators[k].counts.corrected
        text = f"{symbol}: a minute was decided on {was}, the venue has {now}; {count} so far"
        self._note(Alarm("bar_differs", text))
        self._minutes.corrected(k, found.ts, bar)
