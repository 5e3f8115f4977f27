"""nautilus_trader: a bracket on the cross, its market entry filled at the signal's close.

The bracket is alive from the next bar on; bars are walked open, high, low, close. A limit is
filled only when the price goes beyond it (`prob_fill_on_limit=0`).
"""

from decimal import Decimal

import numpy as np
import pandas as pd
from harness import CASH, FEE, POINT, Case, Trades, main
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.models import FillModel, PerContractFeeModel
from nautilus_trader.config import BacktestEngineConfig, LoggingConfig, StrategyConfig
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, AssetClass, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TraderId, Venue
from nautilus_trader.model.instruments import FuturesContract
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

MINUTE_NS = 60_000_000_000
VENUE = Venue("SIM")
WHERE = InstrumentId(Symbol("MNQ"), VENUE)
BARS = BarType.from_str(f"{WHERE}-1-MINUTE-LAST-EXTERNAL")


class RuleConfig(StrategyConfig, frozen=True):
    """Periods of the averages."""

    fast: int
    slow: int


class Rule(Strategy):
    """EMA cross with a bracket."""

    def __init__(self, config: RuleConfig, stops: np.ndarray, targets: np.ndarray) -> None:
        super().__init__(config)
        self.fast = ExponentialMovingAverage(config.fast)
        self.slow = ExponentialMovingAverage(config.slow)
        self.stops, self.targets = stops, targets
        self.row = -1
        self.side_before = 0
        self.side = 0
        self.fills: list[tuple[int, int, float]] = []
        self.one = Quantity.from_int(1)

    def on_start(self) -> None:
        self.subscribe_bars(BARS)

    def on_bar(self, bar: Bar) -> None:
        self.row += 1
        self.fast.update_raw(bar.close.as_double())
        self.slow.update_raw(bar.close.as_double())
        gap = self.fast.value - self.slow.value
        above, before = np.sign(gap), self.side_before
        self.side_before = above
        if self.side or self.row < self.config.slow or above == 0 or above == before:
            return
        self.side = int(above)
        close = bar.close.as_double()
        stop = close - self.side * self.stops[self.row]
        target = close + self.side * self.targets[self.row]
        self.submit_order_list(
            self.order_factory.bracket(
                instrument_id=WHERE,
                order_side=OrderSide.BUY if self.side > 0 else OrderSide.SELL,
                quantity=self.one,
                sl_trigger_price=Price(stop, 2),
                tp_price=Price(target, 2),
                tp_post_only=False,
            )
        )

    def on_order_filled(self, event) -> None:
        self.fills.append((self.side, event.ts_event, event.last_px.as_double()))
        if len(self.fills) % 2 == 0:
            self.side = 0


def contract(case: Case) -> FuturesContract:
    """The product."""
    last = int(case.ts[-1])
    return FuturesContract(
        instrument_id=WHERE, raw_symbol=Symbol("MNQ"), asset_class=AssetClass.INDEX, currency=USD,
        price_precision=2, price_increment=Price.from_str("0.25"),
        multiplier=Quantity.from_str(str(int(POINT))), lot_size=Quantity.from_int(1),
        underlying="NQ", activation_ns=0, expiration_ns=last + 86_400_000_000_000,
        ts_event=0, ts_init=0, margin_init=Decimal(0), margin_maint=Decimal(0),
    )  # fmt: skip


def own_bars(case: Case) -> tuple[FuturesContract, list[Bar]]:
    """The prices as it takes them, stamped with the bar's close."""
    product = contract(case)
    frame = pd.DataFrame(
        {"open": case.open, "high": case.high, "low": case.low, "close": case.close},
        index=pd.to_datetime(case.ts + MINUTE_NS, unit="ns", utc=True),
    )
    return product, BarDataWrangler(BARS, product).process(frame)


def run(case: Case, ready: tuple[FuturesContract, list[Bar]], number: int) -> Trades:
    """One run of the engine."""
    product, bars = ready
    config = BacktestEngineConfig(
        trader_id=TraderId("BENCH-001"),
        logging=LoggingConfig(bypass_logging=True),
        run_analysis=False,
    )
    engine = BacktestEngine(config)
    engine.add_venue(
        venue=VENUE, oms_type=OmsType.NETTING, account_type=AccountType.MARGIN,
        base_currency=USD, starting_balances=[Money(CASH, USD)],
        fill_model=FillModel(prob_fill_on_limit=0.0),
        fee_model=PerContractFeeModel(Money(FEE, USD)),
        bar_execution=True, bar_adaptive_high_low_ordering=False,
    )  # fmt: skip
    engine.add_instrument(product)
    engine.add_data(bars)
    config_of = RuleConfig(fast=int(case.fast[number]), slow=int(case.slow[number]))
    rule = Rule(config_of, case.stop[number], case.target[number])
    engine.add_strategy(rule)
    engine.run()
    fills = rule.fills
    engine.dispose()
    return paired(case, fills)


def paired(case: Case, fills: list[tuple[int, int, float]]) -> Trades:
    """Entries with their exits; one still open at the end is left out."""
    rows = np.searchsorted(case.ts + MINUTE_NS, [when for _, when, _ in fills])
    into, out = slice(0, len(fills) // 2 * 2, 2), slice(1, None, 2)
    price = np.array([price for _, _, price in fills])
    side = np.array([side for side, _, _ in fills])
    return Trades(side[into], rows[into], price[into], rows[out], price[out])


if __name__ == "__main__":
    main("nautilus_trader", run, own_form=own_bars)
