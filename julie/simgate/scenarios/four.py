"""The sample session's day with four products: the full contracts beside their micros."""

from datetime import date
from typing import Final

from julie.simgate.exchange.setup import Source
from julie.simgate.scenarios.base import Scenario

SCENARIO: Final = Scenario(
    about="a generated session 09:30-16:10 ET of MES, ES, MNQ and NQ",
    sources=(
        Source("generated", "MES", ("MES", "ES")),
        Source("generated", "MNQ", ("MNQ", "NQ")),
    ),
    day=date(2025, 4, 22),
    start="09:30",
    until="16:10",
)
