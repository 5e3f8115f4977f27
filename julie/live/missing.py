"""A minute that was not heard: asked of the venue, which may be some seconds late with its bar."""

from typing import Final

from julie.core.clock import Clock, VirtualClock
from julie.core.timers import sleep
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.live.lines import History
from julie.live.minutes import FetchMinute
from julie.market.aggregator import MinuteBar
from julie.market.aggregator.minute import minute_of

AGAIN_S: Final = 2.0  # between two askings for a bar that is not there yet
YOUNG_NS: Final = 12 * SECOND_NS


def asked_again(history: History, clock: Clock) -> FetchMinute:
    """Asks for a minute until its bar is there, or it is too old to come."""

    async def missing(k: int, ts: int) -> MinuteBar | None:
        bar = await history.minute(k, ts, minute_of(clock.now_ns()))
        while bar is None and _young(clock, ts):  # the venue may be some seconds late with it
            history.forget(k, ts)
            await sleep(clock, AGAIN_S)
            bar = await history.minute(k, ts, minute_of(clock.now_ns()))
        return bar

    return missing


def _young(clock: Clock, ts: int) -> bool:
    """Whether a minute ended so short a time ago that its bar may still come; a market that waits
    for us has it at once.
    """
    runs = not isinstance(clock, VirtualClock)
    return runs and clock.now_ns() - (ts + MINUTE_NS) < YOUNG_NS
