"""The records of a run, field by field: trades, decisions and the numbers behind the verdicts.

Other people's scripts rest on these names; a change raises the schema version. Times are int64 ns
UTC, prices points on the grid, money dollars, null = not applicable.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from julie.backtest.result import Coded, Column, Columns
from julie.core.types import Code, Reason

SCHEMA_VERSION: Final = 1
NUMBERS: Final = ("n1", "n2", "n3", "n4")
NO_TRADE: Final = -1  # trade_id of a candidate that was not traded

_WORD: Final = pa.dictionary(pa.int32(), pa.string())

TRADES: Final[dict[str, Any]] = {
    "trade_id": pa.int64(),
    "leg": pa.int16(),
    "strategy": _WORD,
    "style": _WORD,
    "group": _WORD,
    "mode": _WORD,  # standard | rescued | fade
    "instrument": _WORD,
    "contract": _WORD,
    "side": pa.int8(),
    "qty": pa.int32(),
    "decided_ts": pa.int64(),
    "entry_kind": _WORD,  # market | limit
    "entry_ts": pa.int64(),
    "entry_price": pa.float64(),
    "exit_ts": pa.int64(),
    "exit_price": pa.float64(),
    "exit_reason": _WORD,
    "stop_price": pa.float64(),
    "target_price": pa.float64(),
    "stop_at_exit": pa.float64(),
    "slippage_ticks": pa.float64(),
    "slippage": pa.float64(),
    "gross": pa.float64(),
    "fees": pa.float64(),
    "net": pa.float64(),
    "mae": pa.float64(),
    "mfe": pa.float64(),
    "bars": pa.int32(),
    "session": _WORD,
    "bucket": _WORD,
    "vol_regime": _WORD,
    "hmm_state": _WORD,
    "candidate_id": pa.int64(),
    "tie": pa.bool_(),
}

DECISIONS: Final[dict[str, Any]] = {
    "candidate_id": pa.int64(),
    "ts": pa.int64(),
    "instrument": _WORD,
    "strategy": _WORD,
    "style": _WORD,
    "side": pa.int8(),
    "confidence": pa.float64(),
    "ref_close": pa.float64(),
    "sl_ticks": pa.int32(),
    "tp_ticks": pa.int32(),
    "note": pa.string(),
}

VERDICT_NUMBERS: Final[dict[str, Any]] = {
    "candidate_id": pa.int64(),
    "judge": _WORD,
    "reason": _WORD,
    **dict.fromkeys(NUMBERS, pa.float64()),
}


def reason_word(reason: int) -> str:
    """The word of a refusal reason; a number without a name is kept as it is."""
    return Reason(reason).word if reason in _REASONS else str(reason)


_REASONS: Final = frozenset(int(reason) for reason in Reason)


def trades_table(trades: Columns, run_id: str) -> pa.Table:
    """trades.parquet: one row a closed leg."""
    return _table(trades, TRADES, _metadata(run_id, "trades"))


def decisions_table(
    decisions: Columns, codes: Mapping[str, npt.NDArray[np.int8]], run_id: str
) -> pa.Table:
    """decisions.parquet: one row a candidate, one code a judge, and what became of it."""
    stated = {name: decisions[name] for name in decisions if name not in ("reason", "trade_id")}
    table = _table(stated, DECISIONS, {})
    names, arrays = [*table.column_names], [*table.columns]
    for judge, code in codes.items():
        names.append(judge)
        arrays.append(pa.array(np.asarray(code, dtype=np.int8)))
    names.append("outcome")
    arrays.append(_outcome(decisions))
    meaning = {str(int(code)): code.name.lower() for code in Code}
    extra = {"judges": list(codes), "codes": meaning}
    return pa.table(arrays, names=names).replace_schema_metadata(
        _metadata(run_id, "decisions", extra)
    )


def numbers_table(
    numbers: Columns, number_names: Mapping[str, tuple[str, ...]], run_id: str
) -> pa.Table:
    """verdict_numbers.parquet: the numbers of deniers and scalers."""
    reasons = numbers["reason"]
    spelled = reasons if isinstance(reasons, Coded) else _reasons(reasons)
    meaning = {judge: list(names) for judge, names in number_names.items()}
    return _table(
        {**numbers, "reason": spelled},
        VERDICT_NUMBERS,
        _metadata(run_id, "verdict_numbers", {"numbers": meaning}),
    )


def _metadata(run_id: str, kind: str, extra: Mapping[str, Any] | None = None) -> dict[str, str]:
    stated = {"julie.record": kind, "julie.schema": str(SCHEMA_VERSION), "julie.run_id": run_id}
    return stated | {f"julie.{key}": json.dumps(value) for key, value in (extra or {}).items()}


def _table(columns: Columns, fields: Mapping[str, Any], metadata: Mapping[str, str]) -> pa.Table:
    unlike = set(columns) ^ set(fields)
    if unlike:
        raise ValueError(f"a record has other columns than its schema: {sorted(unlike)}")
    arrays = [_array(columns[name], kind, name) for name, kind in fields.items()]
    return pa.table(arrays, schema=pa.schema(list(fields.items()), metadata=dict(metadata)))


def _array(column: Column, kind: Any, name: str) -> pa.Array:
    if isinstance(column, Coded):
        return _coded(column, kind)
    values = np.asarray(column)
    if pa.types.is_dictionary(kind):
        return _coded(Coded.of(values), kind)
    if pa.types.is_string(kind):
        return pa.array(values.tolist(), kind)
    if values.dtype.kind == "f":
        unknown = np.isnan(values)
        if pa.types.is_integer(kind):  # a float column of whole numbers, NaN where not applicable
            whole = np.where(unknown, 0, np.rint(values)).astype(np.int64)
            return pa.array(whole, mask=unknown).cast(kind)
        return pa.array(values.astype(np.float64, copy=False), kind, mask=unknown)
    if values.dtype.kind == "O":
        raise ValueError(f"column {name} must be an array of numbers")
    return pa.array(values).cast(kind)


def _coded(column: Coded, kind: Any) -> pa.Array:
    codes = np.asarray(column.codes, dtype=np.int32)
    indices = pa.array(codes, mask=codes < 0)
    words = pa.DictionaryArray.from_arrays(indices, pa.array(column.names, pa.string()))
    return words if pa.types.is_dictionary(kind) else words.cast(pa.string())


def _reasons(reasons: npt.NDArray[Any]) -> Coded:
    found, codes = np.unique(reasons, return_inverse=True)
    return Coded(codes.astype(np.int32), tuple(reason_word(int(reason)) for reason in found))


def _outcome(decisions: Columns) -> pa.Array:
    """The refusal's word, or the number of the trade."""
    reasons, trade_ids = decisions["reason"], np.asarray(decisions["trade_id"])
    coded = reasons if isinstance(reasons, Coded) else _reasons(np.asarray(reasons))
    traded = trade_ids != NO_TRADE
    ids, place = np.unique(trade_ids[traded], return_inverse=True)
    codes = coded.codes.astype(np.int32)
    codes[traded] = place + len(coded.names)
    return _coded(Coded(codes, (*coded.names, *map(str, ids.tolist()))), _WORD)
