"""julie doctor: what stands between this machine and trading, each fault with what to do.

It changes nothing. Exit code 3: login or account, 6: machine, model or contract, 7: a STOP file.
"""

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

import typer

from julie.cli.options import BotFolder, ConfigFiles, Json, Sets, configuration

if TYPE_CHECKING:
    from julie.live.examine import Finding

app = typer.Typer(help=__doc__, add_completion=False)

SIGNS: Final = MappingProxyType(
    {"good": "ok   ", "remark": "note ", "ask": "?    ", "fault": "FAULT"}
)


@app.command()
def doctor(
    config: ConfigFiles = None,
    set_: Sets = None,
    sim: Annotated[Path | None, typer.Option(help="The line of a simulated gateway.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not call the venue.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Keys that others can read are a fault too.")
    ] = False,
    data_dir: BotFolder = None,
    as_json: Json = False,
) -> int:
    """Look at everything that trading needs."""
    import asyncio

    from julie.cli import talk
    from julie.live import examine
    from julie.live.whereabouts import folder_meant

    settings = configuration(config, set_).tree
    folder = folder_meant(data_dir, Path(settings.data.folder))
    found = [_strictly(one, strict=strict) for one in examine.here(settings, folder)]

    async def rest() -> None:
        found.extend([one async for one in examine.there(settings, sim)])

    if not offline:
        asyncio.run(rest())
    if as_json:
        talk.result_json({"findings": [one._asdict() for one in found]})
    else:
        talk.result("\n".join(_line(one) for one in found))
    return min((one.code for one in found if one.kind == "fault"), default=0)


def _strictly(one: "Finding", *, strict: bool) -> "Finding":
    return one._replace(kind="fault") if strict and one.what == "keys" else one


def _line(one: "Finding") -> str:
    cure = f"\n      -> {one.cure}" if one.cure else ""
    return f"{SIGNS[one.kind]} {one.what:<10} {one.text}{cure}"
