"""The sample session: a generated day, 09:30 to 16:10 Eastern, both hubs cut off at midday."""

from datetime import date
from typing import Final

from julie.simgate.exchange.setup import Source
from julie.simgate.scenarios.base import Scenario
from julie.simgate.server.rule_types import Action, Match, Rule, Scope

SCENARIO: Final = Scenario(
    about="a generated session 09:30-16:10 ET with one forced reconnect at 12:50",
    sources=(
        Source("generated", "MES", ("MES",)),
        Source("generated", "MNQ", ("MNQ",)),
    ),
    day=date(2025, 4, 22),
    start="09:30",
    until="16:10",
    rules=(
        Rule(
            name="both hubs cut off",
            match=Match(),
            action=Action(do="reset"),
            scope=Scope(after_s=200 * 60.0),
        ),
    ),
)
