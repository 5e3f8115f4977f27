"""A login of its own for a command: from the environment, `.env`, the keyring, or a simulator's
line.

It opens no journal and no stream, so it works beside a running bot and without one.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import SecretStr

from julie.core.clock import MachineClock
from julie.core.errors import Exit, JulieError
from julie.core.secrets import Secrets, plain, read_secrets, system_keyring
from julie.execution.venue import VenueUnreachable
from julie.gateway.addresses import Addresses
from julie.gateway.client import Client
from julie.gateway.errors import STATUS_PAGE, BadAnswer, GatewayError
from julie.gateway.session import Credentials
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.sim import Ready, read_ready


class LoginMissing(JulieError):
    """A name, key or account that nobody gave."""

    exit_code = Exit.LOGIN


class Door(NamedTuple):
    """An open client and the account it acts for."""

    client: Client
    account_id: int

    def venue(self) -> GatewayVenue:
        """The account as orders see it."""
        return GatewayVenue(self.client, VenueRows(self.account_id, Ticks()))


class Login(NamedTuple):
    """Where to, who, and which account."""

    addresses: Addresses
    credentials: Credentials
    account_id: int

    @property
    def url(self) -> str:
        """Of its calls."""
        return self.addresses.api


def find_login(sim: Path | None = None, secrets: Secrets | None = None) -> Login:
    """The login that a command uses; raises `LoginMissing` with the name that is not set."""
    if sim is not None:
        return login_of(read_ready(sim))
    found = secrets or read_secrets(keyring=system_keyring())
    texts = {name: _text(found, name) for name in ("USERNAME", "API_KEY", "ACCOUNT_ID")}
    for name, text in texts.items():
        if not text and found.faults:
            told, _, cure = found.faults[0].partition(" -> ")
            raise LoginMissing(f"PROJECTX_{name} is not set: {told}", cure)
        if not text:
            raise LoginMissing(
                f"PROJECTX_{name} is not set",
                "set it in the environment or in .env (see .env.example), or name a simulated "
                "gateway with --sim READY.json",
            )
    if not texts["ACCOUNT_ID"].isdigit():
        raise LoginMissing(
            "PROJECTX_ACCOUNT_ID is not a number", "take the account's id from `julie doctor`"
        )
    credentials = Credentials(SecretStr(texts["USERNAME"]), SecretStr(texts["API_KEY"]))
    return Login(Addresses.of(plain(found)), credentials, int(texts["ACCOUNT_ID"]))


def login_of(ready: Ready) -> Login:
    """The login at a simulated gateway."""
    credentials = Credentials(SecretStr(ready.username), SecretStr(ready.api_key))
    addresses = Addresses(ready.url, ready.user_hub, ready.market_hub)
    return Login(addresses, credentials, ready.account_id)


@asynccontextmanager
async def opened(login: Login) -> AsyncIterator[Door]:
    """A client, closed at the end."""
    clock = MachineClock()
    chance = np.random.default_rng(clock.now_ns() & 0xFFFFFFFF)
    client = Client(login.url, login.credentials, clock, chance)
    try:
        yield Door(client, login.account_id)
    finally:
        await client.aclose()


@contextmanager
def readable() -> Iterator[None]:
    """What reads of the account raise, in words for a person: the venue's own error and cure."""
    try:
        yield
    except VenueUnreachable as error:
        if isinstance(error.__cause__, GatewayError):
            raise error.__cause__ from None
        raise BadAnswer(f"the account cannot be read: {error}", STATUS_PAGE) from None


def _text(secrets: Secrets, name: str) -> str:
    found = secrets.get(f"PROJECTX_{name}")
    return found.get_secret_value() if found else ""
