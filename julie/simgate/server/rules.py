"""The rules of a test: which of them meet what is happening now, counted and bounded.

A rule meets one stage: a request, a hub event, a subscription, a connect, an order at the venue, or
the present moment. Several rules that meet the same thing act in the order they were made.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from julie.core.zones import SECOND_NS
from julie.simgate.exchange.bodies import Role
from julie.simgate.server.rule_types import Action, Deed, HubName, Match, Rule, Standing

ON_EVENTS: Final[frozenset[Deed]] = frozenset(
    {"duplicate", "reorder", "hold", "mute", "split", "grow", "garbage"}
)
ON_CONNECTIONS: Final[frozenset[Deed]] = frozenset(
    {"reset", "close", "half_open", "logout", "expire_tokens"}
)
AT_THE_VENUE: Final[frozenset[Deed]] = frozenset(
    {"reject", "pend", "partial", "both", "race", "orphan"}
)


class Stage(Enum):
    """Where in the traffic a rule stands."""

    REQUEST = "request"
    EVENT = "event"
    SUBSCRIBE = "subscribe"
    CONNECT = "connect"
    VENUE = "venue"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is happening, as far as a rule may ask."""

    path: str = ""
    event: str = ""
    hub: HubName | None = None
    subscribe: str = ""
    role: Role | None = None
    tag: str = ""
    contract: str = ""


class KeptRule(msgspec.Struct, kw_only=True):
    """A rule with its past, as a restart must find it again."""

    id: int
    rule: Rule
    made_ns: int
    made_mono_ns: int
    met: int = 0
    done: int = 0
    over: bool = False

    @property
    def stage(self) -> "Stage":
        """Where in the traffic it stands."""
        return stage_of(self.rule)


def stage_of(rule: Rule) -> Stage:
    """Where a rule stands, by what it names, else by its deed."""
    match, deed = rule.match, rule.action.do
    if deed in AT_THE_VENUE:
        return Stage.VENUE
    if match.path is not None:
        return Stage.REQUEST
    if match.event is not None:
        return Stage.EVENT
    if match.subscribe is not None or deed == "ignore_subscribe":
        return Stage.SUBSCRIBE
    if deed == "refuse_connect":
        return Stage.CONNECT
    if deed in ON_CONNECTIONS:
        return Stage.NOW
    return Stage.EVENT if deed in ON_EVENTS or match.hub else Stage.REQUEST


class RuleBook:
    """All rules, old ones too until they are deleted."""

    def __init__(
        self,
        now_ns: Callable[[], int],
        mono_ns: Callable[[], int],
        kept: Sequence[KeptRule] = (),
    ) -> None:
        self._now_ns = now_ns
        self._mono_ns = mono_ns
        self._kept = list(kept)
        for one in self._kept:
            one.made_mono_ns = mono_ns()  # the machine's time of another process means nothing
        self._next_id = 1 + max((one.id for one in self._kept), default=0)
        self.on_events = False  # whether any standing rule looks at hub events
        self.on_requests = False  # or at requests
        self._look()

    @property
    def kept(self) -> list[KeptRule]:
        """Every rule, for the state folder."""
        return self._kept

    def add(self, rule: Rule) -> int:
        """A new rule stands; returns its number."""
        kept = KeptRule(
            id=self._next_id, rule=rule, made_ns=self._now_ns(), made_mono_ns=self._mono_ns()
        )
        self._next_id += 1
        self._kept.append(kept)
        self._look()
        return kept.id

    def remove(self, number: int | None = None) -> int:
        """One rule or all are gone; returns how many."""
        before = len(self._kept)
        self._kept = [one for one in self._kept if number is not None and one.id != number]
        self._look()
        return before - len(self._kept)

    def standing(self) -> list[Standing]:
        """Every rule and what it has done."""
        for one in self._kept:
            self._lapse(one)
        return [
            Standing(id=one.id, rule=one.rule, met=one.met, done=one.done, over=one.over)
            for one in self._kept
        ]

    def meet(self, stage: Stage, facts: Facts) -> list[Action]:
        """What the rules do to what is happening, in their order."""
        return [action for action, _ in self._meet(stage, facts)]

    def hears_events(self) -> bool:
        """Whether a rule that looks at hub events stands now."""
        return any(one.stage is Stage.EVENT and not self._lapse(one) for one in self._kept)

    def due(self) -> list[tuple[Action, Match]]:
        """Deeds on connections whose moment has come."""
        return list(self._meet(Stage.NOW, Facts()))

    def blocks_calls(self) -> bool:
        """Whether a rule keeps everybody from acting just now, as an outage does."""
        return any(
            one.stage is Stage.REQUEST
            and _is_outage(one.rule)
            and not self._lapse(one)
            and not self._early(one)
            for one in self._kept
        )

    def mutes_market(self) -> bool:
        """Whether a rule keeps market data away just now."""
        for one in self._kept:
            match = one.rule.match
            market = match.hub == "market" or (
                match.event is not None and _named(match.event, "GatewayTrade")
            )
            muting = one.rule.action.do == "mute" and market
            if muting and not self._lapse(one) and not self._early(one):
                return True
        return False

    def _meet(self, stage: Stage, facts: Facts) -> Iterator[tuple[Action, Match]]:
        for one in self._kept:
            if one.over or one.stage is not stage or not _fits(one.rule.match, facts, stage):
                continue
            if self._lapse(one) or self._early(one):
                continue
            one.met += 1
            if one.met < (one.rule.match.nth or 1):
                continue
            one.done += 1
            self._count(one)
            yield one.rule.action, one.rule.match

    def _count(self, one: KeptRule) -> None:
        scope = one.rule.scope
        once = one.rule.match.nth is not None or (one.stage is Stage.NOW and scope.every_s is None)
        count = scope.count or (1 if once else None)
        if count is not None and one.done >= count:
            one.over = True
            self._look()

    def _early(self, one: KeptRule) -> bool:
        scope = one.rule.scope
        wait_s = scope.after_s
        if one.stage is Stage.NOW and scope.every_s is not None:
            wait_s += one.done * scope.every_s
        return self._now_ns() < _after(one, wait_s)

    def _lapse(self, one: KeptRule) -> bool:
        scope, now = one.rule.scope, self._now_ns()
        late = (
            (scope.until_ns is not None and now >= scope.until_ns)
            or (scope.for_s is not None and now >= _after(one, scope.after_s + scope.for_s))
            or (
                scope.machine_s is not None
                and self._mono_ns() >= one.made_mono_ns + round(scope.machine_s * SECOND_NS)
            )
        )
        if late and not one.over:
            one.over = True
            self._look()
        return one.over

    def _look(self) -> None:
        stages = {one.stage for one in self._kept if not one.over}
        self.on_events = Stage.EVENT in stages
        self.on_requests = Stage.REQUEST in stages


def _is_outage(rule: Rule) -> bool:
    match, action = rule.match, rule.action
    narrow = (match.role, match.tag, match.contract, match.nth) != (None, None, None, None)
    lost = action.do == "drop_request" or (action.do == "status" and action.status >= 500)
    everywhere = match.path is None or fnmatchcase(
        "/api/position/closecontract", match.path.lower()
    )
    return lost and everywhere and not narrow and not action.after


def _after(one: KeptRule, seconds: float) -> int:
    return one.made_ns + round(seconds * SECOND_NS)


def _fits(match: Match, facts: Facts, stage: Stage) -> bool:
    if stage is Stage.NOW:
        return True
    if match.path is not None and not fnmatchcase(facts.path.lower(), match.path.lower()):
        return False
    return (
        _named(match.event, facts.event)
        and _named(match.subscribe, facts.subscribe)
        and _named(match.tag, facts.tag)
        and _named(match.contract, facts.contract)
        and (match.role is None or match.role == facts.role)
        and (stage is Stage.REQUEST or match.hub in (None, facts.hub))
    )


def _named(pattern: str | None, name: str) -> bool:
    return pattern is None or fnmatchcase(name, pattern)
