"""How a command speaks: results to stdout, talk and progress to stderr, JSON as one object.

The loudness (`-q`, `-v`, `-vv`) is the level of the logger `julie`, colour the variable NO_COLOR:
both are set once by `julie.cli.main` and hold for libraries and child processes too.
"""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import typer

LOGGER: Final = logging.getLogger("julie")
_LINE_EVERY_NS: Final = 10_000_000_000  # off a terminal, progress is one line each 10 s


def say(text: str) -> None:
    """Talk: goes to stderr, silent under -q."""
    if LOGGER.isEnabledFor(logging.INFO):
        typer.echo(text, err=True)


def detail(text: str) -> None:
    """Talk that only -v shows."""
    if LOGGER.isEnabledFor(logging.DEBUG):
        typer.echo(text, err=True)


def result(text: str) -> None:
    """What the command was asked for: goes to stdout."""
    typer.echo(text)


def result_json(value: object) -> None:
    """The result as one JSON object, keys in the order given, NaN refused."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def wants_colour() -> bool:
    """Colour only on a terminal, and never against NO_COLOR."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


@contextmanager
def compiling() -> Iterator[None]:
    """Say that code is being compiled, that this happens once, and now and then how far it is."""
    from julie.core.clock import MachineClock
    from julie.core.compiled import compiling as compiling_tells

    mono_ns = MachineClock().mono_ns
    began, told = 0, 0

    def tell(done: int) -> None:
        nonlocal began, told
        now = mono_ns()
        if began == 0:
            began = told = now
            say("compiling once for this machine; this can take a minute")
        elif now - told >= _LINE_EVERY_NS:
            told = now
            say(f"compiled {done} functions in {(now - began) // 1_000_000_000} s")

    with compiling_tells(tell):
        yield


Advance = Callable[[int], None]


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """Show what runs, how far and how long; yields the function that is told of steps made."""
    if not LOGGER.isEnabledFor(logging.INFO):
        yield _ignore
    elif sys.stderr.isatty():
        with _bar(what, total) as advance:
            yield advance
    else:
        yield _lines(what, total)


def _ignore(steps: int) -> None:
    del steps


@contextmanager
def _bar(what: str, total: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


def _lines(what: str, total: int) -> Advance:
    from julie.core.clock import MachineClock

    mono_ns = MachineClock().mono_ns
    done, told = 0, mono_ns()

    def advance(steps: int) -> None:
        nonlocal done, told
        done += steps
        if mono_ns() - told >= _LINE_EVERY_NS:
            told = mono_ns()
            typer.echo(
                f"{what}: {done:,} of {total:,} ({100 * done / max(total, 1):.0f} %)", err=True
            )

    return advance
