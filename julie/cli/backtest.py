"""julie backtest: the portfolio over bars, with the desk, judges, risk and management of live
trading.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from julie.cli.asked import (
    Data,
    Json,
    Map,
    OwnAdjust,
    Symbol,
    Zone,
    adjust_of,
    mapping_of,
    sources_of,
)
from julie.cli.options import ConfigFiles, Sets, configuration

if TYPE_CHECKING:
    from julie.backtest.perform import Performed, Wish
    from julie.backtest.request import Asked
    from julie.core.config import Loaded
    from julie.settings import Settings

app = typer.Typer(help=__doc__, add_completion=False)

Words = Annotated[
    list[str] | None,
    typer.Option("--trade", help="What is traded on each --data; default its micro."),
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--strategies",
        help="Only these (commas or repeated); path/to/mine.py:name takes one from a file.",
    ),
]
First = Annotated[
    str | None, typer.Option("--from", help="First trading day, 2025-01-31; earlier bars warm up.")
]
Last = Annotated[str | None, typer.Option("--to", help="Last trading day.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder of the run; default backtest_reports/<run>.")
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of bars and of the sample.")
]
Variants = Annotated[
    bool, typer.Option("--fill-variants", help="The same run under other engines' fill rules.")
]
OosOnly = Annotated[
    bool, typer.Option("--oos-only", help="Drop trades inside the data that tables were fitted on.")
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", min=1, help="Processes for work that can be shared; results are equal."),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Of resampling and Monte-Carlo.")]
Plots = Annotated[bool, typer.Option("--plots/--no-plots", help="Draw the plots of the report.")]


@app.command()
def backtest(
    data: Data = None,
    symbol: Symbol = None,
    trade: Words = None,
    map_: Map = None,
    adjust: OwnAdjust = None,
    zone: Zone = None,
    first: First = None,
    last: Last = None,
    strategies: Names = None,
    config: ConfigFiles = None,
    sets: Sets = None,
    out: Out = None,
    data_dir: DataDir = None,
    fill_variants: Variants = False,
    oos_only: OosOnly = False,
    jobs: Jobs = 1,
    seed: Seed = None,
    plots: Plots = True,
    as_json: Json = False,
) -> None:
    """Run the portfolio; without arguments over the simulated sample that is made on first use."""
    from julie.cli import talk

    talk.say(f"backtest: {', '.join(symbol or ()) or ', '.join(data or ()) or 'simulated sample'}")
    from julie.backtest.perform import Wish
    from julie.backtest.request import Asked

    asked = Asked(
        sources=sources_of(data, symbol),
        trade=tuple(word for words in trade or () for word in words.split(",")),
        mapping=mapping_of(map_),
        adjust=adjust_of(adjust),
        tz=zone,
        first=first,
        last=last,
        strategies=tuple(word for words in strategies or () for word in words.split(",")),
    )
    loaded = _settings(asked, config, sets, seed)
    wish = Wish(out, data_dir, fill_variants, oos_only, jobs, plots)
    _perform(asked, loaded, wish, as_json)


def _settings(
    asked: "Asked", config: list[Path] | None, sets: list[str] | None, seed: int | None
) -> "Loaded[Settings]":
    from julie.backtest.request import outside

    flags = [*(sets or ()), *([f"backtest.seed={seed}"] if seed is not None else [])]
    return configuration(config, flags, for_backtest=True, strategy_files=outside(asked.strategies))


def _perform(asked: "Asked", loaded: "Loaded[Settings]", wish: "Wish", as_json: bool) -> None:
    import msgspec

    from julie.backtest.perform import perform
    from julie.backtest.summary_text import summary_text
    from julie.cli import talk
    from julie.core.clock import MachineClock

    with talk.compiling():
        done = perform(asked, loaded, wish, MachineClock(), talk.progress, talk.say)
    if as_json:
        talk.result_json(msgspec.to_builtins(done.report.summary))
    else:
        talk.result(summary_text(done.report))
    if done.stopped is not None:
        _tell_interrupted(done)
    if done.failed:
        from julie.backtest.runner import failed

        raise failed(done.failed)


def _tell_interrupted(done: "Performed") -> None:
    from julie.core.errors import Ended, Interrupted
    from julie.core.interruption import Terminated

    error = Ended if isinstance(done.stopped, Terminated) else Interrupted
    place = Path(done.report.summary.report).parent
    if done.result.interrupted:
        raise error(f"{done.result.interrupted}; they are kept in {place}, marked as partial")
    raise error(f"the run was over, and all of it is in {place}")
