"""The venue's rules of an account: trailing floor, daily loss, position cap, forced flat.

The floor is `min(start, start - D + max(0, best close - start))`, tested on balance plus open
profit; touching it ends the account. The daily loss locks it until the next open.
"""

from julie.gateway.wire import OrderStatus
from julie.simgate.exchange.house import House
from julie.simgate.exchange.positions import open_profit
from julie.simgate.exchange.state import SimAccount


class Limits:
    """Looks at accounts."""

    def __init__(self, house: House) -> None:
        self._house = house

    def equity(self, account: SimAccount) -> int:
        """Balance plus open profit at the prices that stand."""
        total = account.balance
        for holding in self._house.ledger.holdings.values():
            tick = self._house.last(holding.contract)
            if holding.account == account.id and holding.net and tick is not None:
                stall = self._house.market.stalls[holding.contract]
                value = stall.contract.instrument.tick_value_cents
                total += open_profit(holding, tick, value)
        return total

    def floor(self, account: SimAccount) -> int:
        """The equity that must not be touched."""
        risen = account.start - account.mll + max(0, account.best_close - account.start)
        return min(account.start, risen)

    def broken(self, contract: str) -> list[SimAccount]:
        """Accounts that hold the contract and broke a limit just now."""
        out = []
        for account in self._house.ledger.accounts.values():
            if not self._house.net(account.id, contract) or account.violated:
                continue
            equity = self.equity(account)
            if account.mll and equity <= self.floor(account):
                account.violated, account.can_trade = True, False
            elif account.dll and equity <= account.day_start - account.dll:
                account.day_locked, account.can_trade = True, False
            else:
                continue
            out.append(account)
        return out

    def new_day(self) -> list[SimAccount]:
        """The balance of the close counts, and a lock of the day is over; who may trade again."""
        unlocked = []
        for account in self._house.ledger.accounts.values():
            account.best_close = max(account.best_close, account.balance)
            account.day_start = account.balance
            if account.day_locked:
                account.day_locked, account.can_trade = False, not account.violated
                unlocked.append(account)
        return unlocked

    def exceeds(self, account: SimAccount, contract: str, side: int, size: int) -> bool:
        """Whether an order could carry the account above its cap."""
        if not account.cap_tenths:
            return False
        net = self._house.net(account.id, contract)
        if net * side < 0 and size <= abs(net):
            return False
        cap = account.cap_tenths
        for profit, tenths in account.scaling:
            if account.day_start - account.start >= profit:
                cap = tenths
        total = 0
        for name, stall in self._house.market.stalls.items():
            held = self._house.net(account.id, name)
            working = [
                one
                for one in self._house.live(account.id, name)
                if one.role == "entry" and one.status is not OrderStatus.SUSPENDED
            ]
            if name == contract:
                same = sum(one.left for one in working if one.side == side)
                held = held * side + same + size
            else:
                held = abs(held) + sum(one.left for one in working)
            total += abs(held) * round(stall.contract.instrument.weight * 10)
        return total > cap
