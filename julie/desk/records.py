"""What the desk tells of a minute: the decision with all its verdicts, and each leg that closed.

Fields and values are those of the records a backtest writes, so that a live day and its backtest
can be laid side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from julie.core.bookings import TradeClosed
from julie.core.events import Decision, JudgedCandidate, Spoken
from julie.core.instruments import Instrument
from julie.core.sessions import bucket_index, bucket_key
from julie.core.types import (
    Code,
    EntryKind,
    ExitReason,
    Mode,
    Reason,
    Session,
    Side,
    Style,
    VolRegime,
)
from julie.defense.chain import Chain
from julie.desk.pipeline import Judged
from julie.desk.table import PENDING
from julie.desk.verdicts import code_columns, notes, speakers, spoken_numbers
from julie.strategies.base import Strategy


@dataclass(frozen=True, slots=True)
class Rule:
    """What records say of a strategy."""

    name: str
    group: str
    style: Style

    @classmethod
    def of(cls, one: Strategy) -> "Rule":
        """The facts of a strategy of the portfolio."""
        return cls(one.name, one.group, Style(one.style))


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What is remembered of a plan beside the desk's record, for its trades."""

    day: int = 0  # trading day of the decision
    vol_regime: int = -1
    contract: str = ""  # whose bars it was decided on
    traded: str = ""  # the contract that was bought or sold, where that is another

    @property
    def named(self) -> str:
        """The contract as records name it."""
        return self.traded or self.contract


def decision_of(
    judged: Judged,
    chain: Chain,
    symbols: Sequence[str],
    rules: Sequence[Strategy],
    ts: int,
    first: int,
) -> Decision:
    """All candidates of a close; the first has the number `first`."""
    c, t = judged.candidates, judged.table
    codes = code_columns(judged, chain)
    said, words = _spoken(judged, chain), notes(c, rules)
    table = np.column_stack(list(codes.values())).tolist()
    found = []
    for i in range(len(c)):
        outcome = _outcome(int(t.outcome[i]))
        spoken = said.get(i, ())
        numbers = next((one.numbers for one in spoken if one.reason == outcome), ())
        found.append(
            JudgedCandidate(
                candidate=first + i,
                symbol=symbols[int(t.instrument[i])],
                strategy=rules[int(t.strategy[i])].name,
                side=Side(int(t.side[i])),
                codes=tuple(Code(code) for code in table[i]),
                outcome=outcome,
                numbers=numbers,
                confidence=float(c.confidence[i]),
                ref_close=float(c.ref_close[i]),
                sl_ticks=int(c.sl_ticks[i]),
                tp_ticks=int(c.tp_ticks[i]),
                note=str(words[i]),
                spoken=spoken,
            )
        )
    return Decision(ts, tuple(codes), tuple(found))


def _outcome(value: int) -> Reason:
    return Reason.NONE if value >= 0 or value == PENDING else Reason(-value)


def _spoken(judged: Judged, chain: Chain) -> Mapping[int, tuple[Spoken, ...]]:
    names, rows = speakers(chain), spoken_numbers(judged, chain)
    found: dict[int, tuple[Spoken, ...]] = {}
    for candidate, judge, reason, numbers in zip(
        rows.candidate.tolist(), rows.judge.tolist(), rows.reason.tolist(), rows.numbers.tolist(),
        strict=True,
    ):  # fmt: skip
        one = Spoken(names[judge], Reason(reason), tuple(numbers))
        found[candidate] = (*found.get(candidate, ()), one)
    return found


def trade_closed(row: Any, one: Instrument, rule: Rule, facts: PlanFacts) -> TradeClosed:
    """A closed leg as a row of the trade list."""
    qty, cents = int(row["qty"]), {n: int(row[n]) for n in ("gross", "fees", "mae", "mfe")}
    session = int(row["session"])
    bucket = bucket_index(np.array([facts.day]), np.array([session]))[0]
    known = facts.vol_regime >= 0
    return TradeClosed(
        trade_id=int(row["trade_id"]),
        leg=int(row["leg"]) + 1,
        strategy=rule.name,
        group=rule.group,
        style=rule.style.name.lower(),
        mode=Mode(int(row["mode"])).name.lower(),
        instrument=one.symbol,
        contract=facts.named,
        side=int(row["side"]),
        qty=qty,
        decided_ts=int(row["decided_ns"]),
        entry_kind=EntryKind(int(row["entry_kind"])).name.lower(),
        entry_ts=int(row["entry_ns"]),
        entry_price=_mean_tick(row, "basis", "entry_tick") * one.tick,
        exit_ts=int(row["exit_ns"]),
        exit_price=_mean_tick(row, "out", "exit_tick") * one.tick,
        exit_reason=ExitReason(int(row["exit_reason"])).word,
        stop_price=int(row["stop_tick"]) * one.tick,
        target_price=int(row["target_tick"]) * one.tick,
        stop_at_exit=int(row["stop_at_exit"]) * one.tick,
        slippage_ticks=int(row["slips"]) / qty,
        slippage=int(row["slips"]) * one.tick_value_cents / 100.0,
        gross=cents["gross"] / 100.0,
        fees=cents["fees"] / 100.0,
        net=(cents["gross"] - cents["fees"]) / 100.0,
        mae=cents["mae"] / 100.0,
        mfe=cents["mfe"] / 100.0,
        bars=int(row["exit_row"] - row["entry_row"]),
        session=Session(session).name,
        bucket=bucket_key(int(bucket)),
        vol_regime=VolRegime(facts.vol_regime).name.lower() if known else None,
        hmm_state=None,
        candidate_id=int(row["candidate"]),
        tie=bool(row["tie"]),
    )


def _mean_tick(row: Any, total: str, tick: str) -> float:
    """The mean tick of fills; that of all of them, to the bit, where they are alike."""
    whole, one, qty = int(row[total]), int(row[tick]), int(row["qty"])
    return one if whole == one * qty else whole / qty
