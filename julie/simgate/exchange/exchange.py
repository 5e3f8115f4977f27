"""The exchange behind the simulated gateway, by one class: ask it, advance it, script it, read it.

`answer` takes any typed request of the wire and returns its reply; events of orders, fills,
positions and accounts reach the sink while it runs, in the venue's order. `advance` plays the next
piece of the market into the sink. Nothing here waits, sleeps or knows a socket: who drives it paces
it by `due_ns`, and in lockstep by the acknowledgement.
"""

from collections.abc import Callable
from pathlib import Path

from julie.core.clock import Clock, MachineClock
from julie.gateway.wire import DepthRow, Quote, Reply
from julie.gateway.wire import Request as WireRequest
from julie.simgate.exchange.bodies import AccountAction, OrderRule, Request, Truth, Violation
from julie.simgate.exchange.events import Sink
from julie.simgate.exchange.setup import Setup
from julie.simgate.market.scripts import MarketScript


class Exchange:
    """One market, its accounts, and the record of everything that happened."""

    def __init__(self, setup: Setup, sink: Sink, wall: Clock | None = None) -> None:
        self.setup = setup
        self._sink = sink
        self._wall: Callable[[], int] = (wall or MachineClock()).mono_ns

    @property
    def now_ns(self) -> int:
        """The virtual clock."""
        raise NotImplementedError

    def answer(self, request: WireRequest) -> Reply:
        """Serve one call of the wire (all but the logins), by the type of its request."""
        raise NotImplementedError

    def due_ns(self) -> int | None:
        """When the next piece of the market is due by the virtual clock; None at the end."""
        raise NotImplementedError

    def advance(self) -> bool:
        """Play the next piece: a virtual second, or in lockstep one half of a minute (the first
        quotes and prints of a minute; then their matching and the rest of it). In lockstep every
        True must be acknowledged before the next call; False: nothing was sent.
        """
        raise NotImplementedError

    def contracts(self) -> tuple[str, ...]:
        """The active contract ids, in the order of the setup."""
        raise NotImplementedError

    def quote(self, contract: str) -> Quote:
        """The whole quote, for a subscriber's first message."""
        raise NotImplementedError

    def depth(self, contract: str) -> tuple[DepthRow, ...]:
        """Ten levels a side made from the quote, with a reset first."""
        raise NotImplementedError

    def script(self, script: MarketScript) -> None:
        """Do something to the market."""
        raise NotImplementedError

    def account(self, action: AccountAction) -> None:
        """Do something to an account."""
        raise NotImplementedError

    def rule(self, rule: OrderRule | None) -> None:
        """Add a rule for orders to come; None takes all rules away and lets held orders go."""
        raise NotImplementedError

    def note(self, request: Request) -> None:
        """Take down a request with its answer, for truth and the request budgets."""
        raise NotImplementedError

    def presence(self, here: bool) -> None:
        """The bot is away or cannot reach us (False); a login succeeded (True)."""
        raise NotImplementedError

    def muted(self, contract: str | None, mute: bool) -> None:
        """Market data of a contract (None: all) no longer reaches the bot, or does again."""
        raise NotImplementedError

    def truth(self) -> Truth:
        """All that happened so far."""
        raise NotImplementedError

    def violations(self) -> list[Violation]:
        """What the oracle found so far, naked positions that still stand included."""
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        """Write the whole state, so that `load_exchange` goes on from here after a restart."""
        raise NotImplementedError


def load_exchange(folder: Path, sink: Sink, wall: Clock | None = None) -> Exchange:
    """The exchange as it was saved in a folder."""
    raise NotImplementedError
