"""What cost and fill rules do to a result: break-even hit rates, ties in a bar, other slippage."""

from typing import Final

import numpy as np
import numpy.typing as npt

from julie.backtest.curve import profit_factor
from julie.backtest.ledger import Ledger
from julie.backtest.report.model import Bracket, Scenario, Ties
from julie.backtest.result import Coded
from julie.core.instruments import Instrument
from julie.core.money import dollars

SLIPPAGE_TIMES: Final = (0.0, 1.0, 2.0)
TIE_WARNING_SHARE: Final = 0.02
_NAMED_BRACKETS: Final = 6  # a strategy with more distinct ones is shown by its medians
_STOPS: Final = frozenset({"stop", "gap"})
_TARGETS: Final = frozenset({"target", "target1", "target2"})


def slippage_scenarios(book: Ledger) -> list[Scenario]:
    """The same trades had each fill slipped none, as much, or twice as much."""
    made = []
    for times in SLIPPAGE_TIMES:
        net = book.net + book.slippage - np.rint(book.slippage * times).astype(np.int64)
        made.append(
            Scenario(
                slippage_times=times,
                net=dollars(int(net.sum())),
                profit_factor=profit_factor(net),
                win_rate=float(np.mean(net > 0)) if len(net) else None,
            )
        )
    return made


def ties(book: Ledger) -> Ties:
    """Legs that the rule of the bar settled, and a warning where they are too many to trust."""
    tied = np.asarray(book.columns["tie"], dtype=np.bool_)[book.leg_row]
    legs = int(tied.sum())
    share = legs / len(tied) if len(tied) else 0.0
    warning = ""
    if share > TIE_WARNING_SHARE:
        warning = (
            f"{share:.1%} of legs held stop and target in one bar, so the rule 'stop first' "
            "decided them; bars alone are too coarse for these brackets: run again with finer data"
        )
    return Ties(legs=legs, share=share, net=dollars(int(book.leg_net[tied].sum())), warning=warning)


def break_even(book: Ledger, instruments: dict[str, Instrument]) -> list[Bracket]:
    """Each strategy's brackets: the hit rate that pays the cost, beside the one that came."""
    legs = _Legs(book, instruments)
    made: list[Bracket] = []
    for strategy in range(len(legs.strategy.names)):
        for symbol in range(len(legs.symbol.names)):
            rows = np.flatnonzero(
                (legs.strategy.codes == strategy) & (legs.symbol.codes == symbol) & legs.known
            )
            made.extend(legs.brackets(rows))
    return made


class _Legs:
    """Leg by leg: the bracket in ticks, its cost, and whether it ended at the target."""

    def __init__(self, book: Ledger, instruments: dict[str, Instrument]) -> None:
        self.strategy = _words(book, "strategy")
        self.symbol = _words(book, "instrument")
        tick = np.array([instruments[s].tick for s in self.symbol.names] or [1.0])
        value = np.array([instruments[s].tick_value_cents for s in self.symbol.names] or [1])
        self.tick_cents = value[self.symbol.codes]
        size = tick[self.symbol.codes]
        entry = _floats(book, "entry_price")
        with np.errstate(invalid="ignore"):
            self.stop = np.rint(np.abs(entry - _floats(book, "stop_price")) / size)
            self.target = np.rint(np.abs(entry - _floats(book, "target_price")) / size)
        self.known = np.isfinite(self.stop) & np.isfinite(self.target) & (self.stop > 0)
        quantity = np.maximum(_floats(book, "qty"), 1.0)
        self.fee = _floats(book, "fees") * 100 / quantity
        self.slipped = _floats(book, "slippage") * 100 / quantity
        reason = _words(book, "exit_reason")
        self.hit = _is_one_of(reason, _TARGETS)
        self.missed = _is_one_of(reason, _STOPS)

    def brackets(self, rows: npt.NDArray[np.int64]) -> list[Bracket]:
        """The rows of one strategy and instrument as few lines."""
        if not len(rows):
            return []
        pairs = np.stack([self.stop[rows], self.target[rows]], axis=1)
        distinct, place = np.unique(pairs, axis=0, return_inverse=True)
        if len(distinct) > _NAMED_BRACKETS:
            return [self._bracket(rows, varies=True)]
        place = place.reshape(-1)
        return [self._bracket(rows[place == k], varies=False) for k in range(len(distinct))]

    def _bracket(self, rows: npt.NDArray[np.int64], *, varies: bool) -> Bracket:
        stop, target = float(np.median(self.stop[rows])), float(np.median(self.target[rows]))
        tick = float(self.tick_cents[rows[0]])
        missed, hit = rows[self.missed[rows]], rows[self.hit[rows]]
        # distances count from the fill, so the entry's slippage is in them: a stop adds its own
        stop_cost = float(self.fee[rows].mean())
        loss = stop * tick + stop_cost + self._exit_slip(missed, hit)
        win = target * tick - float(self.fee[rows].mean())
        decided = len(missed) + len(hit)
        return Bracket(
            strategy=self.strategy.names[int(self.strategy.codes[rows[0]])],
            instrument=self.symbol.names[int(self.symbol.codes[rows[0]])],
            stop_ticks=stop,
            target_ticks=target,
            varies=varies,
            trades=len(rows),
            cost=(stop_cost + float(self.slipped[rows].mean())) / 100,
            break_even=loss / (win + loss) if win > 0 else None,
            hit_rate=len(hit) / decided if decided else None,
        )

    def _exit_slip(self, missed: npt.NDArray[np.int64], hit: npt.NDArray[np.int64]) -> float:
        """What stops slipped beyond what targets (limits) show for the entry alone."""
        if not len(missed):
            return 0.0
        entry = float(self.slipped[hit].mean()) if len(hit) else 0.0
        return max(float(self.slipped[missed].mean()) - entry, 0.0)


def _words(book: Ledger, name: str) -> Coded:
    column = book.columns[name]
    return (column if isinstance(column, Coded) else Coded.of(column)).take(book.leg_row)


def _floats(book: Ledger, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(book.columns[name], dtype=np.float64)[book.leg_row]


def _is_one_of(words: Coded, wanted: frozenset[str]) -> npt.NDArray[np.bool_]:
    listed = np.array([name in wanted for name in (*words.names, "")])
    found: npt.NDArray[np.bool_] = listed[words.codes]
    return found
