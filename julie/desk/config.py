"""Section `management`: what the desk does with an open position, at bar closes only."""

from typing import Literal

from pydantic import Field, model_validator

from julie.core.section import ClockTime, Section, key


class BreakEven(Section):
    """When the stop goes to the entry."""

    after: Literal["off", "first_target", "r"] = key(
        "off", "never, once the first target was taken, or at so many R"
    )
    r: float = key(1.0, "for `after: r`: open profit over the first risk", "R", gt=0)


class Trail(Section):
    """How the stop follows."""

    by: Literal["none", "atr", "swing"] = key("none", "behind the close by ATR, or behind swings")
    atr: float = key(2.0, "distance of the ATR trail", "ATR(14)", gt=0)
    swing_ticks: int = key(1, "distance behind the last swing", "ticks", ge=0)


class Tighten(Section):
    """A nearer stop after a run of wins."""

    after_wins: int = key(0, "wins running; 0 = off", "trades", ge=0)
    share: float = key(0.75, "of the planned stop distance that is left", "x", gt=0, le=1)


class Times(Section):
    """The venue's day; Chicago time."""

    last_entry: ClockTime = key("15:00", "no entries from here on", "CT")
    flat: ClockTime = key("15:05", "cancel and flatten", "CT")
    early_last_entry_min: int = key(20, "no entries so long before an early close", "min", ge=0)
    early_flat_min: int = key(15, "flat so long before an early close", "min", ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> "Times":
        if self.last_entry > self.flat:
            raise ValueError(f"last_entry {self.last_entry} lies after flat {self.flat}")
        if self.early_last_entry_min < self.early_flat_min:
            raise ValueError(
                f"early_last_entry_min {self.early_last_entry_min} lies after early_flat_min "
                f"{self.early_flat_min}"
            )
        return self


class ManagementSection(Section):
    """Open positions."""

    break_even: BreakEven = Field(BreakEven(), description="stop to the entry")
    trail: Trail = Field(Trail(), description="stop that follows")
    tighten: Tighten = Field(Tighten(), description="nearer stop after wins")
    time_stop_bars: int = key(0, "close after so many bars; 0 = never", "base bars", ge=0)
    on_strategy_off: Literal["keep", "flatten"] = key(
        "keep", "positions of a strategy that is switched off"
    )
    on_limit: Literal["keep", "flatten"] = key(
        "keep", "open positions when the circuit breaker fires; their stops stand"
    )
    times: Times = Field(Times(), description="the venue's last entry and flat times")
