"""The venue's money against ours: its fees are booked, and its balance governs.

A fee that differs from the table is the venue's fee all the same; it is counted, and told after the
third. The balance is compared by what both have gained since the first look of a trading day,
whenever nothing of ours is under way or untold, and the venue has spoken of it since its last
trade; where they differ by more than a tick of what was traded, the venue's gain is the right one.
That first look is written down: what was lost while nobody was here counts too, and so does what
the account made earlier in the day of a first start.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from julie.core.events import BalanceAnchored
from julie.core.money import dollars
from julie.execution.venue import VenueAccount, VenueTrade

if TYPE_CHECKING:  # the floor knows the book, and the book its money
    from julie.execution.floor import Traded

TOLD_AFTER: Final = 3


class Money:
    """Fees and balance of one account."""

    def __init__(
        self,
        traded: Mapping[str, "Traded"],
        alarm: Callable[[str, str], None],
        note: Callable[[BalanceAnchored], None],
    ) -> None:
        self._traded, self._alarm, self._note = traded, alarm, note
        self.fees_differ = 0
        self._anchor: BalanceAnchored | None = None  # where both began
        self._size = 1  # contracts of the largest trade since both agreed
        self._heard = False  # the balance was told after the last trade
        self._aside = 0  # gained by plans of ours that are not the desk's, and not yet its balance

    def account(self) -> None:
        """The venue spoke of the balance."""
        self._heard = True

    def traded(self, row: VenueTrade) -> None:
        """A trade of the account, ours or not, new or voided."""
        self._heard = False
        self._size = max(self._size, row.qty)

    def aside(self, row: VenueTrade, sign: int = 1) -> None:
        """A trade of a test order, or of a position that was found: ours, and not the desk's."""
        self._aside += sign * ((row.pnl_cents or 0) - row.fee_cents)

    def fee(self, row: VenueTrade) -> None:
        """A trade of ours and what it cost."""
        one = self._traded.get(row.contract)
        if one is None or not one.fee_cents or row.fee_cents == one.fee_cents * row.qty:
            return
        self.fees_differ += 1
        if self.fees_differ == TOLD_AFTER:
            told, known = dollars(row.fee_cents) / row.qty, dollars(one.fee_cents)
            self._alarm(
                "fee_differs",
                f"{one.symbol}: the venue takes {told:.2f} USD a side, the fee table says "
                f"{known:.2f}; {TOLD_AFTER} trades so far",
            )

    def anchored(self, anchor: BalanceAnchored) -> None:
        """Both begin here, in this life or in the one before it."""
        self._anchor, self._aside = anchor, 0

    def governed(self) -> None:
        """The desk's balance is the venue's now."""
        self._size, self._aside = 1, 0

    def day_closed(self) -> None:
        """With the next trading day both begin anew: what is paid in or out between is no loss."""
        self._anchor = None

    def told(self, account: VenueAccount | None) -> int | None:
        """Our balance by the venue's gains, to be shown; None while it has said nothing that holds.

        Nothing is booked by it, and nothing changes.
        """
        anchor = self._anchor
        if account is None or anchor is None or anchor.account != account.id or not self._heard:
            return None
        return account.balance_cents - anchor.apart_cents

    def begins(self, account: VenueAccount | None) -> bool:
        """Whether nobody has compared with the account in this trading day."""
        anchor = self._anchor
        return anchor is None or (account is not None and anchor.account != account.id)

    def governing(self, account: VenueAccount | None, ours: int, before: int = 0) -> int | None:
        """Our balance by the venue's gains, where it differs from `ours`; to be asked while
        nothing of ours is under way. `before` is what the account made today that `ours` lacks: it
        governs from the next minute on, for the first one is where the desk's day begins.
        """
        if account is None or not self._heard:
            return None
        anchor = self._anchor
        if anchor is None or anchor.account != account.id:
            anchor = BalanceAnchored(account.id, account.balance_cents - before - ours)
            self.anchored(anchor)
            self._aside = before
            self._note(anchor)
            return None
        right = account.balance_cents - anchor.apart_cents
        tick = max((one.tick_cents for one in self._traded.values()), default=1)
        more, known, near = right - ours, self._aside, tick * self._size
        if not known and abs(more) <= near:
            return None
        self.governed()
        if abs(more - known) > near:
            self._alarm(
                "balance_differs",
                f"the venue's balance says {dollars(more - known):+.2f} USD more than our trades",
            )
        return right if more else None
