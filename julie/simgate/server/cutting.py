"""What rules do to connections: break them, close them, silence them, log them out."""

from collections.abc import Sequence

from julie.simgate.server import hub_text
from julie.simgate.server.connection import Connection
from julie.simgate.server.hubs import Hubs
from julie.simgate.server.meddling import Meddling
from julie.simgate.server.presence import Presence
from julie.simgate.server.rule_types import Action, HubName
from julie.simgate.server.rules import RuleBook
from julie.simgate.server.tokens import Tokens


class Cutting:
    """Carries out deeds on connections."""

    def __init__(
        self,
        hubs: Hubs,
        tokens: Tokens,
        rules: RuleBook,
        meddling: Meddling,
        presence: Presence,
    ) -> None:
        self._hubs = hubs
        self._tokens = tokens
        self._rules = rules
        self._meddling = meddling
        self._presence = presence

    async def due(self) -> None:
        """Do what is due: by the clock, or because an event met a rule."""
        waiting = self._meddling.connection_deeds
        if waiting:
            self._meddling.connection_deeds = []
            for deed, hub in waiting:
                await self.do(deed, hub)
        for deed, match in self._rules.due():
            await self.do(deed, match.hub)

    async def do(self, deed: Action, hub: HubName | None = None) -> None:
        """Do it to every connection of a hub, or of both."""
        if deed.do == "expire_tokens":
            self._tokens.end_all()
            return
        if deed.do == "reset" and deed.lines:
            self._presence.cut_lines()
        await self._each(deed, self._hubs.connections(deed.hub or hub))

    async def log_out(self, token: str) -> None:
        """A token was logged out: its connections hear it and are closed."""
        theirs = [one for one in self._hubs.connections() if one.token == token]
        await self._each(Action(do="logout"), theirs)

    async def _each(self, deed: Action, connections: Sequence[Connection]) -> None:
        for one in connections:
            if deed.do == "reset":
                one.reset()
            elif deed.do == "half_open":
                one.fall_silent()
            elif deed.do == "logout":
                one.put(hub_text.LOGOUT)
                await one.finish(hub_text.closing())
            else:
                await one.finish(hub_text.closing(deed.text, deed.allow_reconnect))
