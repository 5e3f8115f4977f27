"""A second terminal: commands of `julie` in processes of their own, beside a running bot."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from tests.fault.bots import ROOT
from tests.fault.frame import Scene
from tests.fault.loaded import loader

LIMIT_S = 60.0  # of the wall, on a busy machine


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


async def julie(
    *words: str, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Said:
    """Run a command to its end."""
    return await _run(("-m", "julie.cli.main", *words), folder, environ or {})


async def bot(
    *words: str, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Said:
    """Start the bot and wait for its end."""
    return await _run((str(ROOT / "run_bot.py"), *words), folder, environ or {})


async def forked(
    *words: str, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Said:
    """The same as a fork of the loaded program, for rows that are not about the start."""
    with TemporaryDirectory(prefix="said-") as name:
        out, err = Path(name) / "out", Path(name) / "err"
        child = loader().born(words, Path(name), environment(environ), out, err, folder or ROOT)
        async with asyncio.timeout(LIMIT_S):
            code = await child.wait()
        return Said(code, out.read_text("utf-8"), err.read_text("utf-8"))


def environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """Ours, and more."""
    return {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT), **(more or {})}


async def _run(words: Sequence[str], folder: Path | None, environ: Mapping[str, str]) -> Said:
    child = await asyncio.create_subprocess_exec(
        sys.executable, *words,
        stdin=DEVNULL, stdout=PIPE, stderr=PIPE, cwd=folder or ROOT,
        env=environment(environ),
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_S):
        out, err = await child.communicate()
    return Said(child.returncode or 0, out.decode(), err.decode())


async def beside(scene: Scene, *words: str, sim: bool = False) -> Said:
    """A command about the row's bot; `sim` names its gateway too."""
    more = ["--sim", str(ready_file(scene))] if sim else []
    return await forked(*words, "--data-dir", str(scene.data), *more)


def ready_file(scene: Scene) -> Path:
    """The line of the row's gateway, for commands that go to the venue themselves."""
    path = scene.folder / "ready-of-terminal.json"
    path.write_bytes(msgspec.json.encode(scene.gate.ready))
    return path
