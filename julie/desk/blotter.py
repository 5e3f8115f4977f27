"""The desk's blotter: each decision, each leg that closed, and the account behind the minute.

The desk's record knows a plan by its numbers. The blotter keeps what its trades are to be written
with: the day and regime of the decision, the contract on which it filled, the rule that asked. A
leg that is closed in part waits here until its rest is out: it is one trade, written once.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from julie.core.bookings import EquityMarked, TradeClosed
from julie.core.events import Decision
from julie.core.instruments import Instrument
from julie.core.taken import MinuteTaken, TakenBar
from julie.defense.chain import Chain
from julie.desk.desk import Desk
from julie.desk.pipeline import Judged
from julie.desk.records import PlanFacts, Rule, decision_of, trade_closed
from julie.desk.told import Words
from julie.strategies.base import Strategy

SPARE_LEGS: Final = 64  # rows that the trade buffer keeps free


class Blotter:
    """What is written down of one desk, minute by minute."""

    def __init__(
        self, desk: Desk, traded: Sequence[Instrument], strategies: Sequence[Strategy], chain: Chain
    ) -> None:
        self._desk, self._chain = desk, chain
        self._traded, self._strategies = tuple(traded), tuple(strategies)
        self.rules = [Rule.of(one) for one in strategies]
        self.facts = [PlanFacts()] * len(traded)  # of each instrument's plan
        self.waiting: list[int] = []  # trade rows of legs that are closed in part
        self._written = 0  # trade rows seen so far

    def filled(self, k: int, bar: TakenBar) -> None:
        """A plan belongs to the contract on which its entry filled."""
        if not self._desk.record.plans[k]["entered"].any():
            self.facts[k] = replace(self.facts[k], contract=bar.contract)

    def rolled(self, k: int, bar: TakenBar) -> bool:
        """Whether the bar is of another contract than the plan."""
        facts = self.facts[k]
        data = facts.contract and bar.contract and facts.contract != bar.contract
        traded = facts.traded and bar.traded and facts.traded != bar.traded
        return bool(data or traded)

    def words(self, judged: Judged | None, taken: MinuteTaken, first: int) -> Words:
        """All that a minute leaves; the first of its candidates has the number `first`."""
        closed = self._closed()
        return Words(self._decided(judged, taken, first), closed, self.equity())

    def equity(self) -> EquityMarked:
        """The account as it stands."""
        account = self._desk.record.account[0]
        return EquityMarked(
            int(account["balance"]), int(account["open_pnl"]), int(account["floor"])
        )

    def take_over(
        self, rules: Sequence[Rule], facts: Sequence[PlanFacts], waiting: Sequence[int]
    ) -> None:
        """Go on from what an earlier start left; what the record holds of trades is written."""
        self.rules, self.facts, self.waiting = list(rules), list(facts), list(waiting)
        self._written = int(self._desk.record.account[0]["legs"])

    def _closed(self) -> tuple[TradeClosed, ...]:
        """Trades of legs that hold nothing any more; a leg closed in part waits for its rest."""
        record = self._desk.record
        legs = int(record.account[0]["legs"])
        looked_at = [*self.waiting, *range(self._written, legs)]
        self._written = legs
        done = []
        self.waiting = []
        for place in looked_at:
            row = record.trades[place]
            k = int(row["instrument"])
            plan = record.plans[k]
            same = plan["state"] == 2 and plan["trade_id"] == row["trade_id"]
            if same and plan["held"][int(row["leg"])] > 0:
                self.waiting.append(place)
                continue
            rule = self.rules[int(row["strategy"])]
            done.append(trade_closed(row, self._traded[k], rule, self.facts[k]))
        self._make_room(legs)
        return tuple(done)

    def _make_room(self, legs: int) -> None:
        """Rows of trades for the minutes to come."""
        trades = self._desk.record.trades
        if len(trades) - legs < SPARE_LEGS:
            more = np.zeros(len(trades) + SPARE_LEGS, trades.dtype)
            self._desk.record = self._desk.record._replace(trades=np.concatenate([trades, more]))

    def _decided(self, judged: Judged | None, taken: MinuteTaken, first: int) -> Decision | None:
        if judged is None:
            return None
        for k, plan in enumerate(self._desk.record.plans):
            chosen = int(plan["candidate"]) - first
            if plan["state"] == 1 and chosen >= 0:
                bar, regime = taken.bars[k], judged.candidates.bracket_vol_regime[chosen]
                known = -1 if np.isnan(regime) else int(regime)
                contract, traded = (bar.contract, bar.traded) if bar else ("", "")
                self.facts[k] = PlanFacts(int(plan["day"]), known, contract, traded)
        symbols = self._desk.symbols
        return decision_of(judged, self._chain, symbols, self._strategies, taken.ts, first)
