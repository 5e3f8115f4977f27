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
