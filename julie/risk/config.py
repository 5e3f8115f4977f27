"""Sections `account` and `risk`: what the venue allows, and what a trade of ours may cost."""

from datetime import date
from typing import Final, Literal

from pydantic import Field, model_validator

from julie.core.section import Section, key

VERIFIED: Final = date(2026, 9, 23)


class ScalingStep(Section):
    """One line of a scaling plan."""

    from_profit: float = key(0.0, "holds from this balance above the start", "USD")
    minis: float = key(0.0, "contracts allowed, in mini-equivalents", "minis", ge=0)


class Profile(Section):
    """The rules of one kind of account; 0 = it has no such rule."""

    start: float = key(50_000.0, "balance at the start", "USD", ge=0)
    size_base: float = key(
        50_000.0, "money that risk per trade is a share of, at least", "USD", gt=0
    )
    maximum_loss: float = key(
        0.0, "distance of the trailing floor under the best close", "USD", ge=0
    )
    floor_stops_at: float = key(0.0, "balance at which the floor stops rising", "USD", ge=0)
    daily_loss: float = key(0.0, "daily loss limit, where the account carries one", "USD", ge=0)
    max_minis: float = key(0.0, "position cap over all products", "minis", ge=0)
    scaling: tuple[ScalingStep, ...] = Field((), description="position cap by yesterday's balance")
    venue_times: bool = key(True, "whether the venue's last entry and flat times bind")
    one_direction: bool = key(True, "one net direction in a group of correlated products")
    verified_on: date = key(VERIFIED, "when these numbers were last read at the venue")


def _combine(start: float, distance: float, daily: float, minis: float) -> Profile:
    return Profile(
        start=start,
        size_base=start,
        maximum_loss=distance,
        floor_stops_at=start,
        daily_loss=daily,
        max_minis=minis,
    )


def _express(size: float, distance: float, daily: float, minis: tuple[float, ...]) -> Profile:
    edges = (0.0, 1_500.0, 2_000.0, 3_000.0, 4_500.0)
    steps = zip(edges, minis, strict=True)
    return Profile(
        start=0.0,
        size_base=size,
        maximum_loss=distance,
        floor_stops_at=0.0,
        daily_loss=daily,
        max_minis=max(minis),
        scaling=tuple(ScalingStep(from_profit=edge, minis=cap) for edge, cap in steps),
    )


PROFILES: Final[dict[str, Profile]] = {
    "topstepx_50k": _combine(50_000, 2_000, 1_000, 5),
    "topstepx_100k": _combine(100_000, 3_000, 2_000, 10),
    "topstepx_150k": _combine(150_000, 4_500, 3_000, 15),
    "express_50k": _express(50_000, 2_000, 1_000, (2, 3, 5, 5, 5)),
    "express_100k": _express(100_000, 3_000, 2_000, (3, 4, 5, 10, 10)),
    "express_150k": _express(150_000, 4_500, 3_000, (3, 4, 5, 10, 15)),
    "plain": Profile(venue_times=False, one_direction=False),
}


class AccountSection(Section):
    """Which account is traded and what its venue allows."""

    profile: str = key("topstepx_50k", "one of the profiles below; plain = no venue limits")
    balance: float | None = key(None, "balance to begin with; null = the profile's", "USD", gt=0)
    daily_loss_bought: bool = key(True, "whether the account carries the daily loss limit")
    payout_taken: bool = key(False, "Express: after the first payout the floor is 0")
    profiles: dict[str, Profile] = Field(
        PROFILES, description="the rules by profile; change them when the venue does"
    )

    @model_validator(mode="after")
    def _known(self) -> "AccountSection":
        if self.profile not in self.profiles:
            raise ValueError(f"profile {self.profile!r} is none of {', '.join(self.profiles)}")
        return self

    @property
    def rules(self) -> Profile:
        """The rules of the chosen profile, as this account carries them."""
        rules = self.profiles[self.profile]
        return rules if self.daily_loss_bought else rules.model_copy(update={"daily_loss": 0.0})

    @property
    def start(self) -> float:
        """Balance to begin with, in USD."""
        return self.rules.start if self.balance is None else self.balance

    @property
    def best_close(self) -> float:
        """Highest end-of-day balance to begin with: after a payout the floor has stopped rising."""
        return self.start + (self.rules.maximum_loss if self.payout_taken else 0.0)


class Distances(Section):
    """A stop and a target."""

    stop: float = key(0.0, "stop distance", "points x unit_pts", gt=0)
    target: float = key(0.0, "target distance", "points x unit_pts", gt=0)


class Framework(Section):
    """The fixed brackets, chosen by session, volatility and impulse."""

    asia_smooth: Distances = Field(
        Distances(stop=1.75, target=2.00), description="ASIA while volatility is not high"
    )
    normal_trend: Distances = Field(Distances(stop=2.25, target=2.75), description="all else")
    impulse: Distances = Field(
        Distances(stop=3.00, target=4.50),
        description="high volatility, or within 5 bars of a displacement",
    )


class DynamicBrackets(Section):
    """Dynamic brackets: the root values that hold without a calibrated table."""

    root_stop: float = key(1.5, "stop without a table", "session ATR", ge=0.2, le=20)
    root_target: float = key(2.0, "target without a table", "session ATR", ge=0.2, le=20)


class Floors(Section):
    """The nearest a stop and a target may lie."""

    points: float = key(1.5, "least stop and target", "points x unit_pts", ge=0)
    ticks: int = key(4, "least stop and target, the venue's own", "ticks", ge=1)
    min_net_profit: float = key(0.0, "least target after cost; 0 = not enforced", "USD", ge=0)


class Need(Section):
    """Room that a style needs, as a share of its target."""

    trend: float = key(0.8, "room of a trend entry", "x target", ge=0)
    breakout: float = key(0.0, "room of a breakout", "x target", ge=0)
    reversion: float = key(1.0, "room of a reversion", "x target", ge=0)
    sweep: float = key(1.0, "room of a sweep", "x target", ge=0)
    rescue: float = key(0.8, "room of a rescued entry", "x target", ge=0)
    model: float = key(0.8, "room of a model's entry", "x target", ge=0)


class Viability(Section):
    """Whether the market moves enough, and has the room, for the target."""

    atr_floor: float = key(0.6, "least ATR(14), against the same session's median", "x", ge=0)
    lookback_days: int = key(5, "days of that median", "days", ge=1, le=60)
    asia_factor: float = key(0.7, "share of the room asked for that is enough in ASIA", "x", ge=0)
    level_ticks: int = key(1, "a level this near the target is not in its way", "ticks", ge=0)
    need: Need = Field(Need(), description="room asked for by style")


class Caps(Section):
    """The most of anything; 0 = no such cap."""

    micro_contracts: int = key(50, "contracts of a micro in one entry", "contracts", ge=0)
    mini_contracts: int = key(10, "contracts of a mini in one entry", "contracts", ge=0)
    loss_per_trade: float = key(500.0, "loss to the stop, cost included", "USD", ge=0)
    per_trade_pct_low: float = key(0.1, "least allowed per_trade_pct", "% of balance", ge=0)
    per_trade_pct_high: float = key(0.5, "most allowed per_trade_pct", "% of balance", gt=0)
    open_positions: int = key(4, "positions and working entries at once", "positions", ge=0)


class Gate(Section):
    """The pre-trade gate, the last look before an entry is approved; 0 = not asked."""

    collar_pct: float = key(
        0.5, "entry, stop, target may lie so far from the last price", "%", ge=0
    )
    collar_atr: float = key(8.0, "or so far, whichever is more", "ATR(14)", ge=0)
    stop_ticks_low: int = key(4, "least stop distance", "ticks", ge=1)
    stop_pts_high: float = key(50.0, "most stop distance", "points x unit_pts", ge=0)
    entries_a_minute: int = key(6, "entries in any minute", "entries", ge=0, le=32)
    entries_a_day: int = key(
        30, "entries in a trading day; the venue's conduct rule", "entries", ge=0
    )
    duplicate_s: int = key(
        30, "a second entry of one side within this time is a duplicate", "s", ge=0
    )
    news_cap_share: float = key(0.5, "share of the cap in the hour before news", "x", ge=0, le=1)


class RiskSection(Section):
    """Brackets, size and the gate."""

    brackets: Literal["dynamic", "fixed"] = key(
        "dynamic", "fixed turns dynamic brackets into those of the framework"
    )
    framework: Framework = Field(Framework(), description="the fixed brackets")
    dynamic: DynamicBrackets = Field(DynamicBrackets(), description="the bracket table")
    sltp_min: Floors = Field(Floors(), description="floors of stop and target")
    own_plus_max: float = key(
        3.0, "an own+ stop wider than this is refused", "x dynamic stop", gt=0
    )
    viability: Viability = Field(Viability(), description="movement and room")
    per_trade_pct: float = key(0.25, "loss to the stop of one trade", "% of balance", gt=0)
    scale_floor: Literal["keep", "deny"] = key(
        "keep", "what becomes of one contract when a factor would round it to none"
    )
    caps: Caps = Field(Caps(), description="upper limits")
    gate: Gate = Field(Gate(), description="the pre-trade gate")

    @model_validator(mode="after")
    def _agree(self) -> "RiskSection":
        low, high = self.caps.per_trade_pct_low, self.caps.per_trade_pct_high
        if not low <= self.per_trade_pct <= high:
            raise ValueError(
                f"per_trade_pct {self.per_trade_pct:g} contradicts caps.per_trade_pct_low {low:g} "
                f"and caps.per_trade_pct_high {high:g}"
            )
        if self.gate.stop_ticks_low < self.sltp_min.ticks:
            raise ValueError(
                f"gate.stop_ticks_low {self.gate.stop_ticks_low} contradicts sltp_min.ticks "
                f"{self.sltp_min.ticks}: the gate may not allow what the floors forbid"
            )
        return self
