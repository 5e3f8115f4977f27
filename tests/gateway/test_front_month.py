"""The venue's active contract must be one that may lead on the day."""

from datetime import date
from typing import Any

import pytest

from julie.core.instruments import instrument
from julie.gateway.client import Client
from julie.gateway.errors import ContractDisagrees
from julie.gateway.front_month import front_month, may_lead, third_friday
from tests.gateway.samples import CONTRACT, spoilt
from tests.gateway.venue import Venue, ok, play

AVAILABLE = "/api/Contract/available"


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2025, 6, 6), ("M25",)),
        (date(2025, 6, 9), ("M25", "U25")),
        (date(2025, 6, 16), ("M25", "U25")),
        (date(2025, 6, 19), ("M25", "U25")),
        (date(2025, 6, 20), ("U25",)),
        (date(2025, 12, 31), ("H26",)),
        (date(2026, 11, 20), ("Z26",)),
    ],
)
def test_the_months_that_may_lead_an_index_future(day: date, codes: tuple[str, ...]) -> None:
    assert may_lead(instrument("MES"), day) == codes


def test_gold_may_be_any_near_month_of_its_cycle() -> None:
    assert "Z26" in may_lead(instrument("MGC"), date(2026, 8, 19))
    assert "U26" not in may_lead(instrument("MGC"), date(2026, 8, 19))
    assert third_friday(2025, 6) == date(2025, 6, 20)


def asked(row: dict[str, Any], day: date = date(2026, 11, 20)) -> str:
    """The contract, or what is said against it."""
    found: list[str] = []

    async def scene(venue: Venue, client: Client) -> None:
        venue.says(AVAILABLE, ok(contracts=[row]))
        try:
            found.append((await front_month(client, instrument("MES"), day)).id)
        except ContractDisagrees as error:
            found.append(error.message)

    play(scene)
    return found[0]


def test_an_agreeing_contract_is_taken() -> None:
    assert asked(CONTRACT) == "CON.F.US.MES.Z26"


def test_another_month_tick_or_value_is_refused_with_both_shown() -> None:
    assert "H27" in asked(spoilt(CONTRACT, id="CON.F.US.MES.H27"))
    assert "Z26 should lead" in asked(spoilt(CONTRACT, id="CON.F.US.MES.H27"))
    assert "0.5 worth 1.25 USD, the table's 0.25" in asked(spoilt(CONTRACT, tickSize=0.5))
    assert "worth 2.5 USD" in asked(spoilt(CONTRACT, tickValue=2.5))


def test_a_contract_of_another_product_or_not_active_is_not_taken() -> None:
    assert "0 active contracts" in asked(spoilt(CONTRACT, symbolId="F.US.MESX"))
    assert "0 active contracts" in asked(spoilt(CONTRACT, activeContract=False))
