"""A week of generated days over the quarterly roll, sessions whole."""

from datetime import date
from typing import Final

from julie.simgate.exchange.setup import Source
from julie.simgate.scenarios.base import Scenario

SCENARIO: Final = Scenario(
    about="five generated days round the roll of March 2025",
    sources=(
        Source("generated", "MES", ("MES",)),
        Source("generated", "MNQ", ("MNQ",)),
    ),
    day=date(2025, 3, 13),
    days=5,
)
