"""The line that says that clients may come, and what they need to know."""

import os

import msgspec

from julie.core.instruments import INSTRUMENTS
from julie.gateway.wire import (
    AccountSearch,
    AccountsReply,
    ContractsAvailable,
    ContractsReply,
)
from julie.simgate.exchange.exchange import Exchange
from julie.simgate.server.calls import Login
from julie.simgate.server.control_types import Ready
from julie.simgate.server.pacing import Speed


def ready_line(exchange: Exchange, login: Login, port: int, speed: Speed) -> Ready:
    """Addresses, login, accounts and contracts."""
    url = f"http://127.0.0.1:{port}"
    accounts = exchange.answer(AccountSearch(only_active_accounts=True))
    contracts = exchange.answer(ContractsAvailable(live=False))
    rows = (accounts.accounts or ()) if isinstance(accounts, AccountsReply) else ()
    listed = (contracts.contracts or ()) if isinstance(contracts, ContractsReply) else ()
    symbols = {f"F.US.{one.contract_root}": symbol for symbol, one in INSTRUMENTS.items()}
    return Ready(
        url=url,
        user_hub=f"{url}/hubs/user",
        market_hub=f"{url}/hubs/market",
        username=login.user_name,
        api_key=login.api_key,
        accounts=[msgspec.to_builtins(row) | {"balance": float(row.balance)} for row in rows],
        contracts={symbols.get(one.symbol_id, one.symbol_id): one.id for one in listed},
        speed=speed,
        clock=exchange.now_ns,
        until=exchange.setup.end_ns,
        seed=exchange.setup.seed,
        pid=os.getpid(),
    )
