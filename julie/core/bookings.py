"""What is booked beside the messages of the market: closed trades, equity, settings, trading days.

Names and units are those of the trade list: times in ns UTC, prices in points on the grid, money in
dollars, NaN or None = not applicable. Only the record of a day is opaque: the desk reads it back.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TradeClosed:
    """One closed leg, as a row of the trade list."""

    trade_id: int
    leg: int
    strategy: str
    group: str
    style: str
    mode: str
    instrument: str
    contract: str
    side: int
    qty: int
    decided_ts: int
    entry_kind: str
    entry_ts: int
    entry_price: float
    exit_ts: int
    exit_price: float
    exit_reason: str
    stop_price: float
    target_price: float
    stop_at_exit: float
    slippage_ticks: float
    slippage: float
    gross: float
    fees: float
    net: float
    mae: float
    mfe: float
    bars: int
    session: str
    bucket: str
    vol_regime: str | None
    hmm_state: str | None
    candidate_id: int
    tie: bool


@dataclass(frozen=True, slots=True)
class EquityMarked:
    """The account at a mark, in whole cents."""

    balance_cents: int
    open_cents: int
    floor_cents: int


@dataclass(frozen=True, slots=True)
class ConfigTaken:
    """The settings a run stands on, from this line on."""

    hash: str
    text: str


@dataclass(frozen=True, slots=True)
class DayClosed:
    """The end of a trading day, with all the desk must remember on the next one."""

    day: int  # days since 1970-01-01
    balance_cents: int
    net_cents: int
    trades: int
    layout: str  # names the layout of `record`, so that another one is never misread
    record: bytes
