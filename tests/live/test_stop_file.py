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
