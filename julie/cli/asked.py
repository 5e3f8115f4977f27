"""Flags that several commands share, and what the words after them mean."""

from typing import Annotated, TypeAlias

import typer

Data: TypeAlias = Annotated[
    list[str] | None, typer.Option("--data", help="File or folder of bars; repeat with --symbol.")
]
Symbol: TypeAlias = Annotated[
    list[str] | None, typer.Option("--symbol", help="Its instrument, such as ES; one per --data.")
]
Map: TypeAlias = Annotated[
    list[str] | None, typer.Option("--map", help="A column by name: volume=volume_est.")
]
Adjust: TypeAlias = Annotated[
    str, typer.Option(help="Over a roll: `back` joins the contracts, `raw` leaves them as traded.")
]
OwnAdjust: TypeAlias = Annotated[
    str | None, typer.Option("--adjust", help="Over a roll: back or raw; default data.adjust.")
]
Zone: TypeAlias = Annotated[
    str | None, typer.Option("--tz", help="Zone of times that carry none: America/Chicago.")
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def mapping_of(words: list[str] | None) -> dict[str, str]:
    """`volume=volume_est` words as a mapping; several may stand in one word, with commas."""
    from julie.core.errors import UsageError

    found: dict[str, str] = {}
    for word in (part for one in words or () for part in one.split(",")):
        role, equals, column = word.partition("=")
        if not equals or not role.strip() or not column.strip():
            raise UsageError(f"--map {word}: no pair", "write --map volume=volume_est")
        found[role.strip()] = column.strip()
    return found


def pairs_of(data: list[str] | None, symbols: list[str] | None) -> list[tuple[str, str]]:
    """Each --data with its --symbol; a missing symbol is read from the name of the file."""
    from pathlib import Path

    from julie.core.errors import UsageError
    from julie.store.contracts import guess_symbol

    if not data:
        raise UsageError("no bars were named", "name a file or folder: --data FILE --symbol ES")
    if symbols and len(symbols) != len(data):
        raise UsageError(
            f"{len(data)} x --data but {len(symbols)} x --symbol",
            "give them in pairs: --data FILE --symbol ES --data FILE --symbol NQ",
        )
    named = list(symbols or [guess_symbol(Path(source)) or "" for source in data])
    for source, symbol in zip(data, named, strict=True):
        if not symbol and not Path(source).exists():
            raise UsageError(f"{source}: there is no such file", "name a file or folder of bars")
        if not symbol:
            raise UsageError(f"{source}: which instrument is it?", "name it with --symbol ES")
    return list(zip(data, [symbol.upper() for symbol in named], strict=True))


def sources_of(data: list[str] | None, symbols: list[str] | None) -> tuple[tuple[str, str], ...]:
    """What a run reads: files, else the dataset (an empty name) of each --symbol, else nothing."""
    if data:
        return tuple(pairs_of(data, symbols))
    return tuple(("", symbol.upper()) for symbol in symbols or ())


def adjust_of(word: str | None) -> str:
    """`back` or `raw`, and nothing else; empty where nothing was said."""
    from julie.core.errors import UsageError

    if word is None:
        return ""
    if word not in {"back", "raw"}:
        raise UsageError(f"--adjust {word}: no such way", "choose back or raw")
    return word
