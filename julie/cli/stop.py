"""julie stop: ends the bot; an open position is left or closed as `live.on_exit` says."""

from typing import Annotated

import typer

from julie.cli.options import BotFolder

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def stop(
    after_trade: Annotated[
        bool, typer.Option("--after-trade", help="When the open position is closed, not before.")
    ] = False,
    data_dir: BotFolder = None,
) -> int:
    """End the bot."""
    from julie.cli.tell_bot import tell_bot

    return tell_bot(data_dir, "stop", after_trade="yes" if after_trade else "no")
