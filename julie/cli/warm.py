"""julie warm: compiles everything once, so that no later command has to wait for it."""

import typer

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def warm() -> None:
    """Fill the compile cache."""
    from julie.cli import talk
    from julie.core.compiled import cache_folder
    from julie.market.warm import warm_kernels
    from julie.regime.catalogue import CONSTRUCTORS

    cache_folder().mkdir(parents=True, exist_ok=True)
    talk.say(f"compile cache: {cache_folder()}; filling it takes up to a minute, once")
    with talk.progress("compiling columns", len(CONSTRUCTORS)) as advance:
        warm_kernels(lambda name, done, total: advance(1 if done else 0), CONSTRUCTORS)
