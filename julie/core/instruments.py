"""The instrument table: what a tick is worth, what a side costs, how contracts are named and
rolled.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from julie.core.errors import UsageError
from julie.core.money import cents

INDEX_CYCLE: Final = "HMUZ"
MONTH_CODES: Final = "FGHJKMNQUVXZ"


@dataclass(frozen=True, slots=True)
class Fee:
    """Cost of one side (exchange, clearing and commission) from a date on."""

    valid_from: date
    side_cents: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """One tradable product. `unit_pts` scales every default written in ES points."""

    symbol: str
    name: str
    tick: float
    tick_value_cents: int
    unit_pts: float | None  # None: not measured yet, so point defaults cannot be scaled
    fees: tuple[Fee, ...]
    day_margin_cents: int
    contract_root: str
    cycle: str = INDEX_CYCLE
    group: str = ""  # correlated group: one net direction inside it
    weight: float = 1.0  # mini-equivalents of one contract
    bank_grid: float = 0.0  # spacing in points of the bank levels; 0 = none

    def __post_init__(self) -> None:
        if self.tick <= 0 or self.tick_value_cents <= 0 or not self.fees:
            raise ValueError(f"{self.symbol}: tick, tick value and fees must be positive")

    @property
    def point_value(self) -> float:
        """Dollars of one point on one contract."""
        return self.tick_value_cents / 100 / self.tick

    @property
    def unit(self) -> float:
        """`unit_pts`, or an error that says it was never measured."""
        if self.unit_pts is None:
            raise UsageError(
                f"{self.symbol}: unit_pts is not measured, so point defaults cannot be scaled",
                f"set instruments.{self.symbol}.unit_pts (its median 1-minute ATR over that of ES)",
            )
        return self.unit_pts

    def fee_cents(self, day: date) -> int:
        """Cost of one side on one contract on `day`, in cents."""
        known = [fee for fee in self.fees if fee.valid_from <= day]
        return (known[-1] if known else self.fees[0]).side_cents

    def contract_id(self, month_code: str) -> str:
        """The venue's identifier, from a month code such as Z26."""
        return f"CON.F.US.{self.contract_root}.{month_code}"


def _fees(side: str) -> tuple[Fee, ...]:
    return (Fee(date(2000, 1, 1), cents(side)),)


INSTRUMENTS: Final[dict[str, Instrument]] = {
    i.symbol: i
    for i in (
        Instrument(
            "ES",
            "E-mini S&P 500",
            0.25,
            1250,
            1.0,
            _fees("1.89"),
            50000,
            "EP",
            group="us_index",
            bank_grid=12.5,
        ),
        Instrument(
            "MES",
            "Micro E-mini S&P 500",
            0.25,
            125,
            1.0,
            _fees("0.61"),
            5000,
            "MES",
            group="us_index",
            weight=0.1,
            bank_grid=12.5,
        ),
        Instrument(
            "NQ",
            "E-mini Nasdaq-100",
            0.25,
            500,
            4.7,
            _fees("1.89"),
            100000,
            "ENQ",
            group="us_index",
        ),
        Instrument(
            "MNQ",
            "Micro E-mini Nasdaq-100",
            0.25,
            50,
            4.7,
            _fees("0.61"),
            10000,
            "MNQ",
            group="us_index",
            weight=0.1,
        ),
        Instrument("YM", "E-mini Dow", 1.0, 500, 6.8, _fees("1.89"), 50000, "YM", group="us_index"),
        Instrument(
            "MYM",
            "Micro E-mini Dow",
            1.0,
            50,
            6.8,
            _fees("0.61"),
            5000,
            "MYM",
            group="us_index",
            weight=0.1,
        ),
        Instrument(
            "RTY",
            "E-mini Russell 2000",
            0.1,
            500,
            None,
            _fees("1.89"),
            50000,
            "RTY",
            group="us_index",
        ),
        Instrument(
            "M2K",
            "Micro E-mini Russell 2000",
            0.1,
            50,
            None,
            _fees("0.61"),
            5000,
            "M2K",
            group="us_index",
            weight=0.1,
        ),
        Instrument(
            "GC", "Gold", 0.1, 1000, 0.73, _fees("2.16"), 150000, "GCE", "GJMQVZ", group="gold"
        ),
        Instrument(
            "MGC",
            "Micro Gold",
            0.1,
            100,
            0.73,
            _fees("0.96"),
            15000,
            "MGC",
            "GJMQVZ",
            group="gold",
            weight=0.1,
        ),
        Instrument("6E", "Euro FX", 0.00005, 625, None, _fees("1.62"), 30000, "EU6", group="euro"),
        Instrument(
            "M6E",
            "Micro Euro FX",
            0.0001,
            125,
            None,
            _fees("0.61"),
            3000,
            "M6E",
            group="euro",
            weight=0.1,
        ),
    )
}

DEFAULT_TRADED: Final = {"ES": "MES", "NQ": "MNQ", "YM": "MYM", "GC": "MGC"}
_MINI_OF: Final = {"MES": "ES", "MNQ": "NQ", "MYM": "YM", "M2K": "RTY", "MGC": "GC", "M6E": "6E"}
INDEX_FUTURES: Final = ("ES", "MES", "NQ", "MNQ")


def instrument(symbol: str) -> Instrument:
    """The table row of `symbol`, or an error that lists what there is."""
    found = INSTRUMENTS.get(symbol.upper())
    if found is None:
        raise UsageError(
            f"unknown instrument {symbol!r}",
            f"known: {', '.join(sorted(INSTRUMENTS))}; others go under `instruments:` in "
            "config.yaml",
        )
    return found


def same_market(a: str, b: str) -> bool:
    """Whether prices of one are prices of the other; of products of your own nothing is known."""
    if a not in INSTRUMENTS or b not in INSTRUMENTS:
        return True
    return _MINI_OF.get(a, a) == _MINI_OF.get(b, b)
