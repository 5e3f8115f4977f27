"""History from the venue: filed by its month, laid over what is there, nothing invented."""

import asyncio
from pathlib import Path

from julie.core.instruments import instrument
from julie.core.zones import DAY_NS
from julie.gateway.client import Client
from julie.live.fetching import Fetched, fetch
from julie.store.read import load_bars
from tests.gateway.venue import Venue, ok

START = 1_795_010_400 * 10**9  # a Wednesday morning, Eastern
BAR = {"o": 6000.0, "h": 6001.0, "l": 5999.5, "c": 6000.25, "v": 12}


def row(minute: int) -> dict[str, object]:
    """A minute as the venue tells it."""
    hours, minutes = divmod(minute, 60)
    return {"t": f"2026-11-18T{14 + hours:02d}:{minutes:02d}:00+00:00", **BAR}


def test_a_month_is_filed_and_laid_over_what_is_there(tmp_path: Path) -> None:
    found: list[list[Fetched]] = []

    async def go() -> None:
        async with Venue() as venue:
            client: Client = venue.client()
            month = "CON.F.US.EP.Z26"
            for rows in ([row(0), row(1)], [row(1), row(2), row(3)], []):
                venue.says("/api/History/retrieveBars", ok(bars=rows))
                found.append(
                    await fetch(
                        client, instrument("ES"), month, START - DAY_NS, START, tmp_path,
                        simulated=True,
                    )
                )  # fmt: skip
            await client.aclose()

    asyncio.run(go())
    first, second, third = ([(one.rows, one.new) for one in each] for each in found)
    assert first[-1] == (2, 2)
    assert second[-1] == (3, 2)
    assert third == []
    bars = load_bars(tmp_path, "ES")
    assert (len(bars.ts), bars.simulated) == (4, True)
    assert bars.volume.tolist() == [12.0] * 4
