"""What the bot is given wrongly, with real processes: clear words, a cure, the code, no secret."""

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from julie.core.errors import Exit
from julie.core.tasks import Tasks
from julie.live.sim import Ready, end_child, start_child
from tests.fault.bots import RULES, settings_of
from tests.fault.flat_market import DAY, write_bars
from tests.fault.gate import KEY, USER, secrets_of
from tests.fault.outcome import read_journal
from tests.fault.terminal import Said, bot, julie

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(150)]
Line = dict[str, Any]
Case = Callable[[Line, Path], Coroutine[Any, Any, Said]]


async def started(line: Line, folder: Path, *words: str) -> Said:
    """A bot on that line of a gateway, to its end."""
    ready = folder / "READY.json"
    ready.write_bytes(msgspec.json.encode(line))
    sets = [word for one in settings_of(("pulse",), ()) for word in ("--set", one)]
    return await bot(
        "--sim", str(ready), "--headless", "--data-dir", str(folder / "data"),
        "--strategies", f"{RULES}:pulse", *sets, *words, folder=folder,
    )  # fmt: skip


async def wrong_key(line: Line, folder: Path) -> Said:
    return await started(line | {"api_key": "sentinel-of-a-wrong-key"}, folder)


async def wrong_account(line: Line, folder: Path) -> Said:
    return await started(line | {"accounts": [{"id": 31337}]}, folder)


async def unreachable(line: Line, folder: Path) -> Said:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{one.getsockname()[1]}"
        return await started(line | {"url": nobody}, folder)


async def proxy_page(line: Line, folder: Path) -> Said:
    """Whatever is asked, a page of HTML comes back, with 200."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"<html>Log in to the hotel's network</html>"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return await examined(line | {"url": f"http://127.0.0.1:{port}"}, folder)


async def tls_error(line: Line, folder: Path) -> Said:
    """TLS is spoken to somebody who speaks none."""
    return await examined(line | {"url": str(line["url"]).replace("http:", "https:")}, folder)


async def examined(line: Line, folder: Path) -> Said:
    """`julie doctor` on that line."""
    ready = folder / "READY.json"
    ready.write_bytes(msgspec.json.encode(line))
    return await julie(
        "doctor", "--sim", str(ready), "--data-dir", str(folder / "data"), folder=folder
    )


async def blocked_streams(line: Line, folder: Path) -> Said:
    """Calls get through, WebSockets do not."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{one.getsockname()[1]}/hubs/market"
        return await examined(line | {"market_hub": nobody}, folder)


async def hub_in_the_clear(line: Line, folder: Path) -> Said:
    said = await started(line | {"user_hub": "http://rtc.example.com/hubs/user"}, folder)
    assert "ready" not in said.err
    return said


async def no_rights(line: Line, folder: Path) -> Said:
    """An account that the venue does not let trade."""
    async with httpx.AsyncClient(base_url=str(line["url"]), trust_env=False) as control:

        async def allow(*, value: bool) -> None:
            answer = await control.post("/_sim/account", json={"kind": "can_trade", "value": value})
            assert answer.status_code == 200, answer.text

        await allow(value=False)
        try:
            return await started(line, folder)
        finally:
            await allow(value=True)


async def other_tick(line: Line, folder: Path) -> Said:
    return await started(
        line, folder, "--set", "instruments.MES.tick=0.5", "--set", "live.symbols=[MES]",
    )  # fmt: skip


CASES: dict[str, tuple[Case, int, str]] = {
    "wrong key": (wrong_key, Exit.LOGIN, "the venue refused the login"),
    "wrong account": (wrong_account, Exit.LOGIN, "account"),
    "no right to trade": (no_rights, Exit.LOGIN, "does not let account"),
    "unreachable host": (unreachable, Exit.ENVIRONMENT, "does not answer"),
    "proxy page": (proxy_page, Exit.ENVIRONMENT, "login page or a proxy"),
    "TLS error": (tls_error, Exit.ENVIRONMENT, "venue"),
    "streams blocked": (blocked_streams, Exit.ENVIRONMENT, "gateway.feed: poll"),
    "hub in the clear": (hub_in_the_clear, Exit.USAGE, "https is needed"),
    "tick of the table": (other_tick, Exit.ENVIRONMENT, "tick"),
}


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A gateway for the whole page."""
    folder = tmp_path_factory.mktemp("gate")
    loop = asyncio.new_event_loop()
    words = [
        "--data", str(write_bars(folder)), "--symbol", "MES", "--date", str(DAY),
        "--from", "09:30", "--until", "13:20", "--speed", "10", "--username", USER,
        "--api-key", KEY,
    ]  # fmt: skip
    child, ready = loop.run_until_complete(start_child(words))
    yield json.loads(msgspec.json.encode(ready))
    loop.run_until_complete(end_child(child))
    loop.close()


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_with_a_cure_and_its_code(name: str, line: Line, tmp_path: Path) -> None:
    case, code, words = CASES[name]
    said = asyncio.run(case(line, tmp_path))
    told = said.out + said.err
    assert said.code == code, said
    assert words in told, said
    assert "-> " in told
    assert "Traceback" not in told
    assert not read_journal(tmp_path / "data", "ConfigTaken")  # it traded by no settings
    secrets = (*secrets_of(msgspec.convert(line, Ready)), "sentinel-of-a-wrong-key")
    assert not [one for one in secrets if one in told]
    for path in (tmp_path / "data").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [one for one in secrets if one.encode() in content], path


def test_a_second_start_names_the_first(line: Line, tmp_path: Path) -> None:
    async def twice() -> Said:
        ready = tmp_path / "READY.json"
        ready.write_bytes(msgspec.json.encode(line))
        sock = tmp_path / "data" / "control.json"
        async with Tasks() as tasks:
            first = tasks.start("first", started(line, tmp_path, "--until", "13:19"))
            async with asyncio.timeout(60):
                while not sock.exists():  # noqa: ASYNC110 - another process makes it
                    await asyncio.sleep(0.05)
            second = await bot(
                "--sim", str(ready), "--headless", "--data-dir", str(tmp_path / "other"),
                folder=tmp_path,
            )  # fmt: skip
            await julie("stop", "--data-dir", str(tmp_path / "data"))
        assert first.result().code == Exit.DONE
        return second

    said = asyncio.run(twice())
    assert said.code == Exit.ANOTHER_INSTANCE, said
    assert "another bot trades this account: process " in said.err
    assert "last heartbeat" in said.err
    assert "no request was sent" in said.err
