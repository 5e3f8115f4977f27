"""How long to wait before trying again: doubling, capped, and never in step with others."""

from dataclasses import dataclass
from typing import Final

import numpy as np

DOUBLINGS: Final = 64  # an outage may last a night: more of them no number holds


def doubled(first_s: float, times: int, cap_s: float) -> float:
    """A time doubled so many times, and capped."""
    return float(min(cap_s, first_s * 2.0 ** min(times, DOUBLINGS)))


@dataclass(frozen=True, slots=True)
class Backoff:
    """Tries of a read, and the pauses between them."""

    tries: int = 4
    first_s: float = 0.25
    cap_s: float = 30.0

    def pause_s(self, tried: int, chance: np.random.Generator) -> float:
        """Seconds before the next try, half to whole of the doubled pause."""
        whole = doubled(self.first_s, tried - 1, self.cap_s)
        return whole * float(chance.uniform(0.5, 1.0))
