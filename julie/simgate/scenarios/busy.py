"""A busy day: something is always on its way. Fills in parts, slow answers, late events.

Nothing here is a fault that a desk must report; it is what keeps orders, fills and answers on
their way for most of the session, so that a kill at any moment finds some of them.
"""

from datetime import date
from typing import Final

from julie.simgate.exchange.setup import Source
from julie.simgate.market.scripts import Burst
from julie.simgate.scenarios.base import Scenario
from julie.simgate.server.rule_types import Action, Match, Rule, Scope

_WHOLE: Final = Scope(for_s=24 * 3600.0)

SCENARIO: Final = Scenario(
    about="a generated session: bursts of messages, fills in parts, slow answers, late events",
    sources=(
        Source("generated", "MES", ("MES",)),
        Source("generated", "MNQ", ("MNQ",)),
    ),
    day=date(2025, 4, 22),
    start="09:30",
    until="16:10",
    scripts=(Burst(per_second=50, seconds=24 * 3600.0),),
    rules=(
        Rule(
            name="entries fill in parts",
            match=Match(role="entry"),
            action=Action(do="partial", size=1, seconds=15.0),
            scope=_WHOLE,
        ),
        Rule(
            name="slow answers",
            match=Match(path="/api/Order/*"),
            action=Action(do="delay", seconds=0.5, jitter=2.0, after=True),
            scope=_WHOLE,
        ),
        Rule(
            name="slow closes",
            match=Match(path="/api/Position/*close*"),
            action=Action(do="delay", seconds=0.5, jitter=2.0, after=True),
            scope=_WHOLE,
        ),
        Rule(
            name="late events",
            match=Match(event="GatewayUser*"),
            action=Action(do="delay", seconds=0.1, jitter=1.0),
            scope=_WHOLE,
        ),
    ),
)
