"""The STOP file: made by anybody with anything, told with who and when, passed by no start."""

import asyncio
import getpass
from pathlib import Path

import pytest

from julie.core.clock import VirtualClock
from julie.core.errors import Exit
from julie.live.stop_file import (
    Stop,
    StoppedByFile,
    read_stop,
    refuse_when_stopped,
    stop_path,
    watch,
    write_stop,
)

NOW = VirtualClock(1_750_080_600 * 10**9)


def test_no_start_passes_it(tmp_path: Path) -> None:
    refuse_when_stopped(tmp_path)
    write_stop(tmp_path, "the stream went mad", NOW)
    with pytest.raises(StoppedByFile) as found:
        refuse_when_stopped(tmp_path)
    told = str(found.value)
    assert f"made by {getpass.getuser()} on" in told
    assert "at 2025-06-16T09:30:00-04:00 (the stream went mad)" in told
    assert f"delete {stop_path(tmp_path)}" in told
    assert found.value.exit_code == Exit.STOPPED


def test_the_first_word_stands(tmp_path: Path) -> None:
    write_stop(tmp_path, "first", NOW)
    write_stop(tmp_path, "second", NOW)
    found = read_stop(tmp_path)
    assert found is not None
    assert found.why == "first"


@pytest.mark.parametrize("text", ["", "news!\n", "[1]", "3", '{"who": "me"}', "\udcff"])
def test_one_made_by_hand(tmp_path: Path, text: str) -> None:
    stop_path(tmp_path).write_bytes(text.encode("utf-8", "surrogateescape"))
    found = read_stop(tmp_path)
    assert found is not None
    assert found.who == stop_path(tmp_path).owner()
    assert found.when.startswith("20")
    assert ("news!" in found.why) == (text == "news!\n")


def test_one_that_may_not_be_read_stops_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    stop_path(tmp_path).touch(mode=0o600)
    monkeypatch.setattr(Path, "read_text", refused)
    seen: list[Stop] = []
    asyncio.run(watch(tmp_path, seen.append))
    assert seen[0].why == "it cannot be read: Permission denied"
    with pytest.raises(StoppedByFile, match="forbids trading"):
        refuse_when_stopped(tmp_path)


def test_a_user_without_a_name_makes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", nameless)
    write_stop(tmp_path, "storm", NOW)
    found = read_stop(tmp_path)
    assert found is not None
    assert found.who.startswith("user ")
    assert found.why == "storm"


def test_it_is_noticed_while_the_bot_runs(tmp_path: Path) -> None:
    async def go() -> None:
        seen: list[Stop] = []
        watching = asyncio.timeout(5)
        async with watching:
            loop = asyncio.get_running_loop()
            loop.call_later(0.05, write_stop, tmp_path, "now", NOW)
            await watch(tmp_path, seen.append)
        assert [one.why for one in seen] == ["now"]

    asyncio.run(go())
