"""What the bot is doing at this moment, as `logs/status.json` and the local socket show it.

The file is written whole or not at all, every half minute and at each change of state. Money is in
dollars, prices are in points, times are Eastern with their offset; null = not known. A reader
judges by `timestamp` how old it is: a bot that was killed cannot say so.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import msgspec

from julie.core.errors import DataError, JulieError
from julie.core.failpoints import failpoint
from julie.store.atomic import atomic, writable_folder

LOG: Final = logging.getLogger(__name__)
SCHEMA: Final = 1
EVERY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class HeldNow:
    """An open position."""

    symbol: str
    contract: str
    side: str  # LONG or SHORT
    quantity: int
    entry_price: float | None  # None = nobody knows what it was had for
    current_price: float | None = None
    unrealized_pnl: float | None = None
    unrealized_points: float | None = None
    stop_price: float | None = None
    target_price: float | None = None
    strategy: str = ""
    stop_known: bool = True  # else the venue was not read since, and may have more stops at work
    stop_quantity: int | None = None  # contracts that its working stops would close


@dataclass(frozen=True, slots=True)
class StrangeNow:
    """A position of the account that is not ours, and what is done with it."""

    contract: str
    side: str  # LONG or SHORT
    quantity: int
    average: float | None  # None = part of the contracts are ours
    fate: str


@dataclass(frozen=True, slots=True)
class AccountNow:
    """The account's money."""

    balance: float | None = None
    daily_pnl: float | None = None
    open_positions: int = 0
    margin_used: float | None = None
    available_margin: float | None = None


@dataclass(frozen=True, slots=True)
class TradingNow:
    """What is traded; `current_stage` is the profile of the account."""

    can_trade: bool = False
    current_stage: str = ""
    active_contract: str = ""
    current_position: HeldNow | None = None
    positions: tuple[HeldNow, ...] = ()
    not_ours: tuple[StrangeNow, ...] = ()


@dataclass(frozen=True, slots=True)
class PatternsNow:
    """What pattern units see on the first instrument; null as long as the portfolio has none."""

    order_blocks: int | None = None
    support_resistance: int | None = None
    trend: str | None = None


@dataclass(frozen=True, slots=True)
class LimitNow:
    """How much of a limit is used; `unit` is usd, minis or entries."""

    used: float
    limit: float
    unit: str

    @property
    def share(self) -> float:
        """The used part, 1 = all of it."""
        return self.used / self.limit if self.limit > 0 else 0.0


@dataclass(frozen=True, slots=True)
class LimitsNow:
    """The limits that stop a day or an entry; None = the account has no such limit."""

    daily: LimitNow | None = None
    trailing: LimitNow | None = None
    contracts: LimitNow | None = None
    entries: LimitNow | None = None


@dataclass(frozen=True, slots=True)
class HubsNow:
    """The streams: live, stale, connecting, down, or off where there is none."""

    market: str = "off"
    user: str = "off"


@dataclass(frozen=True, slots=True)
class Status:
    """One look at the bot."""

    timestamp: str
    is_alive: bool
    run: str
    mode: str  # sim, paper or live
    desk_state: str  # ACTIVE, REDUCING or HALTED
    reason: str
    account: AccountNow = field(default=AccountNow())
    trading: TradingNow = field(default=TradingNow())
    patterns_detected: PatternsNow = field(default=PatternsNow())
    data_age_s: float | None = None
    clock_skew_ms: float | None = None
    hubs: HubsNow = field(default=HubsNow())
    reconciled_ts: int | None = None
    limits: LimitsNow = field(default=LimitsNow())
    strategies: Mapping[str, str] = field(default_factory=dict)
    paused: str = ""  # why a person holds entries back; empty = nobody does
    changed: str = ""  # when the desk's state last changed
    message: str = ""  # the last line that was told to the operator
    session: str = ""
    pid: int = 0
    schema: int = SCHEMA


class StatusFile:
    """`logs/status.json` of a data folder; the bot alone writes it."""

    def __init__(self, data_dir: Path) -> None:
        self.path = status_path(data_dir)
        for left in writable_folder(self.path.parent).glob(f".{self.path.name}.*.part"):
            left.unlink(missing_ok=True)  # a bot was killed while it wrote

    def write(self, status: Status) -> None:
        """Put this status in the place of the last one."""
        content = msgspec.json.format(msgspec.json.encode(status), indent=2) + b"\n"
        half = len(content) // 2
        with atomic(self.path) as part, part.open("wb") as file:
            file.write(content[:half])
            file.flush()
            failpoint("K13")
            file.write(content[half:])


def status_path(data_dir: Path) -> Path:
    """Where the status of a bot lies."""
    return data_dir / "logs" / "status.json"


def read_status(data_dir: Path) -> Status | None:
    """The last status that a bot wrote; None where none ever did."""
    path = status_path(data_dir)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Status)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(
            f"{path}: cannot be read as a status ({error})",
            "if an older or newer julie wrote it, use that one; else wait for the next status",
        ) from error


def ended_by(data_dir: Path, run: str, why: str) -> None:
    """Put into a run's last status what ended it, so that who looks later is told; who cannot write
    it has other trouble, and the journal and the log have it.
    """
    try:
        last = read_status(data_dir)
        if last is not None and last.run == run:
            StatusFile(data_dir).write(replace(last, is_alive=False, reason=f"it ended: {why}"))
    except JulieError as error:
        LOG.warning("the last status was not written: %s", error)
