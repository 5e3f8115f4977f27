"""The simulated gateway's controls as the bot uses them: found by its line, led piece by piece."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from julie.cli import main
from julie.core.errors import Exit, UsageError
from julie.live.sim import Lockstep, Seen, SimControl, SimError, read_ready, start_child

pytestmark = pytest.mark.tier1

LINE = {
    "url": "http://127.0.0.1:1",
    "user_hub": "http://127.0.0.1:1/hubs/user",
    "market_hub": "http://127.0.0.1:1/hubs/market",
    "username": "simulated",
    "api_key": "key",
    "accounts": [{"id": 7, "name": "one"}],
    "contracts": {"MES": "CON.F.US.MES.M25"},
    "speed": "lockstep",
    "clock": 1,
    "until": 2,
    "seed": 1,
    "pid": 1,
}


class Market:
    """Pieces that go out one an acknowledgement, as the simulated gateway's do."""

    def __init__(self, pieces: int) -> None:
        self.left, self.sent = pieces, 0
        self.acks: list[dict[str, object]] = []
        self.rested: list[bool] = []
        self.handled, self.working = 0, 0
        self.step: Lockstep | None = None

    async def ack(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.acks.append(body)
        self.rested.append(self.working == 0)
        good = body == {"market_seen": self.sent, "user_seen": 0, "idle": True}
        if good and self.left:
            self.left -= 1
            self.sent += 1
            asyncio.get_running_loop().call_later(0.01, self.arrive)
        return web.json_response(
            {"accepted": good, "market_sent": self.sent, "user_sent": 0, "clock": 0,
             "finished": self.left == 0}
        )  # fmt: skip

    async def clock(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"finished": self.left == 0})

    def arrive(self) -> None:
        """A piece comes, and work begins that ends a little later."""
        self.handled += 1
        self.working += 1
        asyncio.get_running_loop().call_later(0.02, self.done)

    def done(self) -> None:
        self.working -= 1
        assert self.step is not None
        self.step.wake()


async def served(market: Market) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_post("/_sim/ack", market.ack)
    app.router.add_get("/_sim/clock", market.clock)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    return runner, f"http://127.0.0.1:{port}"


def test_every_piece_is_acknowledged_once_and_at_rest() -> None:
    async def led() -> Market:
        market = Market(5)
        runner, url = await served(market)
        control, commits = SimControl(url), []

        async def commit() -> None:
            commits.append(market.handled)

        market.step = Lockstep(
            control, lambda: Seen(market.handled, 0), lambda: market.working == 0, commit
        )
        async with asyncio.timeout(15):
            await market.step.run()
        assert commits
        await control.aclose()
        await runner.cleanup()
        return market

    market = asyncio.run(led())
    assert market.handled == 5
    assert market.left == 0
    assert all(market.rested)
    assert {ack["market_seen"] for ack in market.acks} >= set(range(5))


def test_a_gateway_that_is_gone_is_told() -> None:
    async def asked() -> None:
        control = SimControl("http://127.0.0.1:9")
        try:
            await control.finished()
        finally:
            await control.aclose()

    with pytest.raises(SimError, match="does not answer"):
        asyncio.run(asked())


def test_the_line_of_a_running_gateway_is_read(tmp_path: Path) -> None:
    place = tmp_path / "READY.json"
    place.write_text(json.dumps(LINE))
    ready = read_ready(place)
    assert ready.account_id == 7
    assert ready.contracts == {"MES": "CON.F.US.MES.M25"}


@pytest.mark.parametrize("content", ["", "{}", "no json"])
def test_what_is_no_line_is_refused_with_a_cure(tmp_path: Path, content: str) -> None:
    place = tmp_path / "READY.json"
    place.write_text(content)
    with pytest.raises(UsageError, match="not the line"):
        read_ready(place)
    with pytest.raises(UsageError, match="cannot be read"):
        read_ready(tmp_path / "nowhere.json")


def test_a_gateway_that_does_not_start_hands_its_exit_code_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(SimError, match="did not start") as told:
        asyncio.run(start_child(["--speed", "foo"]))
    assert told.value.exit_code == Exit.USAGE
    assert not caplog.records, "whoever ended by itself is not asked to end"


@pytest.mark.parametrize("mode", ["--sim", "--paper", "--live"])
def test_a_time_that_is_none_is_refused_before_anything_is_asked(
    mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", mode, "--until", "25:99", "--data-dir", str(tmp_path / "data")]
    assert main.run(words) == Exit.USAGE
    told = capsys.readouterr().err
    assert "error: --until 25:99: no time of day" in told
    assert "SIM" not in told
    assert not (tmp_path / "data").exists()
