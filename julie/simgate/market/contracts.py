"""Contracts of a product: month after month, which one is active, and how far their prices lie
apart.

A contract's ticks are whole numbers of its own tick. The price of one month is that of another plus
the gaps of the rolls between them, as the file's roll table has them.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from julie.core.bars import Bars
from julie.core.calendar import Calendar
from julie.core.instruments import MONTH_CODES, Instrument
from julie.core.zones import DAY_NS, SECOND_NS
from julie.gateway.wire import ContractRow
from julie.store.contracts import month_code

SIDE_BY_SIDE_NS: Final = 7 * DAY_NS  # so long before and after a roll two months trade
_CARRY: Final = 0.009  # a quarter's usual gap, where no roll of the data tells one


@dataclass(slots=True)
class Contract:
    """One month of one product."""

    id: str
    instrument: Instrument
    month: str  # Z24
    tick: Decimal
    name: str

    def price(self, ticks: int) -> float:
        """A price as market data has it."""
        return ticks * self.instrument.tick

    def exact(self, ticks: int) -> Decimal:
        """A price as orders have it."""
        return self.tick * ticks

    def ticks(self, price: Decimal | float) -> int | None:
        """A price in ticks; None off the grid."""
        exact = Decimal(str(price)) / self.tick
        whole = int(exact.to_integral_value())
        return whole if exact == whole else None

    def nearest(self, price: float) -> int:
        """The nearest tick of a price of the data."""
        return round(price / self.instrument.tick)

    @property
    def symbol_id(self) -> str:
        """The product as market data names it."""
        return f"F.US.{self.instrument.contract_root}"

    @property
    def display(self) -> str:
        """The name that positions show: two digits of the year."""
        return f"{self.instrument.contract_root}{self.month}"


@dataclass(slots=True)
class Product:
    """All months of a product: `starts_ns[k]` is when month k becomes the active one."""

    instrument: Instrument
    contracts: list[Contract]
    starts_ns: list[int]
    base: list[int]  # ticks that a month lies above the first one
    told_tick: float | None = None
    told_value: float | None = None

    def place(self, ns: int) -> int:
        """The active month at a time."""
        return max(bisect_right(self.starts_ns, ns) - 1, 0)

    def active(self, ns: int) -> Contract:
        """The contract that takes orders."""
        return self.contracts[self.place(ns)]

    def streamed(self, ns: int) -> list[Contract]:
        """Contracts that trade at a time: the active one, and its neighbour round a roll."""
        at = self.place(ns)
        out = [self.contracts[at]]
        if at + 1 < len(self.contracts) and self.starts_ns[at + 1] - ns <= SIDE_BY_SIDE_NS:
            out.append(self.contracts[at + 1])
        if at > 0 and ns - self.starts_ns[at] < SIDE_BY_SIDE_NS:
            out.append(self.contracts[at - 1])
        return out

    def index(self, contract: Contract) -> int:
        """The place of a month among the months."""
        return self.contracts.index(contract)

    def row(self, contract: Contract, ns: int) -> ContractRow:
        """What the contract searches say of it."""
        told = self.told_value
        value = Decimal(contract.instrument.tick_value_cents) / 100
        return ContractRow(
            id=contract.id,
            name=contract.name,
            description=f"{contract.instrument.name}: {contract.month}",
            tick_size=contract.tick if self.told_tick is None else Decimal(str(self.told_tick)),
            tick_value=value if told is None else Decimal(str(told)),
            active_contract=contract is self.active(ns),
            symbol_id=contract.symbol_id,
        )

    def roll(self, month: str | None, ns: int) -> None:
        """Another month becomes the active one at a time; None: the next."""
        at = self.place(ns)
        codes = [one.month for one in self.contracts]
        wanted = at + 1 if month is None else codes.index(month)
        if wanted >= len(self.contracts):
            _append(self, following(self.instrument, codes[-1]), ns)
        for k in range(at + 1, wanted + 1):
            self.starts_ns[k] = min(self.starts_ns[k], ns) if k == wanted else ns
        for k in range(wanted + 1, len(self.starts_ns)):
            self.starts_ns[k] = max(self.starts_ns[k], ns + 1)


def _append(product: Product, month: str, ns: int) -> None:
    product.contracts.append(contract_of(product.instrument, month))
    product.starts_ns.append(ns)
    product.base.append(product.base[-1])


def contract_of(instrument: Instrument, month: str) -> Contract:
    """The contract of a month."""
    return Contract(
        id=instrument.contract_id(month),
        instrument=instrument,
        month=month,
        tick=Decimal(str(instrument.tick)),
        name=f"{instrument.symbol}{month[0]}{month[-1]}",
    )


def product_of(instrument: Instrument, bars: Bars, calendar: Calendar) -> Product:
    """The months of a series of bars, served as an instrument; one more follows the last."""
    near = _date(int(bars.ts[0])).year
    months = [month_code(name, near) if name else "" for name in bars.contract]
    if not all(months) or len(set(months)) < len(months):
        months = _made_up(instrument, bars, len(months))
    starts, base = [int(bars.ts[0]) - SIDE_BY_SIDE_NS], [0]
    for roll in bars.rolls.tolist():
        starts.append(_flip(int(bars.ts[roll]), int(bars.ts[roll - 1]), calendar))
        gap = round((bars.shift[roll - 1] - bars.shift[roll]) / instrument.tick)
        base.append(base[-1] + gap)
    last = (
        base[-1] - base[-2] if len(base) > 1 else round(bars.close[-1] * _CARRY / instrument.tick)
    )
    months.append(following(instrument, months[-1]))
    starts.append(max(starts[-1], int(bars.ts[-1])) + 10**6 * SECOND_NS)
    base.append(base[-1] + last)
    return Product(instrument, [contract_of(instrument, code) for code in months], starts, base)


def _flip(first_ns: int, before_ns: int, calendar: Calendar) -> int:
    """When the new month takes over: the open of the trading day of its first bar, unless the file
    itself rolls inside a day.
    """
    days = calendar.index_of(np.array([first_ns, before_ns], dtype=np.int64))
    if days[0] < 0 or days[0] == days[1]:
        return first_ns
    return int(calendar.open_ns[days[0]])


def _made_up(instrument: Instrument, bars: Bars, count: int) -> list[str]:
    codes = [front_month(instrument, _date(int(bars.ts[0])))]
    while len(codes) < count:
        codes.append(following(instrument, codes[-1]))
    return codes


def front_month(instrument: Instrument, day: date) -> str:
    """The month that leads on a day by the exchange's habit: an index month until the Monday of the
    week it expires in, any other until a few days before its month.
    """
    year, index = day.year, instrument.group.endswith("index")
    for number in range(12 * 2):
        month = number % 12 + 1
        if MONTH_CODES[month - 1] in instrument.cycle and day < _leaves(year, month, index):
            return f"{MONTH_CODES[month - 1]}{year % 100:02d}"
        year += month == 12
    raise ValueError(f"{instrument.symbol} has no month in its cycle")


def _leaves(year: int, month: int, index: bool) -> date:
    first = date(year, month, 1)
    if not index:
        return first - timedelta(days=5)
    third_friday = first + timedelta(days=(4 - first.weekday()) % 7 + 14)
    return third_friday - timedelta(days=4)


def following(instrument: Instrument, month: str) -> str:
    """The month after a month in the product's cycle."""
    at = instrument.cycle.index(month[0])
    year = int(month[1:])
    if at + 1 < len(instrument.cycle):
        return f"{instrument.cycle[at + 1]}{year:02d}"
    return f"{instrument.cycle[0]}{year + 1:02d}"


def _date(ns: int) -> date:
    return datetime.fromtimestamp(ns // SECOND_NS, UTC).date()
