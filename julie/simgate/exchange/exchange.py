"""The exchange behind the simulated gateway, by one class: ask it, advance it, script it, read it.

`answer` takes any typed request of the wire and returns its reply; events of orders, fills,
positions and accounts reach the sink while it runs, in the venue's order. `advance` plays the next
piece of the market into the sink. Nothing here waits, sleeps or knows a socket: who drives it paces
it by `due_ns`, and in lockstep by the acknowledgement.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from julie.core.calendar import load_calendar
from julie.core.clock import Clock, MachineClock
from julie.core.errors import UsageError
from julie.gateway import wire
from julie.gateway.wire import Reply
from julie.simgate.exchange import kept
from julie.simgate.exchange.bodies import AccountAction, OrderRule, Request
from julie.simgate.exchange.control import Control, new_account
from julie.simgate.exchange.events import Sink
from julie.simgate.exchange.floor import Floor
from julie.simgate.exchange.house import House
from julie.simgate.exchange.limits import Limits
from julie.simgate.exchange.oracle import Oracle
from julie.simgate.exchange.queries import Queries
from julie.simgate.exchange.setup import Setup
from julie.simgate.exchange.shown import Shown
from julie.simgate.exchange.state import Ledger
from julie.simgate.exchange.trading import Trading
from julie.simgate.market.history import retrieve
from julie.simgate.market.hours import Hours
from julie.simgate.market.market import Market
from julie.simgate.market.playing import Playing
from julie.simgate.market.scripts import CalendarDay, MarketScript, Product, Roll
from julie.simgate.market.series import Series, load_series
from julie.simgate.market.stalls import MarketState

FIRST_ORDER = 3_400_000_001  # live ids lie above the range of 32 bits
FIRST_TRADE = 3_000_000_001
FIRST_POSITION = 593_000_001


class Exchange(Shown):
    """One market, its accounts, and the record of everything that happened."""

    def __init__(
        self,
        setup: Setup,
        sink: Sink,
        wall: Clock | None = None,
        *,
        series: tuple[Series, ...] | None = None,
        ledger: Ledger | None = None,
        market: MarketState | None = None,
    ) -> None:
        wall_ns: Callable[[], int] = (wall or MachineClock()).mono_ns
        found = series or load_series(setup)
        self._market = Market(setup, found, Hours(load_calendar()), sink, market)
        self._playing = Playing(self._market)
        self._ledger = ledger or Ledger(
            next_id=FIRST_ORDER,
            next_trade=FIRST_TRADE,
            next_position=FIRST_POSITION,
            accounts={one.id: new_account(one) for one in setup.accounts},
        )
        self._house = House(self._market, self._ledger, sink, wall_ns)
        self._limits = Limits(self._house)
        self.oracle = self._oracle = Oracle(
            self._house,
            wall_ns if setup.oracle_wall or setup.lockstep else self._virtual_ns,
            wall_ns if setup.oracle_wall else self._virtual_ns,
        )
        self._floor = Floor(self._house, self._limits, self._oracle)
        self._market.pit = self._floor
        self._trading = Trading(self._house, self._floor, self._limits, self._oracle)
        self._control = Control(self._house, self._floor, self._trading, self._oracle)
        self._serve = self._table(Queries(self._house))
        for script in self._market.state.applied:
            self._playing.do(script)

    def _table(self, queries: Queries) -> dict[type, Callable[[Any], Reply]]:
        return {
            wire.AccountSearch: queries.accounts,
            wire.ContractSearch: queries.search,
            wire.ContractsAvailable: queries.available,
            wire.ContractById: queries.contract,
            wire.OrderSearch: queries.orders,
            wire.OpenOrders: queries.open_orders,
            wire.OrderById: queries.order,
            wire.OrderQuery: queries.query,
            wire.OpenPositions: queries.positions,
            wire.TradeSearch: queries.trades,
            wire.RetrieveBars: lambda asked: retrieve(self._market, asked),
            wire.PlaceOrder: self._trading.place,
            wire.ModifyOrder: self._trading.modify,
            wire.CancelOrder: self._trading.cancel,
            wire.CloseContract: self._trading.close,
            wire.PartialClose: self._trading.close,
        }

    def _virtual_ns(self) -> int:
        return self._market.now_ns

    @property
    def setup(self) -> Setup:
        """As it was set up, with the habits as they are now."""
        return self._market.setup

    @setup.setter
    def setup(self, setup: Setup) -> None:
        self._market.setup = setup

    @property
    def now_ns(self) -> int:
        """The virtual clock."""
        return self._market.now_ns

    def answer(self, request: wire.Request) -> Reply:
        """Serve one call of the wire (all but the logins), by the type of its request."""
        return self._serve[type(request)](request)

    def due_ns(self) -> int | None:
        """When the next piece of the market is due by the virtual clock; None at the end."""
        return self._market.due_ns()

    def advance(self) -> bool:
        """Play the next piece: a virtual second, or in lockstep one half of a minute (the first
        quotes and prints of a minute; then their matching and the rest of it). In lockstep every
        True must be acknowledged before the next call; False: nothing was sent.
        """
        return self._market.advance()

    def script(self, script: MarketScript) -> None:
        """Do something to the market."""
        self._house.mark("market", script=type(script).__name__)
        if isinstance(script, Roll | CalendarDay | Product):
            self._market.state.applied.append(script)
        self._playing.do(script)

    def account(self, action: AccountAction) -> None:
        """Do something to an account."""
        self._house.mark("control", action=type(action).__name__)
        self._control.do(action)

    def rule(self, rule: OrderRule, number: int = 0) -> None:
        """Add a rule for orders to come, under a number of the caller's."""
        self._house.add_rule(rule, number)

    def unrule(self, number: int | None = None) -> None:
        """Take one rule away, or all; the orders that it held go on."""
        ledger = self._ledger
        ledger.rules = [one for one in ledger.rules if number not in (None, one.number)]
        held = [one for one in ledger.held if number in (None, one.rule)]
        ledger.held = [one for one in ledger.held if number not in (None, one.rule)]
        for one in held:
            self._floor.release(one)

    def note(self, request: Request) -> None:
        """Take down a request with its answer, for truth and the request budgets."""
        self._ledger.requests.append(request)
        self._house.mark("request", path=request.path, status=request.status, code=request.code)
        if request.status:  # else it never came
            self._oracle.asked(request)

    def presence(self, here: bool) -> None:
        """The bot is away or cannot reach us (False); a login succeeded (True)."""
        self._house.mark("login" if here else "away")
        self._oracle.presence(here)

    def muted(self, contract: str | None, mute: bool) -> None:
        """Market data of a contract (None: all) no longer reaches the bot, or does again."""
        self._oracle.muted(contract, mute)

    def save(self, folder: Path) -> None:
        """Write the whole state, so that `load_exchange` goes on from here after a restart."""
        kept.write(folder, kept.Saved(self.setup, self._ledger, self._market.state))


def load_exchange(
    folder: Path,
    sink: Sink,
    wall: Clock | None = None,
    *,
    series: tuple[Series, ...] | None = None,
) -> Exchange:
    """The exchange as it was saved in a folder."""
    try:
        saved = kept.read(folder)
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder} holds no exchange: {error}", "start a new one") from error
    return Exchange(
        saved.setup, sink, wall, series=series, ledger=saved.ledger, market=saved.market
    )
