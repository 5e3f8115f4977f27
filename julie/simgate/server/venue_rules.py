"""All rules of a test in one list: those of the wire kept here, those of orders at the venue."""

from typing import TYPE_CHECKING, Final, cast

import msgspec

from julie.core.zones import SECOND_NS
from julie.simgate.exchange.bodies import OrderRule
from julie.simgate.exchange.state import KeptRule
from julie.simgate.server.rule_types import Rule, Standing
from julie.simgate.server.rules import RuleBook, Stage, stage_of

if TYPE_CHECKING:
    from typing import Literal

    from julie.simgate.exchange.exchange import Exchange

    Kind = Literal["reject", "hold", "partial", "both", "race", "orphan"]


_NEVER: Final = 1 << 62


class Statute:
    """Makes, lists and removes rules wherever they stand."""

    def __init__(self, book: RuleBook, exchange: "Exchange") -> None:
        self._book = book
        self._exchange = exchange

    def make(self, rule: Rule) -> int:
        """A new rule stands; returns its number."""
        number = self._book.add(rule)
        if stage_of(rule) is Stage.VENUE:
            self._exchange.rule(_order_rule(rule, self._exchange.now_ns), number)
        return number

    def remove(self, number: int | None = None) -> int:
        """One rule or all are gone; returns how many. Orders that were held go on."""
        removed = self._book.remove(number)
        self._exchange.unrule(number)
        return removed

    def standing(self) -> list[Standing]:
        """Every rule and what it has done."""
        kept = {one.number: one for one in self._exchange.rules()}
        return [_counted(one, kept.get(one.id)) for one in self._book.standing()]


def _counted(standing: Standing, kept: KeptRule | None) -> Standing:
    """A rule at the exchange is counted there."""
    if kept is None:
        return standing
    over = kept.done >= kept.rule.count
    return msgspec.structs.replace(standing, met=kept.met, done=kept.done, over=over)


def _order_rule(rule: Rule, now_ns: int) -> OrderRule:
    match, action, scope = rule.match, rule.action, rule.scope
    kind = "hold" if action.do == "pend" else action.do
    from_ns = now_ns + round(scope.after_s * SECOND_NS)
    until_ns = _NEVER if scope.until_ns is None else scope.until_ns
    if scope.for_s is not None:
        until_ns = min(until_ns, from_ns + round(scope.for_s * SECOND_NS))
    often = 1 if until_ns == _NEVER else _NEVER
    return OrderRule(
        action=cast("Kind", kind),
        role=match.role,
        tag=match.tag,
        contract=match.contract,
        nth=match.nth or 1,
        count=scope.count or often,
        from_ns=from_ns,
        until_ns=until_ns,
        code=action.code,
        text=action.text,
        size=action.size or 1,
        seconds=action.seconds,
        then=action.then,
    )
