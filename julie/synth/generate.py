"""One call makes a simulated market: bars of the index futures and the VIX of the same days."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.core.bars import Bars
from julie.core.errors import UsageError
from julie.core.instruments import Instrument, instrument
from julie.synth.curves import LEG_OF, load_curves
from julie.synth.days import draw_days
from julie.synth.plan import Plan, make_plan
from julie.synth.prices import Prices, make_prices
from julie.synth.returns import draw_moves
from julie.synth.vix import Vix, make_vix
from julie.synth.volume import legs_of, make_volume

DEFAULT_DAYS: Final = 90
DEFAULT_SEED: Final = 1
DEFAULT_START: Final = date(2025, 1, 2)  # the span holds a roll and three early closes
DEFAULT_SYMBOLS: Final = ("MES", "MNQ")
MAKE: Final = 1  # counts changes of what a seed gives, so that a cached sample is made anew

_DAY_MOVES: Final = 39.0  # a day's standard deviation in minutes' moves


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """A simulated market: bars by symbol, and the VIX."""

    bars: Mapping[str, Bars]
    vix: Vix
    days: int
    seed: int
    start: date


def _content_hash(columns: tuple[npt.NDArray[np.generic], ...]) -> str:
    digest = hashlib.sha256()
    for column in columns:
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def _label(days: int, seed: int, start: date) -> str:
    return f"simulated: {days} trading days from {start}, seed {seed}"


def _bars(
    plan: Plan,
    prices: Prices,
    volume: npt.NDArray[np.float64],
    traded: npt.NDArray[np.bool_],
    product: Instrument,
    label: str,
) -> Bars:
    rows = np.flatnonzero(traded)
    names = tuple(dict.fromkeys(plan.month_code))
    of_day = np.array([names.index(code) for code in plan.month_code], dtype=np.int16)
    contract_of = of_day[plan.day_of[rows]]
    rolls = np.flatnonzero(np.diff(contract_of)) + 1
    columns = (
        plan.ts[rows],
        prices.open[rows],
        prices.high[rows],
        prices.low[rows],
        prices.close[rows],
        volume[rows],
        prices.shift[rows],
    )
    silent = len(plan.ts) - len(rows)
    return Bars(
        product,
        60,
        *columns,
        contract=tuple(product.symbol + code for code in names),
        contract_of=contract_of,
        rolls=rolls.astype(np.int64),
        roll_estimated=np.zeros(len(rolls), dtype=np.bool_),
        source=label,
        sha256=_content_hash((*columns, contract_of)),
        simulated=True,
        notes=(f"{silent} minutes without a trade make no bar",) if silent else (),
    )


def generate(
    days: int = DEFAULT_DAYS,
    seed: int = DEFAULT_SEED,
    start: date = DEFAULT_START,
    symbols: tuple[str, ...] = DEFAULT_SYMBOLS,
) -> Simulated:
    """A market of `days` trading days from `start` on; the same arguments, the same bars."""
    unknown = [symbol for symbol in symbols if symbol not in LEG_OF]
    if unknown or not symbols:
        raise UsageError(
            f"cannot simulate {', '.join(unknown) or 'nothing'}", f"choose of {', '.join(LEG_OF)}"
        )
    if seed < 0:
        raise UsageError(f"seed {seed} is negative", "give a whole number from 0 on")
    plan, curves = make_plan(days, start), load_curves()
    temper = draw_days(plan, seed)
    moves = draw_moves(plan, temper, curves, seed)
    prices = {
        leg: make_prices(plan, moves, leg, instrument(leg).tick, seed) for leg in legs_of(symbols)
    }
    label = _label(days, seed, start)
    bars = {}
    for symbol in dict.fromkeys(symbols):
        product, leg = instrument(symbol), prices[LEG_OF[symbol]]
        volume, traded = make_volume(plan, temper, curves, leg, symbol, product.tick, seed)
        bars[symbol] = _bars(plan, leg, volume, traded, product, label)
    moved = np.add.reduceat(moves.minute["ES"], plan.first) + moves.gap["ES"]
    usual = np.mean(moves.scale["ES"]) / np.mean(temper.wildness_bp) * temper.wildness_bp
    vix = make_vix(plan, temper, moved / (usual * _DAY_MOVES), seed)
    return Simulated(bars, vix, days, seed, start)
