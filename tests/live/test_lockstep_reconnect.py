"""Both streams are cut in the middle of a market that waits for us: it goes on where it stopped."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest

from julie.core.market_events import Hub, MarketEvent, Print
from julie.core.zones import MINUTE_NS
from julie.live.sim import Ready
from tests.live.listening import Listener, listened
from tests.simgate.server.gate import DAY, bars_file

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(60)]
MINUTES = 30
CUTS = {
    "match": {},
    "action": {"do": "reset"},
    "scope": {"after_s": 600, "every_s": 600, "count": 2},
}


class Counting(Listener):
    """Counts the prints of each minute."""

    def __init__(self, ready: Ready) -> None:
        super().__init__(ready, ready.contracts["MES"])
        self.prints: Counter[int] = Counter()

    def heard(self, event: MarketEvent) -> None:
        self.prints[event.ts_exchange // MINUTE_NS] += isinstance(event, Print)


async def cut_twice(ready: Ready) -> None:
    async with httpx.AsyncClient(base_url=ready.url, trust_env=False) as http:
        (await http.post("/_sim/rules", json=CUTS)).raise_for_status()


async def whole_market(folder: Path) -> Counting:
    data = ("--data", str(bars_file(folder, minutes=MINUTES)), "--symbol", "MES")
    span = ("--date", DAY.isoformat(), "--from", "09:30", "--until", "10:00")
    async with asyncio.timeout(45):
        return await listened((*data, *span), Counting, cut_twice)


def test_a_market_in_lockstep_outlives_two_cuts_of_both_streams(tmp_path: Path) -> None:
    heard = asyncio.run(whole_market(tmp_path))
    assert heard.lives == dict.fromkeys(Hub, 3)
    assert len(heard.prints) == MINUTES
    whole = [count for count in heard.prints.values() if count == 4]
    assert len(whole) >= MINUTES - 2, "only the minutes of the cuts may lack a print"
