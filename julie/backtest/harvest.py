"""From the desk's buffers to the columns of the records: trades, decisions, numbers behind
verdicts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from julie.backtest.records import NO_TRADE
from julie.backtest.result import MISSING, Coded, Columns
from julie.core.bars import Bars
from julie.core.candidates import Array
from julie.core.instruments import Instrument
from julie.core.record import DeskRecord
from julie.core.sessions import bucket_index, bucket_keys
from julie.core.types import EntryKind, ExitReason, Mode, Reason, Session, Style, VolRegime
from julie.defense.chain import Chain
from julie.desk.pipeline import Judged
from julie.desk.verdicts import notes, speakers, spoken_numbers
from julie.strategies.base import Strategy


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What the run is made of, by the places that the buffers hold."""

    series: Sequence[Bars]
    traded: Sequence[Instrument]
    strategies: Sequence[Strategy]
    chain: Chain


def _words(codes: Array, words: Sequence[str]) -> Coded:
    return Coded(np.asarray(codes, np.int32), tuple(words))


def _labels(kind: type[Mode] | type[ExitReason] | type[EntryKind] | type[Style]) -> tuple[str, ...]:
    return tuple(member.name.lower() for member in kind)


def contract_names(bars: Bars, traded: Instrument) -> tuple[str, ...]:
    """Contracts of a series under the traded instrument's name; empty where unknown."""
    return tuple(f"{traded.symbol}{name[-3:]}" if name else "" for name in bars.contract)


def _contracts(facts: Facts, instrument: Array, row: Array) -> Coded:
    names: list[str] = []
    codes = np.full(len(row), MISSING, np.int32)
    for k, (bars, one) in enumerate(zip(facts.series, facts.traded, strict=True)):
        mine = instrument == k
        codes[mine] = bars.contract_of[row[mine]] + len(names)
        names += contract_names(bars, one)
    blank = np.array([not name for name in names] or [True])
    codes = np.where(blank[np.maximum(codes, 0)], MISSING, codes) if names else codes
    return Coded(codes, tuple(names))


def _buckets(day: Array, session: Array) -> Coded:
    return Coded(bucket_index(day, session).astype(np.int32), bucket_keys())


def _regimes(values: Array) -> Coded:
    codes = np.where(np.isnan(values), MISSING, np.nan_to_num(values)).astype(np.int32)
    return Coded(codes, tuple(r.name.lower() for r in VolRegime))


def _mean_tick(legs: Array, total: str, tick: str) -> Array:
    """The mean tick of fills; that of all of them, to the bit, where they are alike."""
    alike = legs[total] == legs[tick] * legs["qty"]
    return np.where(alike, legs[tick], legs[total] / legs["qty"])


def trade_columns(
    record: DeskRecord, judged: Judged, facts: Facts, day_of_step: npt.NDArray[np.int32]
) -> Columns:
    """trades.parquet, in the order in which legs closed."""
    t = record.trades[: int(record.account[0]["legs"])]
    c, k, cand = judged.candidates, t["instrument"], t["candidate"]
    tick = np.array([one.tick for one in facts.traded])[k]
    value = np.array([one.tick_value_cents for one in facts.traded])[k]
    style = np.array([s.style for s in facts.strategies], np.int32)
    groups = tuple(dict.fromkeys(s.group for s in facts.strategies))
    group = np.array([groups.index(s.group) for s in facts.strategies], np.int32)
    decided_day = day_of_step[judged.table.step[cand]]
    dollars = {name: t[name] / 100.0 for name in ("gross", "fees", "mae", "mfe")}
    return {
        "trade_id": t["trade_id"], "leg": t["leg"] + 1,
        "strategy": _words(t["strategy"], [s.name for s in facts.strategies]),
        "style": _words(style[t["strategy"]] if len(t) else np.zeros(0), _labels(Style)),
        "group": _words(group[t["strategy"]] if len(t) else np.zeros(0), groups),
        "mode": _words(t["mode"], _labels(Mode)),
        "instrument": _words(k, [one.symbol for one in facts.traded]),
        "contract": _contracts(facts, k, t["entry_row"]),
        "side": t["side"], "qty": t["qty"], "decided_ts": t["decided_ns"],
        "entry_kind": _words(t["entry_kind"], _labels(EntryKind)),
        "entry_ts": t["entry_ns"], "entry_price": _mean_tick(t, "basis", "entry_tick") * tick,
        "exit_ts": t["exit_ns"], "exit_price": _mean_tick(t, "out", "exit_tick") * tick,
        "exit_reason": _words(t["exit_reason"], _labels(ExitReason)),
        "stop_price": t["stop_tick"] * tick, "target_price": t["target_tick"] * tick,
        "stop_at_exit": t["stop_at_exit"] * tick,
        "slippage_ticks": t["slips"] / t["qty"],
        "slippage": t["slips"] * value / 100.0,
        **dollars, "net": (t["gross"] - t["fees"]) / 100.0,
        "bars": t["exit_row"] - t["entry_row"],
        "session": _words(t["session"], [s.name for s in Session]),
        "bucket": _buckets(decided_day, t["session"]),
        "vol_regime": _regimes(c.bracket_vol_regime[cand]),
        "hmm_state": Coded(np.full(len(t), MISSING, np.int32), ()),
        "candidate_id": cand, "tie": t["tie"] == 1,
    }  # fmt: skip


def decision_columns(judged: Judged, facts: Facts) -> Columns:
    """decisions.parquet without the judges."""
    c, t = judged.candidates, judged.table
    return {
        "candidate_id": np.arange(len(c)), "ts": c.ts,
        "instrument": _words(c.instrument, [one.symbol for one in facts.traded]),
        "strategy": _words(c.strategy, [s.name for s in facts.strategies]),
        "style": _words(c.style, _labels(Style)),
        "side": c.side, "confidence": c.confidence, "ref_close": c.ref_close,
        "sl_ticks": c.sl_ticks, "tp_ticks": c.tp_ticks, "note": notes(c, facts.strategies),
        "reason": np.where(t.outcome < 0, -t.outcome, 0),
        "trade_id": np.where(t.outcome >= 0, t.outcome, NO_TRADE),
    }  # fmt: skip


def number_columns(judged: Judged, chain: Chain) -> Columns:
    """verdict_numbers.parquet: judges that deny or scale, viability, and brackets that were
    refused.
    """
    found = spoken_numbers(judged, chain)
    whole = tuple(r.word for r in Reason)
    values = np.array([int(r) for r in Reason])
    place = np.zeros(values.max() + 1, np.int32)
    place[values] = np.arange(len(values))
    coded = place[found.reason]
    return {
        "candidate_id": found.candidate,
        "judge": Coded(found.judge, speakers(chain)),
        "reason": Coded(coded, whole),
        **{f"n{i + 1}": found.numbers[:, i] for i in range(4)},
    }
