"""An outage in the middle of a session: hubs silent, then nobody answers, then all is back."""

from datetime import date
from typing import Final

from julie.simgate.exchange.setup import Source
from julie.simgate.scenarios.base import Scenario
from julie.simgate.server.rule_types import Action, Match, Rule, Scope

_BEGINS_S: Final = 60 * 60.0

SCENARIO: Final = Scenario(
    about="an hour into a generated session: hubs half open, 60 s of 503, refused connects",
    sources=(
        Source("generated", "MES", ("MES",)),
        Source("generated", "MNQ", ("MNQ",)),
    ),
    day=date(2025, 4, 22),
    start="09:30",
    until="16:10",
    rules=(
        Rule(
            name="the hubs go silent",
            action=Action(do="half_open"),
            scope=Scope(after_s=_BEGINS_S),
        ),
        Rule(
            name="nobody answers",
            match=Match(path="/api/*"),
            action=Action(do="status", status=503),
            scope=Scope(after_s=_BEGINS_S + 10.0, for_s=60.0),
        ),
        Rule(
            name="no way in",
            action=Action(do="refuse_connect", status=503),
            scope=Scope(after_s=_BEGINS_S, for_s=70.0),
        ),
    ),
)
