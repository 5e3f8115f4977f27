"""A desk with a broker behind it, led bar by bar: what the tests of desk and risk stand on.

Prices are ticks of MES (1.25 USD each, 0.61 USD a side). Unless told, it is 10:30 Eastern on a full
day, one contract is traded with a stop 8 and a target 12 ticks away, and no judge of columns has
anything against it.
"""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from julie.core.instruments import INSTRUMENTS
from julie.core.permits import Approved
from julie.core.record import DeskRecord
from julie.core.sessions import minute_since_open
from julie.core.types import ExitReason, Reason, Session
from julie.defense.overrides import Overrides
from julie.desk.commands import Order
from julie.desk.config import ManagementSection
from julie.desk.desk import Closed, Desk, Opening, Traded
from julie.desk.pipeline import Judged
from julie.desk.rules import first_record
from julie.desk.step import Bar, Moment, Seen
from julie.desk.table import NOBODY, Table
from julie.execution.config import ExecutionSection
from julie.execution.simulated import MatchingBroker
from julie.risk.config import AccountSection, RiskSection
from julie.strategies.catalogue import catalogue
from julie.strategies.config import StrategySection
from tests.defense.asking import whole_chain

MINUTE_NS = 60_000_000_000
DAY, MORNING, FULL_DAY = 20_000, minute_since_open("10:30"), 1380
LONG, SHORT = 1, -1
QUIET = Seen(False, 0, 0, 4.0, float("nan"))
Ohlc = tuple[int, int, int, int]

TYPES = {
    **dict.fromkeys(("confidence", "expectancy", "factor", "atr", "min_to_event"), np.float64),
    **dict.fromkeys(
        ("bracket_reason", "chain_place", "chain_reason", "viability_reason", "denied_by"), np.int16
    ),
}
USUAL: dict[str, Any] = {
    "step": 0, "row": 0, "close_ns": 0, "instrument": 0, "strategy": 0, "side": LONG, "tier": 2,
    "session": int(Session.NY_AM), "confidence": 0.5, "expectancy": 0.0, "ref_tick": 1000,
    "sl": 8, "tp": 12, "tp1": 0, "entry_kind": 0, "limit_tick": None, "expires_bars": -1,
    "on_expiry": 0, "factor": 1.0, "atr": 4.0, "min_to_event": float("nan"), "mode": 0,
    "bracket_reason": 0, "chain_place": NOBODY, "chain_reason": 0, "viability_reason": 0,
    "outcome": 0, "denied_by": NOBODY,
}  # fmt: skip


def candidates(*rows: Mapping[str, Any], asked: tuple[int, int, int] = (1, 1, 1)) -> Table:
    """A candidate table; each row says only what differs from the usual."""
    n, whole = len(rows), [USUAL | dict(row) for row in rows]
    for row in whole:
        row["limit_tick"] = row["ref_tick"] if row["limit_tick"] is None else row["limit_tick"]
    columns = {
        name: np.array([row[name] for row in whole], TYPES.get(name, np.int64)) for name in USUAL
    }
    return Table(
        **columns,
        asked=np.tile(np.array(asked, np.int8), (n, 1)),
        places=np.array([3, 4, 7], np.int16),
        codes=np.zeros((n, 3), np.int8),
        reasons=np.zeros((n, 3), np.int16),
        numbers=np.full((n, 3, 4), np.nan),
    )


def new_desk(
    symbols: Sequence[str] = ("MES",),
    *,
    strategies: int = 1,
    account: str | AccountSection = "topstepx_50k",
    risk: Mapping[str, Any] | None = None,
    management: Mapping[str, Any] | None = None,
    section: Mapping[str, Any] | None = None,
    judges: Overrides | None = None,
    slippage: int = 1,
    execution: Mapping[str, Any] | None = None,
    restart: bool = True,
) -> DeskRecord:
    """A fresh record under the shipped configuration, changed where the test says."""
    rules = [catalogue()[name] for name in sorted(catalogue())[:strategies]]
    keys = {"sizing": "fixed", "cooldown": 0, **(section or {})}
    chosen = AccountSection(profile=account) if isinstance(account, str) else account
    return first_record(
        [INSTRUMENTS[symbol] for symbol in symbols],
        rules,
        [StrategySection(**keys) for _ in rules],
        whole_chain(overrides=judges),
        chosen,
        RiskSection(**(risk or {})),
        ManagementSection(**(management or {})),
        ExecutionSection(**{"slippage_ticks": slippage, **(execution or {})}),
        restart,
        10_000,
    )


class Played:
    """Desk and matching broker; `bar` plays one minute of all instruments."""

    def __init__(self, record: DeskRecord, symbols: Sequence[str] = ("MES",)) -> None:
        self.desk, self.record = Desk(record, symbols), record
        self.broker = MatchingBroker(tuple(symbols), int(record.rules[0]["slippage"]))
        self.account, self.plan = record.account[0], record.plans[0]
        self.row, self.day, self.minute, self.length, self.bar_min = -1, DAY, MORNING, FULL_DAY, 1
        self.orders: list[Order] = []
        self.table = candidates()

    def at(self, clock: str, *, day: int | None = None, length: int = FULL_DAY) -> "Played":
        """The next bar opens at this Eastern time."""
        self.minute = minute_since_open(clock) if ":" in clock else int(clock)
        self.day, self.length = self.day if day is None else day, length
        return self

    def bar(
        self,
        *prices: Ohlc | None,
        ask: Sequence[Mapping[str, Any]] = (),
        seen: Seen = QUIET,
        barred: int = 0,
        session: Session = Session.NY_AM,
        asked: tuple[int, int, int] = (1, 1, 1),
    ) -> list[Order]:
        """One minute: fills, management, decisions on `ask`; returns what the broker was told."""
        self.row += 1
        ts = self.day * 1440 * MINUTE_NS + self.minute * MINUTE_NS
        close_ns = ts + self.bar_min * MINUTE_NS
        at = Moment(self.day, int(session), self.minute, self.length, float(self.bar_min))
        bars = [Bar(self.row, ts, close_ns, *p) if p is not None else None for p in prices]
        before = len(self.orders)
        for k, one in enumerate(bars):
            if one is None or self.record.plans[k]["state"] == 0:
                continue
            self._tell(self.desk.handle(Opening(k, ts, self.day)))
            fills, side = self.broker.bar(
                self.desk.symbols[k], one.open, one.high, one.low, one.close
            )
            self.desk.handle(Traded(k, one, fills, side, at))
        self.table = candidates(
            *({"row": self.row, "close_ns": close_ns, **dict(c)} for c in ask), asked=asked
        )
        judged = cast(Judged, SimpleNamespace(table=self.table))
        looks = [seen if one is not None else None for one in bars]
        closed = Closed(bars, looks, [barred] * len(bars), judged if ask else None, at)
        self._tell(self.desk.handle(closed))
        self.minute += self.bar_min
        return self.orders[before:]

    def _tell(self, orders: Sequence[Order]) -> None:
        for order in orders:
            self.orders.append(order)
            if isinstance(order, Approved):
                self.broker.place(order)
            else:
                self.broker.reduce(order)

    @property
    def trades(self) -> Any:
        """The closed legs so far."""
        return self.record.trades[: int(self.account["legs"])]

    def outcome(self, place: int = -1) -> str:
        """What became of a candidate: `trade N`, or the reason in lower case."""
        value = int(self.desk.outcomes[place])
        pending = value < -(1 << 20)
        return "working" if pending else (f"trade {value}" if value >= 0 else Reason(-value).word)

    def exits(self) -> list[tuple[str, int]]:
        """(label, tick) of every closed leg."""
        return [(ExitReason(int(t["exit_reason"])).word, int(t["exit_tick"])) for t in self.trades]


def bought(record: DeskRecord | None = None, /, **row: Any) -> Played:
    """A desk that holds a long from 1001: stop 993, target 1013."""
    played = Played(new_desk() if record is None else record)
    played.bar((1000, 1001, 999, 1000), ask=[row])
    played.bar((1000, 1002, 999, 1001))
    return played


def compile_once() -> None:
    """Compile what a desk calls, before the first test's time limit runs."""
    played = bought()
    played.bar((1001, 1014, 1000, 1010))
