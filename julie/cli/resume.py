"""julie resume: entries again. Without a reason no breaker and no halt is reset."""

from typing import Annotated

import typer

from julie.cli.options import BotFolder

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def resume(
    reason: Annotated[
        str | None, typer.Option(help="Why a breaker or a halt may be reset; it is journaled.")
    ] = None,
    data_dir: BotFolder = None,
) -> int:
    """Let entries through again."""
    from julie.cli.tell_bot import tell_bot
    from julie.core.errors import UsageError

    if reason is not None and not reason.strip():
        raise UsageError("--reason is empty", "say in a few words why trading may go on")
    said = {"reason": reason.strip()} if reason is not None else {}
    return tell_bot(data_dir, "resume", **said)
