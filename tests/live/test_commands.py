"""A person's word stands in the journal where it was done, and only there."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from julie.core.events import Command
from julie.live.commands import Commands


class Pen:
    """Whatever is journaled."""

    def __init__(self) -> None:
        self.noted: list[object] = []

    def note(self, payload: object) -> None:
        self.noted.append(payload)


@pytest.mark.parametrize("verb", ["resume", "pause"])
def test_what_is_refused_is_not_journaled(verb: str) -> None:
    """Else the next life would find a pause or a resume that nobody ever carried out."""

    async def go() -> None:
        pen: Any = Pen()
        commands, done = Commands(pen), list[str]()

        async def obeyed(said: Mapping[str, str]) -> str:
            assert [asked] == pen.noted  # before it is done
            done.append(said["reason"])
            return "done"

        asked = Command("1", verb, (("reason", "lunch"),))
        early = await commands.obey(asked)
        assert not early.ok
        assert "ask again" in early.text
        commands.starting = False
        unknown = await commands.obey(asked)
        assert not unknown.ok
        assert "unknown" in unknown.text
        assert pen.noted == []
        commands.add(verb, obeyed)
        assert (await commands.obey(asked)).ok
        assert done == ["lunch"]

    asyncio.run(go())
