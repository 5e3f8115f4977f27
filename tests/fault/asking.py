"""When `pulse`, the strategy of most rows, asks: at each close, unless one of these is set."""

from typing import Final

ASKS_ONCE: Final = "strategies.pulse.last=930"  # at the close of 09:30 alone
ASKS_NEVER: Final = "strategies.pulse.first=1400"  # before any row is over
