"""The switches of the dialect and of the exchange's habits as one flat list of names."""

from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

import msgspec

from julie.simgate.exchange.setup import Habits
from julie.simgate.server.dialect import Dialect

if TYPE_CHECKING:
    from julie.simgate.exchange.exchange import Exchange


class Switches:
    """Reads and changes the switches while the gateway runs."""

    def __init__(self, exchange: "Exchange", dialect: Dialect | None = None) -> None:
        self._exchange = exchange
        self.dialect = dialect or Dialect()

    def all(self) -> dict[str, Any]:
        """Every switch as it stands."""
        wire: dict[str, Any] = msgspec.to_builtins(self.dialect)
        return wire | asdict(self._exchange.setup.habits)

    def set(self, changes: dict[str, Any]) -> None:
        """Change some; an unknown name or value is refused, and then nothing is changed."""
        ours = {field.name for field in fields(Habits)}
        habits = {k: v for k, v in changes.items() if k in ours}
        wire = {k: v for k, v in changes.items() if k not in ours}
        dialect = msgspec.convert(msgspec.to_builtins(self.dialect) | wire, Dialect)
        if habits:
            known = asdict(self._exchange.setup.habits)
            new = msgspec.convert(known | habits, Habits)
            self._exchange.setup = replace(self._exchange.setup, habits=new)
        self.dialect = dialect
