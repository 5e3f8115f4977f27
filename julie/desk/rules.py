"""The record a run begins with: account, limits, strategies and instruments as struct rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from julie.core.instruments import Instrument
from julie.core.money import cents
from julie.core.record import STRATEGY, DeskRecord, new_record
from julie.core.sessions import minute_since_open
from julie.core.venue_times import eastern_clock
from julie.defense.chain import Chain
from julie.desk.config import ManagementSection
from julie.execution.config import ExecutionSection
from julie.risk.config import AccountSection, RiskSection
from julie.risk.rules import (
    fee_rows,
    instrument_rows,
    rules_row,
    scaling_rows,
    set_account,
    set_risk,
)
from julie.strategies.base import Strategy
from julie.strategies.config import StrategySection

SECOND_NS = 1_000_000_000
NEWS_HOUR = 60.0  # minutes before a news window in which positions stay small


def _set_judges(rules: Any, chain: Chain) -> None:
    """The numbers of the three judges of our own record."""
    if "circuit_breaker" in chain.names:
        breaker = chain.params("circuit_breaker").model_dump()
        rules["breaker"] = chain.binds("circuit_breaker")
        rules["day_loss"] = cents(breaker["day_loss_usd"])
        rules["day_loss_share"] = breaker["day_loss_pct"] / 100
        rules["streak_strategy"] = breaker["strategy_losses"]
        rules["streak_account"] = breaker["account_losses"]
        rules["trailing_used"] = breaker["trailing_used_pct"] / 100
    if "directional_loss" in chain.names:
        pause = chain.params("directional_loss").model_dump()
        rules["pause_losses"] = pause["pause_losses"]
        rules["pause_ns"] = int(pause["pause_min"] * 60) * SECOND_NS
        rules["off_losses"] = pause["off_losses"]
    window = chain.params("news").model_dump()["before_min"] if chain.binds("news") else 0.0
    rules["news_hour"] = NEWS_HOUR + window


def _set_times(rules: Any, management: ManagementSection, venue_times: bool) -> None:
    if venue_times:
        times = management.times
        rules["last_entry"] = minute_since_open(eastern_clock(times.last_entry))
        rules["flat"] = minute_since_open(eastern_clock(times.flat))
        rules["early_last_entry"] = times.early_last_entry_min
        rules["early_flat"] = times.early_flat_min


def _set_management(rules: Any, management: ManagementSection) -> None:
    even, trail = management.break_even, management.trail
    rules["break_even_r"] = even.r if even.after == "r" else 0.0
    rules["break_even_after_first"] = even.after == "first_target"
    rules["trail"] = ("none", "atr", "swing").index(trail.by)
    rules["trail_atr"] = trail.atr
    rules["trail_swing_ticks"] = trail.swing_ticks
    rules["tighten_wins"] = management.tighten.after_wins
    rules["tighten_share"] = management.tighten.share
    rules["time_stop"] = management.time_stop_bars
    rules["off_flatten"] = management.on_strategy_off == "flatten"
    rules["flatten_on_limit"] = management.on_limit == "flatten"


def strategy_rows(strategies: Sequence[Strategy], sections: Sequence[StrategySection]) -> Any:
    """What the desk must know of each strategy; `exits` counts those that have an exit rule."""
    rows = np.zeros(len(strategies), STRATEGY)
    rows["exits"] = -1
    rows["off_day"] = rows["refused_day"] = -1
    by_name = sorted(range(len(strategies)), key=lambda place: strategies[place].name)
    exits = 0
    for place, (one, section, row) in enumerate(zip(strategies, sections, rows, strict=True)):
        row["cooldown"] = section.cooldown
        row["once_a_day"] = section.once_a_day
        row["session_trades"] = section.max_trades_per_session
        row["fixed"] = section.sizing == "fixed"
        row["contracts"] = section.contracts
        row["cents_at_risk"] = cents(section.usd_at_risk)
        row["rank"] = by_name.index(place)
        if one.exits is not None:
            row["exits"] = exits
            exits += 1
    return rows


def first_record(
    traded: Sequence[Instrument],
    strategies: Sequence[Strategy],
    sections: Sequence[StrategySection],
    chain: Chain,
    account: AccountSection,
    risk: RiskSection,
    management: ManagementSection,
    execution: ExecutionSection,
    restart: bool,
    room: int,
) -> DeskRecord:
    """A fresh desk record, with room for `room` closed legs."""
    rules = rules_row()
    set_account(rules[0], account, restart)
    set_risk(rules[0], risk)
    _set_judges(rules[0], chain)
    _set_times(rules[0], management, account.rules.venue_times)
    _set_management(rules[0], management)
    rules[0]["signal_age_ns"] = execution.max_signal_age_s * SECOND_NS
    rules[0]["slippage"] = execution.slippage_ticks
    return new_record(
        rules,
        instrument_rows(traded),
        strategy_rows(strategies, sections),
        fee_rows(traded),
        scaling_rows(account),
        cents(account.start),
        cents(account.best_close),
        room,
    )
