"""How long to wait before trying again: doubling, capped, and never in step with others."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Backoff:
    """Tries of a read, and the pauses between them."""

    tries: int = 4
    first_s: float = 0.25
    cap_s: float = 30.0

    def pause_s(self, tried: int, chance: np.random.Generator) -> float:
        """Seconds before the next try, half to whole of the doubled pause."""
        whole = min(self.cap_s, self.first_s * 2.0 ** (tried - 1))
        return whole * float(chance.uniform(0.5, 1.0))
