"""A long trouble must not use up the calls that protect and close: I7 under H8 and N6."""

from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from julie.core.tasks import Tasks
from julie.core.zones import SECOND_NS
from julie.gateway.limiter import GENERAL, Need
from tests.fault.rows import row
from tests.fault.venue_play import play
from tests.fault.venue_scene import Scene

LOST_S: Final = 100  # longer than the window that calls are counted in
GAP_S: Final = 40.0  # between two tries: every ten seconds, and some for what is read before
READS: Final = ("search", "query", "searchOpen")


@row("H8")
@pytest.mark.tier4  # a trouble as long as this is for the nights
@pytest.mark.timeout(120)
def test_h8_closes_that_are_lost_for_long_do_not_use_up_the_calls(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((2, 40),))
        began_ns = (await scene.truth())["clock"]
        for call in ("closeContract", "partialCloseContract"):
            match = {"path": f"/api/Position/{call}"}
            await scene.rule("drop_request", match, scope={"for_s": LOST_S})
        async with Tasks() as tasks:
            tasks.start("flatten", scene.executor.flatten("a test"))
            await scene.pause(LOST_S)
        await scene.until(scene.flat, 30.0)
        asked = [one for one in (await scene.truth())["requests"] if one["ns"] >= began_ns]
        closes = [one["ns"] for one in asked if "loseContract" in one["path"]]
        tries = [began_ns, *closes]
        assert max(b - a for a, b in pairwise(tries)) < GAP_S * SECOND_NS
        reads = [one["ns"] for one in asked if one["path"].rpartition("/")[2] in READS]
        most = GENERAL.room(Need.LOOK)
        width = 60 * SECOND_NS
        assert max(sum(0 <= ns - first < width for ns in reads) for first in reads) <= most
        await scene.must_hold()

    play(act, tmp_path)
