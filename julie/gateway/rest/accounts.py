"""Accounts of the login."""

from julie.gateway.answers import Listing
from julie.gateway.caller import Caller
from julie.gateway.errors import AccountMissing
from julie.gateway.limiter import Need
from julie.gateway.redact import MASK
from julie.gateway.wire import AccountRow, AccountSearch, routes


class Accounts:
    """Looks accounts up; never picks one."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def search(
        self, only_active: bool = True, need: Need = Need.ORDINARY
    ) -> Listing[AccountRow]:
        """All accounts, or those in use."""
        request = AccountSearch(only_active_accounts=only_active)
        reply, misfits = await self._caller.read(routes.ACCOUNTS, request, need)
        return Listing(reply.accounts or (), misfits)

    async def one(self, account_id: int, need: Need = Need.ORDINARY) -> AccountRow:
        """The account with this id; raises `AccountMissing` rather than take another."""
        found = await self.search(need=need)
        same = [row for row in found if row.id == account_id]
        if len(same) == 1:
            return same[0]
        names = ", ".join(f"{row.name[:4]}{MASK}{row.name[-2:]}" for row in found) or "none"
        raise AccountMissing(
            f"account {MASK}{account_id % 100:02d} was found {len(same)} times; this login has "
            f"{names}",
            "set PROJECTX_ACCOUNT_ID to the id of one of these accounts",
        )
