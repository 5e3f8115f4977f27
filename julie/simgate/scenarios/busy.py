"""A busy day: bursts of quotes and prints, partial fills, slow answers."""

from datetime import date
from typing import Final

from julie.simgate.exchange.setup import Source
from julie.simgate.market.scripts import Burst
from julie.simgate.scenarios.base import Scenario
from julie.simgate.server.rule_types import Action, Match, Rule, Scope

SCENARIO: Final = Scenario(
    about="a generated session: a burst of 2,000 messages a second, partial fills, slow answers",
    sources=(
        Source("generated", "MES", ("MES",)),
        Source("generated", "MNQ", ("MNQ",)),
    ),
    day=date(2025, 4, 22),
    start="09:30",
    until="16:10",
    scripts=(Burst(per_second=2_000, seconds=60.0),),
    rules=(
        Rule(
            name="entries fill in parts",
            match=Match(role="entry", nth=2),
            action=Action(do="partial", size=1, seconds=20.0),
            scope=Scope(count=3),
        ),
        Rule(
            name="slow answers",
            match=Match(path="/api/Order/*"),
            action=Action(do="delay", seconds=0.05, jitter=0.1, after=True),
        ),
    ),
)
