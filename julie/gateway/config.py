"""Section `gateway`: how the market is heard, and when silence is a fault."""

from typing import Literal

from pydantic import Field, model_validator

from julie.core.section import ClockTime, Section, key


class FreshnessSection(Section):
    """Silence of the market's stream, against the exchange's calendar."""

    liquid_from: ClockTime = key("08:00", "from here the market is never silent for long", "ET")
    liquid_to: ClockTime = key("16:00", "until here", "ET")
    stale_s: float = key(5, "then no entries", "s", gt=0)
    rebuild_s: float = key(15, "then a new connection", "s", gt=0)
    thin_stale_s: float = key(30, "the same outside these hours", "s", gt=0)
    thin_rebuild_s: float = key(90, "and this too", "s", gt=0)
    opening_s: float = key(60, "after the open of a trading day silence is no fault", "s", ge=0)
    rebuild_gap_s: float = key(300, "between two new connections for silence", "s", ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> "FreshnessSection":
        if self.stale_s > self.rebuild_s or self.thin_stale_s > self.thin_rebuild_s:
            raise ValueError("a stream is stale before it is rebuilt: stale_s <= rebuild_s")
        if self.liquid_from >= self.liquid_to:
            raise ValueError("liquid_from lies before liquid_to")
        return self


class GatewaySection(Section):
    """The venue's client."""

    feed: Literal["hub", "poll"] = key(
        "hub", "the market by its stream, or where streams are blocked by bars each few seconds"
    )
    poll_s: float = key(10, "between two readings of bars for `feed: poll`", "s", ge=5)
    user_check_s: float = key(30, "between two readings of orders, trades and account", "s", ge=5)
    bad_tick_atr: float = key(10, "a print this far from the last waits for another", "ATR", gt=0)
    bad_tick_pct: float = key(0.2, "and at least so far", "%", gt=0)
    freshness: FreshnessSection = Field(
        FreshnessSection(), description="silence of the market's stream"
    )
