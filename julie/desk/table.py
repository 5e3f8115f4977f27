"""The candidate table as the compiled desk reads it, with the columns into which it writes its
answers.
"""

from typing import NamedTuple

from julie.core.candidates import Array

RECORD_JUDGES = ("circuit_breaker", "account_rules", "directional_loss")
NOBODY = 999  # chain position of a candidate that no column judge denies
PENDING = -(1 << 30)  # outcome of an approved entry that has not filled yet


class Table(NamedTuple):
    """One row a candidate, ordered by close, instrument and strategy."""

    step: Array  # i8 place of its close on the shared time line
    row: Array  # i8
    close_ns: Array  # i8 close of the deciding bar
    instrument: Array
    strategy: Array
    side: Array
    tier: Array
    session: Array
    confidence: Array
    expectancy: Array
    ref_tick: Array  # i8 traded close
    sl: Array
    tp: Array
    tp1: Array  # 0 = one leg
    entry_kind: Array
    limit_tick: Array
    expires_bars: Array
    on_expiry: Array
    factor: Array  # product of the scaling judges
    atr: Array
    min_to_event: Array
    mode: Array
    bracket_reason: Array  # i2, 0 = a bracket stands
    chain_place: Array  # i2 first denier in chain order, NOBODY = none
    chain_reason: Array  # i2
    viability_reason: Array  # i2, 0 = viable
    asked: Array  # i1 [n, 3] record judges: 0 off or exempt, 1 counts, 2 observed
    places: Array  # i2 [3] chain positions of the record judges
    outcome: Array  # i8 out: trade_id, or minus the reason
    codes: Array  # i1 [n, 3] out: codes of the record judges
    reasons: Array  # i2 [n, 3] out
    numbers: Array  # f8 [n, 3, 4] out
    denied_by: Array  # i2 out: chain position of the first denier, NOBODY = none
