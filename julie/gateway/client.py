"""Everything that calls the venue, wired together once for one login."""

from functools import partial
from typing import Final

import numpy as np

from julie.core.clock import Clock
from julie.gateway.backoff import Backoff
from julie.gateway.caller import Caller
from julie.gateway.limiter import Limiter, Sleep
from julie.gateway.line import Line, Timeouts
from julie.gateway.pace import pause
from julie.gateway.quarantine import Quarantine
from julie.gateway.redact import Redactor
from julie.gateway.rest import Accounts, Contracts, History, Orders, Positions, Status, Trades
from julie.gateway.session import Credentials, Session

LOGIN_PAUSES: Final = Backoff(tries=3, first_s=2.0)  # never two logins within a second


class Client:
    """One login at one address; order calls are for one account at a time."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        clock: Clock,
        chance: np.random.Generator,
        timeouts: Timeouts | None = None,
        backoff: Backoff | None = None,
        sleep: Sleep | None = None,
    ) -> None:
        wait = sleep or partial(pause, clock)
        pauses = backoff or Backoff()
        self.clock: Final = clock
        self.chance: Final = chance
        self.redact: Final = Redactor()
        self.quarantine: Final = Quarantine(self.redact)
        self.limiter: Final = Limiter(clock, wait)
        self.line: Final = Line(base_url, clock, self.limiter, timeouts)
        self.session: Final = Session(
            self.line, credentials, clock, self.redact, chance, LOGIN_PAUSES, wait
        )
        self._caller: Final = Caller(
            self.line, self.limiter, self.session, self.quarantine, chance, pauses, wait
        )
        self.accounts: Final = Accounts(self._caller)
        self.contracts: Final = Contracts(self._caller)
        self.history: Final = History(self._caller)
        self.status: Final = Status(self.line, clock)

    def orders(self, account_id: int) -> Orders:
        """Order calls of an account."""
        return Orders(self._caller, account_id)

    def positions(self, account_id: int) -> Positions:
        """Position calls of an account."""
        return Positions(self._caller, account_id)

    def trades(self, account_id: int) -> Trades:
        """The fills of an account."""
        return Trades(self._caller, account_id)

    async def aclose(self) -> None:
        """Close the connections; the session at the venue ends by itself."""
        await self.line.aclose()
