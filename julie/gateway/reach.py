"""Whether the venue can be reached and lets us in, told when it matters: late, and once.

One call without an answer is everyday life. When nothing was answered for ten seconds nobody may
enter, until it answers again; when the login was refused for good a person must act. While nothing
is answered somebody asks now and then, so that the end of it is not missed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from julie.core.clock import Clock
from julie.core.zones import SECOND_NS
from julie.gateway.client import Client
from julie.gateway.errors import GatewayError
from julie.gateway.pace import pause

LOOK_S: Final = 1.0
DOWN_S: Final = 10.0
ASK_S: Final = 5.0
VENUE_DOWN: Final = "venue_down"
LOGIN_REFUSED: Final = "login_refused"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something between us and the venue that forbids entries, or the end of it."""

    name: str
    text: str
    over: bool = False
    lasting: bool = False  # a person must act before it can end


def nobody(trouble: Trouble) -> None:
    """Nobody asked to be told."""


class Reach:
    """Looks at how calls fare."""

    def __init__(self, client: Client, clock: Clock, tell: Callable[[Trouble], None]) -> None:
        self._client = client
        self._clock = clock
        self._tell = tell
        self._is_down = False
        self._refusal: GatewayError | None = None
        self._asked_ns = 0

    @property
    def lost(self) -> bool:
        """Whether nothing has been answered for too long, at this very moment."""
        return self._is_down or self._client.limiter.down_s >= DOWN_S

    async def run(self) -> None:
        """Look each second, for ever."""
        while True:
            await pause(self._clock, LOOK_S)
            self.look()
            await self._ask()

    def look(self) -> None:
        """Tell what has changed."""
        session = self._client.session
        if session.barred is not None and session.barred is not self._refusal:
            self._refusal = session.barred
            self._tell(Trouble(LOGIN_REFUSED, str(self._refusal), lasting=True))
        elif self._refusal is not None and session.inside:
            self._refusal = None
            text = "the venue let us in again"
            self._tell(Trouble(LOGIN_REFUSED, text, over=True, lasting=True))
        down_s = self._client.limiter.down_s
        is_down = down_s >= DOWN_S or (self._is_down and down_s > 0)
        if is_down != self._is_down:
            self._is_down = is_down
            text = f"nothing was answered for {down_s:.0f} s" if is_down else "it answers again"
            self._tell(Trouble(VENUE_DOWN, text, over=not is_down))

    async def _ask(self) -> None:
        now_ns = self._clock.mono_ns()
        if not self._client.limiter.down_s or now_ns - self._asked_ns < ASK_S * SECOND_NS:
            return
        self._asked_ns = now_ns
        try:
            await self._client.accounts.search()
        except GatewayError:
            return  # as was to be expected
