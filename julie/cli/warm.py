"""julie warm: compiles everything once, so that no later command has to wait for it."""

import typer

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def warm() -> None:
    """Fill the compile cache."""
    from julie.cli import talk
    from julie.core.compiled import cache_folder

    cache_folder().mkdir(parents=True, exist_ok=True)
    talk.say(f"compile cache: {cache_folder()}")
