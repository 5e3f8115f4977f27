"""The desk's constants as one struct row, from the sections of the configuration."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from julie.core.instruments import Instrument
from julie.core.money import cents
from julie.core.record import INSTRUMENT, RULES, Rows
from julie.risk.config import AccountSection, RiskSection

TENTHS = 10


def rules_row() -> Rows:
    """One blank row: no rule, no limit."""
    return np.zeros(1, RULES)


def set_account(rules: Any, account: AccountSection, restart: bool) -> None:
    """What the venue allows."""
    profile = account.rules
    rules["mll"] = cents(profile.maximum_loss)
    rules["mll_from"] = cents(profile.start)
    rules["mll_lock"] = cents(profile.floor_stops_at)
    rules["dll"] = cents(profile.daily_loss)
    rules["cap_tenths"] = round(profile.max_minis * TENTHS)
    rules["one_side"] = profile.one_direction
    rules["restart"] = restart
    rules["flat_by_roll"] = True
    rules["nominal"] = cents(profile.size_base) if profile.start == 0 else 0


def set_risk(rules: Any, risk: RiskSection) -> None:
    """Size and gate."""
    rules["per_trade"] = risk.per_trade_pct / 100
    rules["max_risk"] = cents(risk.caps.loss_per_trade)
    rules["max_micro"] = risk.caps.micro_contracts
    rules["max_mini"] = risk.caps.mini_contracts
    rules["max_positions"] = risk.caps.open_positions
    rules["scale_keep"] = risk.scale_floor == "keep"
    rules["min_net"] = cents(risk.sltp_min.min_net_profit)
    gate = risk.gate
    rules["entries_a_day"] = gate.entries_a_day
    rules["entries_a_minute"] = gate.entries_a_minute
    rules["duplicate_ns"] = gate.duplicate_s * 1_000_000_000
    rules["collar_share"] = gate.collar_pct / 100
    rules["collar_atr"] = gate.collar_atr
    rules["least_stop"] = gate.stop_ticks_low
    rules["most_stop_pts"] = gate.stop_pts_high
    rules["most_news_share"] = gate.news_cap_share


def scaling_rows(account: AccountSection) -> Rows:
    """The scaling plan as rows of (profit in cents, tenths of a mini)."""
    steps = [(cents(s.from_profit), round(s.minis * TENTHS)) for s in account.rules.scaling]
    return np.array(steps, np.int64).reshape(-1, 2)


def instrument_rows(traded: Sequence[Instrument]) -> Rows:
    """The traded instruments as struct rows."""
    groups = sorted({one.group or one.symbol for one in traded})
    rows = np.zeros(len(traded), INSTRUMENT)
    for row, one in zip(rows, traded, strict=True):
        row["tick_value"] = one.tick_value_cents
        row["tick"] = one.tick
        row["unit"] = one.unit_pts or 1.0
        row["tenths"] = round(one.weight * TENTHS)
        row["group"] = groups.index(one.group or one.symbol)
        row["margin"] = one.day_margin_cents
        row["micro"] = one.weight < 1.0
    return rows


def fee_rows(traded: Sequence[Instrument]) -> Rows:
    """Fees of one side by date: instruments x steps x (days since 1970, cents)."""
    steps = max(len(one.fees) for one in traded)
    rows = np.zeros((len(traded), steps, 2), np.int64)
    epoch = np.datetime64("1970-01-01")
    for k, one in enumerate(traded):
        for f in range(steps):
            fee = one.fees[min(f, len(one.fees) - 1)]
            rows[k, f] = ((np.datetime64(fee.valid_from) - epoch).astype(int), fee.side_cents)
    return rows
