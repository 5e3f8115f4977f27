"""Section `instruments`: products the table lacks, and numbers that a trader knows better."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from pydantic import Field

from julie.core.errors import UsageError
from julie.core.instruments import INSTRUMENTS, Fee, Instrument
from julie.core.money import cents
from julie.core.section import Section, key

_ALWAYS: Final = date(2000, 1, 1)
_NEEDED: Final = ("tick", "tick_value", "fee", "contract_root")

# Cost of a side in USD under other fee tables; a product that is not named keeps today's.
FEE_TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "venue": {},
    "venue_2025": {
        "ES": "1.40",
        "NQ": "1.40",
        "MES": "0.37",
        "MNQ": "0.37",
        "6E": "1.62",
        "GC": "1.62",
        "MGC": "1.62",
    },
    "flat_050": dict.fromkeys(INSTRUMENTS, "0.50"),
}


class FeeSection(Section):
    """Cost of a side from a date on."""

    valid_from: date = key(_ALWAYS, "first trading day")
    side: float = key(0.0, "exchange, clearing and commission of one side", "USD", ge=0)


class InstrumentSection(Section):
    """One product; null = as in the table. A new one needs tick, tick_value, fee, contract_root."""

    name: str | None = key(None, "its name")
    tick: float | None = key(None, "smallest step of the price", "points", gt=0)
    tick_value: float | None = key(None, "worth of a tick on one contract", "USD", gt=0)
    unit_pts: float | None = key(None, "its median 1-minute ATR over that of ES", "x", gt=0)
    fee: float | None = key(None, "cost of one side, any day", "USD", ge=0)
    fees: tuple[FeeSection, ...] = Field((), description="cost of a side by date, instead of fee")
    day_margin: float | None = key(None, "margin of one contract held by day", "USD", ge=0)
    contract_root: str | None = key(None, "its part of the venue's contract id, such as EP")
    cycle: str | None = key(None, "months that are traded, such as HMUZ")
    group: str | None = key(None, "correlated group: one net direction inside it")
    weight: float | None = key(None, "mini-equivalents of one contract", "minis", gt=0)
    bank_grid: float | None = key(None, "spacing of the bank levels; 0 = none", "points", ge=0)

    def fee_table(self) -> tuple[Fee, ...]:
        """Fees as the table writes them; empty when none are given."""
        if self.fees:
            ordered = sorted(self.fees, key=lambda fee: fee.valid_from)
            return tuple(Fee(fee.valid_from, cents(fee.side)) for fee in ordered)
        return () if self.fee is None else (Fee(_ALWAYS, cents(self.fee)),)


def instrument_table(
    sections: Mapping[str, InstrumentSection], fees: str = "venue"
) -> dict[str, Instrument]:
    """The instrument table under a fee table, with the sections laid over it."""
    chosen = FEE_TABLES[fees]
    table = {
        symbol: replace(one, fees=(Fee(_ALWAYS, cents(chosen[symbol])),))
        if symbol in chosen
        else one
        for symbol, one in INSTRUMENTS.items()
    }
    for symbol, section in sections.items():
        table[symbol] = _laid(symbol, table.get(symbol), section)
    return table


def _laid(symbol: str, known: Instrument | None, section: InstrumentSection) -> Instrument:
    if known is None:
        return _new(symbol, section)
    plain = ("name", "tick", "unit_pts", "contract_root", "cycle", "group", "weight", "bank_grid")
    given = {name: getattr(section, name) for name in plain if getattr(section, name) is not None}
    if section.tick_value is not None:
        given["tick_value_cents"] = cents(section.tick_value)
    if section.day_margin is not None:
        given["day_margin_cents"] = cents(section.day_margin)
    if section.fee_table():
        given["fees"] = section.fee_table()
    return replace(known, **given)


def _new(symbol: str, section: InstrumentSection) -> Instrument:
    lacking = [name for name in _NEEDED if getattr(section, name) is None]
    if section.fees and "fee" in lacking:
        lacking.remove("fee")
    if lacking or section.tick is None or section.tick_value is None:
        raise UsageError(
            f"instruments.{symbol} is no product of the table and lacks {', '.join(lacking)}",
            f"give them under instruments.{symbol} in config.yaml",
        )
    return Instrument(
        symbol=symbol,
        name=section.name or symbol,
        tick=section.tick,
        tick_value_cents=cents(section.tick_value),
        unit_pts=section.unit_pts,
        fees=section.fee_table(),
        day_margin_cents=cents(section.day_margin or 0),
        contract_root=section.contract_root or symbol,
        cycle=section.cycle or "HMUZ",
        group=section.group or "",
        weight=section.weight or 1.0,
        bank_grid=section.bank_grid or 0.0,
    )
