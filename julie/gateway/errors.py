"""What can go wrong with the venue, in words a person can act on.

Two facts steer what happens next. `transient`: a read may be tried again. `may_have_left`: what
changes something may have been carried out although no answer came, so only the venue's own record
settles it.
"""

from typing import ClassVar, Final

from julie.core.errors import Exit, JulieError

STATUS_PAGE: Final = "see status.topstep.com, then try again"


class GatewayError(JulieError):
    """The venue cannot be used, or said no."""

    exit_code = Exit.ENVIRONMENT
    transient: ClassVar[bool] = False
    may_have_left: ClassVar[bool] = True


class NotReached(GatewayError):
    """No connection: unknown host, refused, or no network."""

    transient = True
    may_have_left = False


class CertificateRefused(GatewayError):
    """The other side could not prove who it is; nothing was sent."""

    may_have_left = False


class NoAnswer(GatewayError):
    """Connected, but no whole answer came."""

    transient = True


class NotTheVenue(GatewayError):
    """Something between here and the venue answered in its place."""


class VenueDown(GatewayError):
    """HTTP 5xx: maintenance, or an accident."""

    transient = True


class Throttled(GatewayError):
    """HTTP 429: too many calls, ours or another program's on the same login."""

    transient = True

    def __init__(self, message: str, cure: str, retry_after_s: float | None) -> None:
        super().__init__(message, cure)
        self.retry_after_s = retry_after_s


class BudgetSpent(GatewayError):
    """No room in our own budget within the time the call had; nothing was sent."""

    may_have_left = False


class TokenRefused(GatewayError):
    """HTTP 401: the token is over."""

    exit_code = Exit.LOGIN


class LoginRefused(GatewayError):
    """The venue did not let us in."""

    exit_code = Exit.LOGIN
    may_have_left = False


class BadAnswer(GatewayError):
    """An answer that cannot be read, or contradicts itself."""

    transient = True


class BadRequest(GatewayError):
    """HTTP 400 or 404: the request itself was wrong, and was not carried out."""

    exit_code = Exit.UNEXPECTED


class CallRefused(GatewayError):
    """`success: false`; `code` is None where nobody knows the number."""

    def __init__(self, message: str, number: int, code: str | None) -> None:
        super().__init__(message)
        self.number = number
        self.code = code


class HubRefused(GatewayError):
    """A hub said no to the handshake or to a subscription."""

    transient = True


class AccountMissing(GatewayError):
    """The account that was asked for is not among those of this login."""

    exit_code = Exit.LOGIN


class ContractDisagrees(GatewayError):
    """The venue's contract is not what our table says."""
