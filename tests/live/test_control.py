"""The bot's local socket: what clients hear, what becomes of commands, who is shown out."""

import asyncio
import json
import socket
import stat
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from julie.core.bus import Bus
from julie.core.clock import VirtualClock
from julie.core.errors import UsageError
from julie.core.events import AuditRecord, Command
from julie.core.scribe import AUDIT, Scribe
from julie.core.tasks import Tasks
from julie.live import control
from julie.live.control import ControlSocket
from julie.live.control_client import NoAnswer, SocketClient, ask, new_command
from julie.live.control_place import (
    NobodyThere,
    Place,
    Silent,
    read_place,
    socket_path,
    write_place,
)
from julie.live.control_wire import Answer, record_line
from tests.store.journal_parts import KINDS, payload
from tests.store.test_status import look

pytestmark = pytest.mark.tier1
LIMIT_S = 8.0


class Kept:
    """A journal that only counts."""

    def append(self, record: AuditRecord) -> None: ...

    async def commit(self) -> None: ...


class Bot:
    """A bus, a scribe, and the door."""

    def __init__(self, folder: Path, *, port: bool | None = None) -> None:
        self.bus = Bus()
        self.scribe = Scribe(Kept(), self.bus, "sim-1", VirtualClock(10**18), 1)
        self.obeyed: list[Command] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.door = ControlSocket(folder, self.bus, "sim-1", "sim", self.obey, port=port)

    async def obey(self, command: Command) -> Answer:
        """Do as told, once `hold` is set."""
        self.obeyed.append(command)
        if command.verb == "resume":
            raise UsageError("the day's loss limit still stands", "wait for tomorrow")
        await self.hold.wait()
        return Answer(command.id, True, f"{command.verb} is done")


@asynccontextmanager
async def running(folder: Path, *, port: bool | None = None) -> AsyncIterator[Bot]:
    """A bot whose door is open."""
    bot = Bot(folder, port=port)
    async with Tasks() as tasks:
        task = tasks.start("control", bot.door.run())
        await asyncio.wait_for(bot.door.ready.wait(), LIMIT_S)
        try:
            yield bot
        finally:
            task.cancel()


async def until(told: Callable[[], object]) -> None:
    """Return once it is true."""
    async with asyncio.timeout(LIMIT_S):
        while not told():  # noqa: ASYNC110 - it happens on another thread
            await asyncio.sleep(0.005)


async def _records_and_status(folder: Path, port: bool) -> None:
    async with running(folder, port=port) as bot:
        client = await asyncio.to_thread(SocketClient, folder)
        try:
            assert (client.welcome.run, client.welcome.mode) == ("sim-1", "sim")
            await until(lambda: AUDIT.name in bot.bus.dropped())
            told = [bot.scribe.note(payload(n)) for n in range(KINDS * 2)]
            bot.door.show(look(5))
            await until(lambda: client.status() is not None)
            found: list[AuditRecord] = []

            def whole() -> bool:
                found.extend(client.poll())
                return len(found) == len(told)

            await until(whole)
            assert [record_line(one) for one in found] == [record_line(one) for one in told]
            assert client.status() == look(5)
        finally:
            client.close()
        await until(lambda: bot.door.clients == 0)


@pytest.mark.parametrize("port", [False, True])
def test_a_client_hears_records_and_status(tmp_path: Path, port: bool) -> None:
    asyncio.run(_records_and_status(tmp_path, port))


def test_a_late_client_gets_the_last_status_at_once(tmp_path: Path) -> None:
    async def go() -> None:
        async with running(tmp_path) as bot:
            bot.door.show(look(1))
            with await asyncio.to_thread(SocketClient, tmp_path) as client:
                await until(lambda: client.status() == look(1))

    asyncio.run(go())


def test_a_command_is_taken_done_and_answered(tmp_path: Path) -> None:
    async def go() -> None:
        async with running(tmp_path) as bot:
            answer = await asyncio.to_thread(ask, tmp_path, "pause", reason="lunch")
            assert (answer.ok, answer.text) == (True, "pause is done")
            assert bot.obeyed[0].arguments == (("reason", "lunch"),)
            refused = await asyncio.to_thread(ask, tmp_path, "resume")
            assert not refused.ok
            assert "still stands" in refused.text
            assert "wait for tomorrow" in refused.text

    asyncio.run(go())


def test_a_long_command_is_taken_at_once_and_holds_up_no_other(tmp_path: Path) -> None:
    async def go() -> None:
        async with running(tmp_path) as bot:
            bot.hold.clear()
            with await asyncio.to_thread(SocketClient, tmp_path) as client:
                slow = new_command("flatten")
                client.send(slow)
                await until(lambda: bot.obeyed)
                client.send(slow)  # the same id again, while it runs
                refused = await asyncio.to_thread(ask, tmp_path, "resume")
                assert "still stands" in refused.text
                early = client.answer(slow.id)
                assert early is None or not early.ok
                bot.hold.set()
                await until(lambda: (found := client.answer(slow.id)) and found.ok)
                assert [one.verb for one in bot.obeyed].count("flatten") == 1

    asyncio.run(go())


def test_a_bot_whose_loop_stands_is_noticed_in_a_second(tmp_path: Path) -> None:
    async def go() -> None:
        async with running(tmp_path):
            with await asyncio.to_thread(SocketClient, tmp_path) as client:
                stuck = threading.Event()
                found: list[Exception] = []

                def impatient() -> None:
                    try:
                        client.ask(new_command("flatten"), 10.0)
                    except NoAnswer as error:
                        found.append(error)
                    stuck.set()

                thread = threading.Thread(target=impatient)
                thread.start()
                assert stuck.wait(LIMIT_S)  # on the loop's own thread: it stands still
                thread.join()
                assert "nothing came in 1 s" in str(found[0])

    asyncio.run(go())


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(NobodyThere, match="it left no address"):
        SocketClient(tmp_path)

    async def go() -> None:
        async with running(tmp_path):
            pass

    asyncio.run(go())
    assert not (tmp_path / "control.json").exists()
    assert not socket_path(tmp_path).exists()
    (tmp_path / "control.json").write_text(
        json.dumps({"pid": 1, "socket": str(socket_path(tmp_path))}), encoding="utf-8"
    )
    with pytest.raises(NobodyThere, match="nobody answers"):
        SocketClient(tmp_path)


def test_only_the_owner_may_come_in(tmp_path: Path) -> None:
    async def go() -> None:
        async with running(tmp_path):
            assert stat.S_IMODE(socket_path(tmp_path).stat().st_mode) == 0o600
            assert stat.S_IMODE((tmp_path / "control.json").stat().st_mode) == 0o600

    asyncio.run(go())


def test_a_wrong_token_hears_nothing(tmp_path: Path) -> None:
    async def go() -> None:
        async with running(tmp_path, port=True) as bot:
            place = read_place(tmp_path)
            reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
            assert b"welcome" in await reader.readline()
            writer.write(b'{"hello": {"topics": ["audit"], "token": "guess"}}\n')
            assert b"the token is wrong" in await reader.readline()
            assert await reader.readline() == b""
            writer.close()
            assert bot.obeyed == []

    asyncio.run(go())


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/1.1\r\n\r\n", b"{}\n", b'{"hello": 3}\n', b"\xff\xfe\n", b"x" * 200_000]
)
def test_what_is_no_client_is_shown_out(tmp_path: Path, line: bytes) -> None:
    async def go() -> None:
        async with running(tmp_path) as bot:
            reader, writer = await asyncio.open_unix_connection(socket_path(tmp_path))
            await reader.readline()
            writer.write(line)
            assert await asyncio.wait_for(reader.read(), LIMIT_S) == b""
            writer.close()
            answer = await asyncio.to_thread(ask, tmp_path, "pause")
            assert answer.ok
            assert len(bot.obeyed) == 1

    asyncio.run(go())


def test_a_reader_that_never_reads_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "SLOW_S", 0.3)
    monkeypatch.setattr(control, "RECORDS_MAX", 64)

    async def go() -> None:
        async with running(tmp_path) as bot:
            deaf = socket.socket(socket.AF_UNIX)
            deaf.connect(str(socket_path(tmp_path)))
            deaf.sendall(b'{"hello": {"topics": ["audit"]}}\n')
            await until(lambda: AUDIT.name in bot.bus.dropped())
            for n in range(30_000):
                bot.scribe.note(payload(n))
                if n % 500 == 0:
                    await asyncio.sleep(0)
            await until(lambda: bot.door.clients == 0)
            deaf.close()
            assert (await asyncio.to_thread(ask, tmp_path, "pause")).ok

    asyncio.run(go())


@pytest.mark.parametrize("topics", [["status"], ["audit", "status"]])
def test_a_client_that_leaves_while_it_is_told_leaves_no_trace(
    tmp_path: Path, topics: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async def go() -> None:
        async with running(tmp_path) as bot:
            for _ in range(10):
                guest = socket.socket(socket.AF_UNIX)
                guest.connect(str(socket_path(tmp_path)))
                guest.sendall(json.dumps({"hello": {"topics": topics}}).encode() + b"\n")
                await until(lambda: all(bot.bus.dropped().get(t) is not None for t in topics))
                guest.close()
                for n in range(3):  # who writes finds it gone no later than who reads
                    bot.door.show(look(n))
                    bot.scribe.note(payload(n))
                await until(lambda: bot.door.clients == 0)

    asyncio.run(go())
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == []


def test_at_most_so_many_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "CLIENTS_MAX", 2)

    async def go() -> None:
        async with running(tmp_path):
            first = await asyncio.to_thread(SocketClient, tmp_path)
            second = await asyncio.to_thread(SocketClient, tmp_path)
            for _ in range(20):  # whether its greeting leaves before it is shown out or not
                with pytest.raises(NobodyThere, match="2 clients are connected"):
                    await asyncio.to_thread(SocketClient, tmp_path)
            first.close()
            second.close()

    asyncio.run(go())


def test_a_folder_too_deep_for_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    deep = tmp_path / ("ordner mit umlauten äöü " * 5) / ("x" * 60)
    deep.mkdir(parents=True)

    async def go() -> None:
        async with running(deep):
            assert socket_path(deep).is_relative_to(tmp_path / "julie")
            assert (await asyncio.to_thread(ask, deep, "pause")).ok

    asyncio.run(go())


def test_a_bot_that_hangs_is_told_from_one_that_is_not_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:  # its system answers, it does not
        write_place(tmp_path, Place(4711, port=hanging.getsockname()[1]))
        with pytest.raises(Silent, match=r"does not answer \(process 4711; no greeting in 1 s\)"):
            SocketClient(tmp_path)
    with pytest.raises(NobodyThere, match="no bot runs"):
        SocketClient(tmp_path)
