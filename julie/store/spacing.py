"""The length of a bar, read from the times themselves: the spacing that occurs most often."""

from typing import Final

import numpy as np

from julie.core.errors import DataError
from julie.core.zones import SECOND_NS
from julie.store.rows import Ints

BASES: Final = (1, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400)
_DAY: Final = 86_400


def modal_spacing(ts: Ints) -> int:
    """Seconds between neighbours that occur most often; 0 for fewer than two distinct times."""
    steps = np.diff(ts if bool(np.all(np.diff(ts) >= 0)) else np.sort(ts))
    steps = steps[steps > 0] // SECOND_NS
    if len(steps) == 0:
        return 0
    return int(np.bincount(np.minimum(steps, _DAY)).argmax())


def base_of(ts: Ints, source: str) -> int:
    """The bar length of a file; refuses what no strategy here can be run on."""
    base = modal_spacing(ts)
    if base in BASES:
        return base
    if base == 0:
        raise DataError(
            f"{source}: {len(ts)} row{'s' * (len(ts) != 1)}: too few to tell the bar length",
            "give a file with at least two bars",
        )
    if base >= _DAY:
        raise DataError(
            f"{source}: the bars are a day or longer",
            "give intraday bars, best of 1 minute",
        )
    known = ", ".join(f"{b}" for b in BASES)
    raise DataError(
        f"{source}: most bars are {base} s apart, which is no bar length used here",
        f"give bars of {known} seconds",
    )


def base_name(base_s: int) -> str:
    """1m, 5m, 15m, 1h or 30s."""
    if base_s % 3600 == 0:
        return f"{base_s // 3600}h"
    return f"{base_s // 60}m" if base_s % 60 == 0 else f"{base_s}s"
