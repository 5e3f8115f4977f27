"""What a judge cost or saved: its denied candidates, each run alone through the same engine.

One contract, own bracket, no account limits, no other judge. Of overlapping candidates on a side
only the first counts. A judge whose denied candidates would have earned money cost that much; one
whose would have lost, saved it.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from julie.backtest.engine import walk_desk
from julie.backtest.result import Attribution
from julie.backtest.runner import Run
from julie.backtest.walk import Market
from julie.core.candidates import Array
from julie.core.record import DeskRecord, new_record
from julie.core.types import Code
from julie.defense.chain import denied_alone
from julie.desk.pipeline import Judged
from julie.desk.table import NOBODY
from julie.desk.verdicts import VIABILITY, code_columns

MANAGED = (
    "flat", "early_flat", "flat_by_roll", "signal_age_ns", "break_even_r", "trail", "trail_atr",
    "trail_swing_ticks", "time_stop", "slippage", "fills",
)  # fmt: skip
Z = 1.96


def _lonely(record: DeskRecord, room: int) -> DeskRecord:
    """The run's management and costs, and none of its limits."""
    rules = np.zeros_like(record.rules)
    for name in MANAGED:
        rules[name] = record.rules[name]
    rules["scale_keep"] = 1
    strategies = record.strategies.copy()
    for name in ("cooldown", "once_a_day", "session_trades", "streak", "refused"):
        strategies[name] = 0
    strategies["off_day"] = strategies["refused_day"] = -1
    strategies["fixed"] = strategies["contracts"] = 1
    instruments = record.instruments.copy()
    for name in ("streak", "paused_until", "off_part", "last_entry_ns", "margin", "group"):
        instruments[name] = 0
    return new_record(
        rules, instruments, strategies, record.fees, record.scaling[:0], 1 << 50, 1 << 50, room
    )


def solo_net(run: Run, market: Market, rows: Array) -> tuple[Array, Array]:
    """(candidate, net in cents) of every closed leg when only these candidates exist, nobody
    denying them.
    """
    t = run.judged.table
    parts = {name: getattr(t, name)[rows] for name in t._fields if name != "places"}
    parts["asked"] = np.zeros_like(parts["asked"])
    parts["chain_place"] = np.full(len(rows), NOBODY, np.int16)
    parts["viability_reason"] = np.zeros(len(rows), np.int16)
    parts["outcome"] = np.zeros(len(rows), np.int64)
    parts["factor"] = np.ones(len(rows))
    parts["tp1"] = np.zeros(len(rows), np.int64)
    lonely = _lonely(run.record, len(rows) + 1)
    table = t._replace(**parts)
    judged = Judged(
        run.judged.candidates.take(rows),
        run.judged.laid,
        run.judged.chain,
        run.judged.viable,
        table,
    )
    walk_desk(lonely, judged, market, run.line)
    legs = lonely.trades[: int(lonely.account[0]["legs"])]
    return rows[legs["candidate"]], legs["gross"] - legs["fees"]


def _both_sides(run: Run, market: Market, denied: Array) -> tuple[Array, Array]:
    """Longs and shorts apart, since only candidates of one side overlap."""
    side = run.judged.table.side
    parts = [solo_net(run, market, np.flatnonzero(denied & (side == s))) for s in (1, -1)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def attribute(run: Run, market: Market, jobs: int = 1) -> tuple[Attribution, ...]:
    """One row a judge, and one for viability; judges are worked on beside each other by `jobs`."""
    codes = code_columns(run.judged, run.pipeline.chain)
    matrix = np.column_stack(list(codes.values()))
    asked = run.judged.viable.codes != Code.NOT_ASKED
    modes = np.column_stack([run.judged.chain.modes, asked]).astype(np.int8)
    alone = denied_alone(matrix, modes).sum(axis=0)
    names = list(codes)

    def one(at: int) -> Attribution:
        return _one(run, market, names[at], at, matrix[:, at], int(alone[at]))

    with ThreadPoolExecutor(jobs) as pool:  # the compiled walk runs without the interpreter's lock
        return tuple(pool.map(one, range(len(names))))


def _one(
    run: Run, market: Market, name: str, at: int, code: Array, denied_only: int
) -> Attribution:
    denied = code >= Code.DENY
    _, net = _both_sides(run, market, denied & (run.judged.table.bracket_reason == 0))
    scaled, cut = (0, None) if name == VIABILITY else _scaled(run, market, at)
    total = float(net.sum()) / 100
    spread = Z * float(np.std(net)) * math.sqrt(len(net)) / 100 if len(net) > 1 else math.inf
    bounded = math.isfinite(spread)
    return Attribution(
        judge=name,
        denied=int(denied.sum()),
        denied_alone=denied_only,
        trades=len(net),
        net=total if len(net) else None,
        hit_rate=float((net > 0).mean()) if len(net) else None,
        low=total - spread if bounded else None,
        high=total + spread if bounded else None,
        scaled=scaled,
        scaled_cut=cut,
    )


def _scaled(run: Run, market: Market, at: int) -> tuple[int, float | None]:
    """Candidates that a judge made smaller, and the net of the part it cut off one contract."""
    spoken = run.judged.chain.spoken
    mine = (spoken.judge == at) & (spoken.code == Code.SCALE)
    if not mine.any():
        return 0, None
    factor = np.ones(len(run.judged.candidates))
    factor[spoken.candidate[mine]] = spoken.factor[mine]
    candidate, net = _both_sides(run, market, factor < 1.0)
    return int(mine.sum()), float((net * (1.0 - factor[candidate])).sum()) / 100
