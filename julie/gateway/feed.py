"""Everything that listens to the venue, put together once: both hubs, their intake and watchers.

`start` puts the parts into the program's task group; from then on the sink hears. `follow` changes
the contracts, which costs the market hub one connection. Where streams are blocked closed minutes
are read instead, and only the account's stream is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from julie.core.calendar import Calendar
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent, Print
from julie.core.tasks import Tasks
from julie.core.types import Side
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.execution.venue import VenueEvent
from julie.gateway.addresses import Addresses
from julie.gateway.bad_ticks import TickFilter
from julie.gateway.client import Client
from julie.gateway.config import GatewaySection
from julie.gateway.freshness import Freshness
from julie.gateway.hub import HubLimits, HubSupervisor, Logouts, Subscription
from julie.gateway.intake import Intake, Sink
from julie.gateway.limiter import Need
from julie.gateway.market_watch import MarketWatch
from julie.gateway.poll import BarPoll
from julie.gateway.quotes import Books
from julie.gateway.reach import Reach, Trouble, nobody
from julie.gateway.user_check import Told, UserCheck
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import VenueRows
from julie.gateway.wire import BarRow


class _Noting:
    """The sink, with a note of what the user hub told."""

    def __init__(self, sink: Sink, told: Told) -> None:
        self._sink = sink
        self._told = told
        self.market: Final[Callable[[MarketEvent], None]] = sink.market
        self.hub: Final[Callable[[HubChanged], None]] = sink.hub
        self.alarm: Final[Callable[[Alarm], None]] = sink.alarm

    def user(self, event: VenueEvent) -> None:
        self._told.note(event)
        self._sink.user(event)


class HubFeed:
    """The venue's two streams for one account and some contracts."""

    def __init__(
        self,
        client: Client,
        addresses: Addresses,
        rows: VenueRows,
        contracts: Sequence[str],
        section: GatewaySection,
        calendar: Calendar,
        sink: Sink,
        *,
        quiet: Callable[[], bool],
        exposed: Callable[[], bool],
        trouble: Callable[[Trouble], None] = nobody,
        lockstep: bool = False,
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._rows = rows
        self._contracts = tuple(contracts)
        self._section = section
        self._clock = client.clock
        self._sink = sink
        self._quiet = quiet
        self._exposed = exposed
        self._trouble = trouble
        self._lockstep = lockstep
        self._limits = HubLimits(
            data_s=None if lockstep else 5.0, rebuild_gap_s=section.freshness.rebuild_gap_s
        )
        self._freshness = Freshness(calendar, section.freshness)
        self._told = Told()
        self._logouts = Logouts(client)
        self._hubs: dict[Hub, HubSupervisor] = {}
        self._check: UserCheck | None = None
        self._watch: MarketWatch | None = None
        self._poll: BarPoll | None = None
        self._reach: Reach | None = None
        self.books: Final = Books()
        self.ticks: Final = TickFilter(
            self.books, rows.ticks, section.bad_tick_atr, section.bad_tick_pct
        )
        self.intake: Final = Intake(
            self._clock, _Noting(sink, self._told), rows, self.books, self.ticks, client.quarantine
        )

    def start(self, tasks: Tasks) -> None:
        """Begin to listen."""
        if self._section.feed == "poll":
            self._read_bars(tasks)
        else:
            self._listen(tasks)
        user = self._hub(tasks, Hub.USER, self._addresses.user_hub, self._user_calls)
        venue = GatewayVenue(self._client, self._rows, Need.ORDINARY)
        self._check = UserCheck(
            venue, self._told, self._clock, self._sink.user, user, self._exposed,
            self._section.user_check_s,
        )  # fmt: skip
        tasks.start("intake", self.intake.run())
        tasks.start("user hub", user.run())
        if not self._lockstep:  # there the venue itself waits until we have seen everything
            tasks.start("user check", self._check.run())
            self._reach = Reach(self._client, self._clock, self._trouble)
            tasks.start("reach", self._reach.run())

    def _listen(self, tasks: Tasks) -> None:
        """The market by its stream."""
        market = self._hub(tasks, Hub.MARKET, self._addresses.market_hub, self._market_calls)
        self._watch = MarketWatch(
            market, self.intake, self._freshness, self._clock, lambda: self._contracts,
            wall=not self._lockstep,
        )  # fmt: skip
        self.intake.after_pause = self._watch.look
        tasks.start("market hub", market.run())
        tasks.start("market watch", self._watch.run())

    def _read_bars(self, tasks: Tasks) -> None:
        """The market by closed minutes: no stream is ever there, so each minute is fetched."""
        self._poll = BarPoll(
            self._client, self._clock, lambda: self._contracts, self._polled,
            self._section.poll_s, self._freshness, self._trouble,
        )  # fmt: skip
        tasks.start("bar poll", self._poll.run())

    def _polled(self, contract: str, row: BarRow) -> None:
        """The last price of a closed minute, at the minute's last moment."""
        ts = round(row.t.timestamp()) * SECOND_NS + MINUTE_NS - 1
        volume = max(int(row.v), 1)
        self._sink.market(Print(contract, row.c, volume, ts, self._clock.now_ns(), Side.LONG))

    def state(self, hub: Hub) -> HubState:
        """How far a hub can be relied on."""
        if hub is Hub.MARKET and self._poll is not None:
            return HubState.STALE if self._poll.all_stale else HubState.LIVE
        found = self._hubs.get(hub)
        return HubState.DOWN if found is None else found.state

    def seen(self, hub: Hub) -> int:
        """Events of the hub's present connection that were read and handed on."""
        return self.intake.seen(hub)

    def stale(self, contract: str) -> bool:
        """Whether no decision may rest on this contract's data."""
        if self._poll is not None:
            return self._poll.stale(contract)
        return self._watch is None or self._watch.stale(contract)

    @property
    def blind(self) -> bool:
        """Whether we may not know what became of our account, at this very moment."""
        user, check, reach = self._hubs.get(Hub.USER), self._check, self._reach
        unsure = user is None or not user.sure
        return unsure or (check is not None and check.old) or (reach is not None and reach.lost)

    def follow(self, contracts: Sequence[str]) -> None:
        """Listen to other contracts from now on."""
        if tuple(contracts) != self._contracts:
            self._contracts = tuple(contracts)
            self.rebuild(Hub.MARKET, "other contracts are listened to")

    def rebuild(self, hub: Hub, reason: str) -> None:
        """Give a hub a new connection."""
        if hub in self._hubs:
            self._hubs[hub].rebuild(reason)

    def counts(self) -> Mapping[str, float]:
        """Everything dropped, merged, kept out or made anew, by name, for Health."""
        found: dict[str, float] = {
            "quarantined": self._client.quarantine.total,
            "coalesced_quotes": self.intake.coalesced,
            "unsound_quotes": self.books.unsound,
            "records_waiting": self.intake.waiting,
            "records_waiting_most": self.intake.most_waiting,
            "rows_of_other_accounts": self._rows.foreign,
            "logouts": self._logouts.count,
            "logins": self._client.session.renewals,
        }
        for hub, one in self._hubs.items():
            found[f"{hub}_connections"] = one.lives
            found[f"{hub}_bad_frames"] = one.bad_frames
            found[f"{hub}_left_behind"] = one.left_behind
        for why, count in self.ticks.counts().items():
            found[f"prints {why}"] = count
        if self._watch is not None:
            found["rebuilds_for_silence"] = self._watch.rebuilds
        if self._poll is not None:
            found["bar_readings_failed"] = self._poll.failed
        if self._check is not None:
            found["user_rows_untold"] = self._check.untold
            found["account_readings_failed"] = self._check.failed
        return found

    def _hub(
        self,
        tasks: Tasks,
        hub: Hub,
        address: str,
        calls: Callable[[], Sequence[Subscription]],
    ) -> HubSupervisor:
        market = hub is Hub.MARKET
        made = HubSupervisor(
            hub, address, calls, self._client, self._logouts, self.intake, self._sink, tasks,
            expects_data=self._expects_data if market else lambda: False,
            quiet=self._quiet, limits=self._limits,
        )  # fmt: skip
        self._hubs[hub] = made
        return made

    def _expects_data(self) -> bool:
        return bool(self._contracts) and self._freshness.allowed(self._clock.now_ns()) is not None

    def _market_calls(self) -> Sequence[Subscription]:
        return [
            (f"SubscribeContract{what}", (contract,))
            for contract in self._contracts
            for what in ("Quotes", "Trades")
        ]

    def _user_calls(self) -> Sequence[Subscription]:
        account = self._rows.account_id
        rows = [(f"Subscribe{what}", (account,)) for what in ("Orders", "Positions", "Trades")]
        return [("SubscribeAccounts", ()), *rows]
