"""julie warm: compiles everything once, so that no later command has to wait for it.

Every column's kernel is sent a handful of bars, the desk runs over a few simulated days in batch
and event by event, and the sample sessions are made and kept.
"""

from pathlib import Path

import typer

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def warm() -> None:
    """Fill the compile cache and make the sample sessions."""
    from julie.backtest.warm import warm_desk
    from julie.cli import talk
    from julie.cli.options import configuration
    from julie.core.compiled import cache_folder
    from julie.market.warm import warm_kernels
    from julie.regime.catalogue import CONSTRUCTORS
    from julie.synth import sample

    talk.say("compiling once for this machine; this can take two minutes")
    with talk.progress("columns compiled", len(CONSTRUCTORS)) as advance:
        warm_kernels(lambda _name, done, _all: advance(min(done, 1)), CONSTRUCTORS)
    talk.say("compiling the desk")
    warm_desk()
    settings = configuration(None, None, for_backtest=True).tree
    sample(Path(settings.data.folder))
    talk.say(f"compiled code is kept in {cache_folder()}")
