"""julie pause: no entries until `julie resume`; open positions are managed as before."""

from typing import Annotated

import typer

from julie.cli.options import BotFolder

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def pause(
    reason: Annotated[str, typer.Option(help="Why; it stands in the journal.")] = "by hand",
    data_dir: BotFolder = None,
) -> int:
    """Hold entries back."""
    from julie.cli.tell_bot import tell_bot

    return tell_bot(data_dir, "pause", reason=reason)
