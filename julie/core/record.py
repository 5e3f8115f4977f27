"""The desk's own record: what it knows of its account, its trades and its open plans.

Struct arrays rather than objects, because the desk's rules are compiled and shared by batch and
live. Money is in whole cents, prices in whole ticks, times in ns UTC, days since 1970. A judge of
our own record reads these fields and nothing else; only the desk writes them.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[Any]

BREACH_RING = 64  # breached accounts whose day is remembered
RATE_RING = 32  # entries remembered for the entries-a-minute rule
LEGS = 2

ACCOUNT = np.dtype(
    [
        ("balance", "i8"),
        ("start", "i8"),
        ("day_start", "i8"),  # balance at the trading day's open
        ("high_eod", "i8"),  # highest end-of-day balance
        ("open_pnl", "i8"),  # of all positions at the adverse quote, cost of exit taken off
        (
            "equity",
            "i8",
        ),  # balance + open_pnl; this and the next five are measured by risk after every change
        ("floor", "i8"),  # trailing floor
        ("day_net", "i8"),
        ("day_limit", "i8"),  # our own, nearer of sum and share
        ("cap", "i8"),  # mini-equivalents allowed, x 10
        ("used", "i8"),  # held or reserved, x 10
        ("day", "i4"),
        ("streak", "i4"),  # losses running
        ("wins", "i4"),  # wins running, for tighten_after_wins
        ("entries", "i4"),  # of the day
        ("breaker", "i4"),  # Reason that fired today, 0 = none
        ("halted", "i1"),  # maximum loss touched
        ("stopped", "i1"),  # the venue's daily loss limit was hit today
        ("breaches", "i4"),
        ("breach_day", "i4", (BREACH_RING,)),
        ("breach_why", "i4", (BREACH_RING,)),  # Reason
        ("plans", "i8"),  # plans filled so far: the next trade_id
        ("legs", "i8"),  # rows of the trade buffer in use
        ("entry_ns", "i8", (RATE_RING,)),
        ("ring", "i4"),
    ],
    align=True,
)

RULES = np.dtype(
    [
        # account profile; 0 = the account has no such rule
        ("mll", "i8"),
        ("mll_from", "i8"),  # balance at which such an account starts
        ("mll_lock", "i8"),  # balance at which the floor stops rising
        ("dll", "i8"),
        ("cap_tenths", "i8"),  # mini-equivalents x 10
        ("restart", "i1"),  # a breached account begins anew the next day
        ("one_side", "i1"),  # correlated products in one net direction
        # our own breaker
        ("breaker", "i1"),  # it binds; else it is only observed, or off
        ("day_loss", "i8"),
        ("day_loss_share", "f8"),
        ("streak_strategy", "i4"),
        ("streak_account", "i4"),
        ("trailing_used", "f8"),
        ("flatten_on_limit", "i1"),
        # direction pause
        ("pause_losses", "i4"),
        ("pause_ns", "i8"),
        ("off_losses", "i4"),
        # size
        ("per_trade", "f8"),
        ("nominal", "i8"),  # what an account that starts at zero is worth besides its balance
        ("max_risk", "i8"),
        ("max_micro", "i4"),
        ("max_mini", "i4"),
        ("max_positions", "i4"),
        ("scale_keep", "i1"),
        # gate
        ("entries_a_day", "i4"),
        ("entries_a_minute", "i4"),
        ("duplicate_ns", "i8"),
        ("collar_share", "f8"),
        ("collar_atr", "f8"),
        ("least_stop", "i4"),
        ("most_stop_pts", "f8"),  # x unit_pts
        ("most_news_share", "f8"),  # share of the position cap in the hour before news
        ("news_hour", "f8"),  # minutes to the event from which that holds
        ("min_net", "i8"),  # least target after cost
        # times, minutes since 18:00 ET; 0 = the account has no such time
        ("last_entry", "i4"),
        ("flat", "i4"),
        ("early_last_entry", "i4"),  # minutes before an early close
        ("early_flat", "i4"),
        ("flat_by_roll", "i1"),
        ("signal_age_ns", "i8"),
        # management
        ("break_even_r", "f8"),  # 0 = off
        ("break_even_after_first", "i1"),
        ("trail", "i1"),  # 0 none, 1 ATR, 2 swing
        ("trail_atr", "f8"),
        ("trail_swing_ticks", "i4"),
        ("tighten_wins", "i4"),
        ("tighten_share", "f8"),
        ("time_stop", "i4"),
        ("off_flatten", "i1"),  # a strategy switched off flattens
        ("slippage", "i4"),
        ("fills", "i1"),  # fill rules: 0 the house's own, else a variant of execution.matching
    ],
    align=True,
)

INSTRUMENT = np.dtype(
    [
        ("tick_value", "i8"),
        ("fee", "i8"),  # one side, today
        ("tick", "f8"),
        ("unit", "f8"),
        ("tenths", "i4"),  # weight of one contract x 10
        ("group", "i4"),
        ("margin", "i8"),
        ("micro", "i1"),
        ("streak", "i4", (2,)),  # losses running, long and short
        ("paused_until", "i8", (2,)),
        ("off_part", "i8", (2,)),  # day x 8 + session in which the side is off
        ("last_entry_ns", "i8", (2,)),
    ],
    align=True,
)

STRATEGY = np.dtype(
    [
        ("cooldown", "i4"),
        ("once_a_day", "i1"),
        ("session_trades", "i4"),  # 0 = no cap
        ("fixed", "i1"),
        ("contracts", "i4"),
        ("cents_at_risk", "i8"),  # own risk budget, 0 = the account's share
        ("rank", "i4"),  # place in the alphabet, the last tie-breaker
        ("exits", "i4"),  # row of the exits masks, -1 = none
        ("streak", "i4"),
        ("off_day", "i4"),
        ("refused", "i4"),  # entries that the venue refused, running
        ("refused_day", "i4"),  # off for this day because of them
    ],
    align=True,
)

PAIR = np.dtype(
    [
        ("last_row", "i8"),  # row of our last entry
        ("entry_day", "i4", (2,)),
        ("part", "i8"),  # day x 8 + session of the trade count
        ("trades", "i4"),
    ],
    align=True,
)

PLAN = np.dtype(
    [
        ("state", "i1"),  # 0 none, 1 entry working, 2 open
        ("candidate", "i8"),
        ("strategy", "i4"),
        ("side", "i1"),
        ("mode", "i1"),
        ("entry_kind", "i1"),
        ("legs", "i4"),
        ("qty", "i4", (LEGS,)),
        ("held", "i4", (LEGS,)),
        ("entered", "i4", (LEGS,)),  # contracts filled so far
        ("basis", "i8", (LEGS,)),  # sum of qty x tick of what is held
        ("paid", "i8", (LEGS,)),  # entry fees of what is held
        ("slips", "i8", (LEGS,)),  # ticks x contracts lost at the entry of what is held
        ("row", "i8", (LEGS,)),  # 1 + row of the trade that is being written, 0 = none
        ("sl", "i8"),
        ("tp", "i8", (LEGS,)),
        ("limit", "i8"),
        ("decided_ns", "i8"),
        ("decided_row", "i8"),
        ("expires_row", "i8"),
        ("on_expiry", "i1"),
        ("day", "i4"),
        ("session", "i1"),
        ("trade_id", "i8"),
        ("entry_tick", "i8"),  # of the first fill
        ("leg_tick", "i8", (LEGS,)),  # of the first fill of each leg
        ("entry_ns", "i8"),
        ("entry_row", "i8"),
        ("stop", "i8"),
        ("stop_reason", "i1"),
        ("closing", "i1"),  # 1 + ExitReason once a market exit is on its way
        ("worst", "i8", (LEGS,)),
        ("best", "i8", (LEGS,)),
        ("net", "i8"),
        ("taken", "i1"),  # first target taken
        ("ended", "i1"),  # all was closed once, and counted as won or lost
    ],
    align=True,
)

TRADE = np.dtype(
    [
        ("trade_id", "i8"),
        ("leg", "i4"),
        ("candidate", "i8"),
        ("instrument", "i4"),
        ("strategy", "i4"),
        ("side", "i1"),
        ("mode", "i1"),
        ("qty", "i4"),
        ("decided_ns", "i8"),
        ("entry_kind", "i1"),
        ("entry_ns", "i8"),
        ("entry_row", "i8"),
        ("entry_tick", "i8"),  # of the first fill
        ("basis", "i8"),  # sum of qty x tick of the entries
        ("exit_ns", "i8"),
        ("exit_row", "i8"),
        ("exit_tick", "i8"),  # of the last fill
        ("out", "i8"),  # sum of qty x tick of the exits
        ("exit_reason", "i1"),
        ("stop_tick", "i8"),
        ("target_tick", "i8"),
        ("stop_at_exit", "i8"),
        ("slips", "i8"),  # ticks x contracts lost at entry and exit
        ("gross", "i8"),
        ("fees", "i8"),
        ("mae", "i8"),
        ("mfe", "i8"),
        ("session", "i1"),
        ("tie", "i1"),
    ],
    align=True,
)


class DeskRecord(NamedTuple):
    """All the desk knows of itself."""

    account: Rows  # one row
    rules: Rows  # one row
    instruments: Rows
    strategies: Rows
    pairs: Rows  # strategies x instruments
    plans: Rows  # one an instrument
    trades: Rows  # buffer of closed legs
    fees: Rows  # int64 instruments x steps x (day, cents)
    scaling: Rows  # int64 steps x (balance, tenths); empty = none


def new_record(
    rules: Rows,
    instruments: Rows,
    strategies: Rows,
    fees: Rows,
    scaling: Rows,
    start_cents: int,
    best_close_cents: int,
    room: int,
) -> DeskRecord:
    """A fresh record of an account with `start_cents`, with room for `room` closed legs."""
    account = np.zeros(1, ACCOUNT)
    for name in ("balance", "start", "day_start"):
        account[name] = start_cents
    account["high_eod"] = best_close_cents
    pairs = np.zeros((len(strategies), len(instruments)), PAIR)
    pairs["last_row"] = -(1 << 40)
    plans = np.zeros(len(instruments), PLAN)
    return DeskRecord(
        account,
        rules,
        instruments.copy(),
        strategies.copy(),
        pairs,
        plans,
        np.zeros(room, TRADE),
        fees,
        scaling,
    )
