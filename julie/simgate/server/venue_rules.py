"""All rules of a test in one list: those of the wire kept here, those of orders at the venue."""

from typing import TYPE_CHECKING, Final, cast

from julie.simgate.exchange.bodies import OrderRule
from julie.simgate.server.rule_types import Rule, Standing
from julie.simgate.server.rules import RuleBook, Stage, stage_of

if TYPE_CHECKING:
    from typing import Literal

    from julie.simgate.exchange.exchange import Exchange

    Kind = Literal["reject", "hold", "partial", "both", "race", "orphan"]


class Statute:
    """Makes, lists and removes rules wherever they stand."""

    def __init__(self, book: RuleBook, exchange: "Exchange") -> None:
        self._book = book
        self._exchange = exchange
        self._at_venue: Final[dict[int, Rule]] = {}

    def make(self, rule: Rule) -> int:
        """A new rule stands; returns its number."""
        number = self._book.add(rule)
        if stage_of(rule) is Stage.VENUE:
            self._at_venue[number] = rule
            self._exchange.rule(_order_rule(rule))
        return number

    def remove(self, number: int | None = None) -> int:
        """One rule or all are gone; returns how many. Orders that were held go on."""
        removed = self._book.remove(number)
        if number is None or number in self._at_venue:
            self._exchange.rule(None)
            self._at_venue.pop(number, None) if number is not None else self._at_venue.clear()
            for rule in self._at_venue.values():
                self._exchange.rule(_order_rule(rule))
        return removed

    def standing(self) -> list[Standing]:
        """Every rule; of those at the exchange the truth tells what they did."""
        return self._book.standing()


def _order_rule(rule: Rule) -> OrderRule:
    match, action = rule.match, rule.action
    kind = "hold" if action.do == "pend" else action.do
    return OrderRule(
        action=cast("Kind", kind),
        role=match.role,
        tag=match.tag,
        contract=match.contract,
        nth=match.nth or 1,
        count=rule.scope.count or 1,
        code=action.code,
        text=action.text,
        size=action.size or 1,
        seconds=action.seconds,
        then=action.then,
    )
