"""Whether the account is the one that is meant, and may trade: asked before anything else."""

from julie.core.errors import Exit, JulieError
from julie.gateway.client import Client
from julie.gateway.redact import MASK
from julie.gateway.wire import AccountRow
from julie.settings import LiveSection


class WrongAccount(JulieError):
    """The account is not what the configuration says, or may not trade."""

    exit_code = Exit.LOGIN


async def check_account(client: Client, account_id: int, section: LiveSection) -> AccountRow:
    """The account's row; raises where it must not be traded.

    One that may not trade is still looked after while it holds something.
    """
    row = await client.accounts.one(account_id)
    if section.account_name and section.account_name != row.name:
        raise WrongAccount(
            f"account {MASK}{row.id % 100:02d} is not called live.account_name",
            "set PROJECTX_ACCOUNT_ID or live.account_name right",
            "no order was sent",
        )
    held = await client.positions(account_id).held() if not row.can_trade else ()
    if not row.can_trade and not held:
        raise WrongAccount(
            f"the venue does not let account {MASK}{row.id % 100:02d} trade",
            "read in the platform why: a breached limit, a missing agreement, a reset",
            "no order was sent",
        )
    return row
