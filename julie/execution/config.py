"""Section `execution`: what a fill costs, and how long a decision stays good."""

from typing import Literal

from julie.core.section import Section, key


class ExecutionSection(Section):
    """Cost and life of an order."""

    slippage_ticks: int = key(1, "lost by every market and stop order", "ticks", ge=0, le=20)
    fees: Literal["venue", "venue_2025", "flat_050"] = key(
        "venue", "fee table: today's, the one of 2025, or 0.50 USD a side for everything"
    )
    max_signal_age_s: int = key(90, "an older decision is not sent", "s of exchange time", gt=0)
    most_contracts: int = key(50, "no entry is larger, whatever sized it", "contracts", gt=0)
    entries_a_minute: int = key(6, "the last throttle before the venue", ge=1, le=60)
    entries_a_day: int = key(30, "the same; one more halts the desk", ge=1, le=500)
    unknown_position: Literal["adopt", "flatten", "leave"] = key(
        "adopt", "a position that is not ours: protect it with a stop, close it, or only tell"
    )
    adopted_stop_ticks: int = key(40, "the stop of such a position from its price", "ticks", ge=4)
    reconcile_s: int = key(30, "between comparisons with the venue", "s", ge=5, le=300)
