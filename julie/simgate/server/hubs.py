"""Both hubs: who is connected, who listens to what, and the way out to them.

An event is written once and goes to every connection of its group; where rules of a test look at
events, they decide what becomes of it.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, cast

from julie.gateway.wire import DepthRow
from julie.simgate.exchange.bodies import Role
from julie.simgate.exchange.events import DEPTH, QUOTE, TRADE, MarketEvent, UserEvent
from julie.simgate.server import hub_text
from julie.simgate.server.connection import Connection
from julie.simgate.server.hub_text import HubText
from julie.simgate.server.meddling import Meddling
from julie.simgate.server.rule_types import HubName
from julie.simgate.server.rules import Facts

SUBJECT_OF: Final = {
    "GatewayUserAccount": "Accounts",
    "GatewayUserOrder": "Orders",
    "GatewayUserPosition": "Positions",
    "GatewayUserTrade": "Trades",
    QUOTE: "ContractQuotes",
    TRADE: "ContractTrades",
    DEPTH: "ContractMarketDepth",
}
ALL_ACCOUNTS: Final = "Accounts:"


class Hubs:
    """The connections and their groups; a group is `subject:account` or `subject:contract`."""

    def __init__(self, text: HubText, meddling: Meddling) -> None:
        self.text: Final = text
        self._meddling = meddling
        self._connections: dict[int, Connection] = {}
        self._groups: defaultdict[str, dict[int, Connection]] = defaultdict(dict)
        self._next_number = 1

    def enter(self, hub: HubName, token: str, user: str) -> Connection:
        """A client has come in."""
        connection = Connection(self._next_number, hub, token, user)
        self._next_number += 1
        self._connections[connection.number] = connection
        return connection

    def leave(self, connection: Connection) -> None:
        """A client is gone, with all it listened to."""
        connection.life = "over"
        self._connections.pop(connection.number, None)
        for group in connection.groups:
            self._groups[group].pop(connection.number, None)

    def connections(self, hub: HubName | None = None) -> list[Connection]:
        """Who is here, oldest first."""
        return [one for one in self._connections.values() if hub in (None, one.hub)]

    def newest(self, hub: HubName) -> Connection | None:
        """The youngest life on a hub: the client whose word counts."""
        alive = [one for one in self.connections(hub) if one.life == "open"]
        return alive[-1] if alive else None

    def join(self, connection: Connection, group: str) -> None:
        """A client listens to a group from now on."""
        connection.groups.add(group)
        self._groups[group][connection.number] = connection

    def part(self, connection: Connection, group: str) -> None:
        """A client no longer does."""
        connection.groups.discard(group)
        self._groups[group].pop(connection.number, None)

    def listened(self, group: str) -> bool:
        """Whether anybody hears a group."""
        return bool(self._groups.get(group))

    def hears_anything(self) -> bool:
        """Whether anybody has subscribed to anything."""
        return any(one.life == "open" and one.groups for one in self.connections())

    def hears_market(self) -> bool:
        """Whether anybody hears anything of the market."""
        return any(one.life == "open" and one.groups for one in self.connections("market"))

    def user_event(self, event: UserEvent) -> None:
        """A row of the user hub for those who listen to its account."""
        subject = SUBJECT_OF[event.target]
        group = ALL_ACCOUNTS if subject == "Accounts" else f"{subject}:{event.account_id}"
        fields = hub_text.fields_of(event.row, self.text.nulls)
        if not self._meddling.watches:
            if self.listened(group):
                self.send(group, [self.text.user(event.target, fields, event.action)])
            return
        facts = Facts(
            event=event.target,
            hub="user",
            role=cast("Role | None", event.role or None),
            tag=fields.get("customTag") or "",
            contract=fields.get("contractId", ""),
        )
        deeds = self._meddling.meets(facts)
        for deed in deeds:
            if deed.do == "edit":
                fields = hub_text.edited(fields, deed.set, deed.drop)
        records = [self.text.user(event.target, fields, event.action)]
        self._meddling.pass_on(self, group, records, deeds)

    def market_event(self, event: MarketEvent) -> None:
        """Quotes or prints for those who listen to a contract."""
        group = f"{SUBJECT_OF[event.target]}:{event.contract}"
        if not self.listened(group):
            self.text.forget(event)
            return
        self._market_records(event.target, event.contract, self.text.market(event))

    def depth_event(self, contract: str, rows: Sequence[DepthRow]) -> None:
        """Changes of a book for those who listen to it."""
        self._market_records(DEPTH, contract, self.text.depth(contract, rows))

    def _market_records(self, target: str, contract: str, records: Sequence[bytes]) -> None:
        group = f"{SUBJECT_OF[target]}:{contract}"
        if not self._meddling.watches:
            self.send(group, records)
            return
        facts = Facts(event=target, hub="market", contract=contract)
        deeds = self._meddling.meets(facts)
        for deed in deeds:
            if deed.do == "edit":
                records = [hub_text.edited_record(one, deed.set, deed.drop) for one in records]
        self._meddling.pass_on(self, group, records, deeds)

    def send(self, group: str, records: Sequence[bytes], alone: bool = False) -> None:
        """Records go out to a group with the next flush, or each in a frame alone."""
        listeners = self._groups.get(group)
        if not listeners:
            return
        for connection in listeners.values():
            for record in records:
                connection.put(record, alone)

    async def flush(self, now_ns: int) -> None:
        """Send all that waits; returns when every client has room again."""
        for connection in list(self._connections.values()):
            await connection.flush(now_ns)
