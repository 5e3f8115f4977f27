"""julie run: the bot. Without credentials it starts a simulated gateway and trades its session."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from julie.cli.options import ConfigFiles, Json, Sets, configuration

if TYPE_CHECKING:
    from julie.live.compose import Ended
    from julie.settings import Settings

app = typer.Typer(help=__doc__, add_completion=False)

Line = Annotated[
    Path | None,
    typer.Option("--ready", help="The line of a simulated gateway that runs already."),
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the journal and of bars.")
]
Speed = Annotated[str, typer.Option(help="Of its own simulated gateway: lockstep.")]


@app.command()
def run(
    sim: Annotated[bool, typer.Option("--sim", help="Trade a simulated gateway.")] = True,
    ready: Line = None,
    data_dir: DataDir = None,
    speed: Speed = "lockstep",
    config: ConfigFiles = None,
    sets: Sets = None,
    as_json: Json = False,
) -> None:
    """Trade the sample session of a simulated gateway, or the market of one that runs."""
    import asyncio

    from julie.cli import talk

    del sim  # the only mode there is so far
    settings = configuration(config, sets).tree
    folder = data_dir or Path(settings.data.folder) / "sim"
    talk.say("run: SIM, a simulated market and a simulated account")
    ended = asyncio.run(_traded(settings, folder, ready, speed))
    if as_json:
        from dataclasses import asdict

        talk.result_json(asdict(ended))
        return
    talk.result(
        f"SIM {ended.run}: {ended.minutes} minutes, {ended.candidates} candidates, "
        f"{ended.legs} closed legs, balance {ended.balance_cents / 100:,.2f} USD"
    )


async def _traded(settings: "Settings", folder: Path, line: Path | None, speed: str) -> "Ended":
    """The session, on the gateway that was named or on one of our own."""
    from datetime import UTC, datetime

    from julie.core.clock import MachineClock
    from julie.live.compose import simulated
    from julie.live.sim import end_child, read_ready, start_child

    now = datetime.fromtimestamp(MachineClock().now_ns() / 1e9, UTC)
    name = f"sim-{now:%Y%m%d-%H%M%S}"
    if line is not None:
        return await simulated(read_ready(line), settings, folder, name)
    child, ready = await start_child(("--scenario", "sample", "--speed", speed))
    try:
        return await simulated(ready, settings, folder, name)
    finally:
        await end_child(child)
