"""julie replay: a run of the bot once more from its journal; it must decide and order the same."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from julie.cli.options import BotFolder, ConfigFiles, Json, Sets, configuration

if TYPE_CHECKING:
    from julie.live.replay import Replayed

app = typer.Typer(help=__doc__, add_completion=False)

Run = Annotated[
    str | None, typer.Argument(help="A run of the journal; nothing = its newest.", metavar="RUN")
]
Names = Annotated[
    list[str] | None,
    typer.Option("--strategies", help="As the run was given them; path/to/mine.py:name."),
]
SHOWN = 20


@app.command()
def replay(
    run: Run = None,
    data_dir: BotFolder = None,
    strategies: Names = None,
    config: ConfigFiles = None,
    sets: Sets = None,
    as_json: Json = False,
) -> int:
    """Tell a fresh desk what the run's desk heard; exit code 9 on any difference."""
    from dataclasses import asdict

    from julie.backtest.request import outside
    from julie.cli import talk
    from julie.core.errors import Exit
    from julie.live.replay import newest_run
    from julie.live.replay import replay as once_more
    from julie.live.whereabouts import folder_meant
    from julie.strategies.catalogue import named

    words = [word for given in strategies or () for word in given.split(",")]
    settings = configuration(config, sets, strategy_files=outside(words)).tree
    folder = folder_meant(data_dir, Path(settings.data.folder))
    with talk.compiling():
        found = once_more(
            folder, run or newest_run(folder), settings, [named(one) for one in words]
        )
    talk.result_json(asdict(found)) if as_json else talk.result(_words(found))
    return Exit.DIFFERENCES if found.differences else Exit.DONE


def _words(found: "Replayed") -> str:
    counts = (
        f"{found.minutes:,} minutes, {found.decisions:,} decisions, {found.orders:,} orders, "
        f"{found.trades:,} closed legs, {found.days:,} closed days"
    )
    if found.by_hand:
        counts += f"; {found.by_hand} test orders by hand left out"
    lines = [f"REPLAY {found.run}: {len(found.differences)} differences in {counts}"]
    lines += [f"  DIFFERENCE {text}" for text in found.differences[:SHOWN]]
    if len(found.differences) > SHOWN:
        lines.append(f"  and {len(found.differences) - SHOWN} more; --json has them all")
    return "\n".join(lines)
