"""Where the venue is: its calls and its two hubs, by the environment or TopstepX's own."""

from collections.abc import Callable
from dataclasses import dataclass

from julie.gateway.hub_url import check_hub


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the venue is; TopstepX unless the environment says otherwise."""

    api: str = "https://api.topstepx.com"
    user_hub: str = "https://rtc.topstepx.com/hubs/user"
    market_hub: str = "https://rtc.topstepx.com/hubs/market"

    def check(self) -> None:
        """Refuse hubs that a token must not be sent to; raises `UsageError`."""
        for hub in (self.user_hub, self.market_hub):
            check_hub(hub)

    @classmethod
    def of(cls, named: Callable[[str], str | None]) -> "Addresses":
        """From PROJECTX_API_URL, PROJECTX_USER_HUB and PROJECTX_MARKET_HUB where they are given."""
        usual = cls()
        return cls(
            named("PROJECTX_API_URL") or usual.api,
            named("PROJECTX_USER_HUB") or usual.user_hub,
            named("PROJECTX_MARKET_HUB") or usual.market_hub,
        )
