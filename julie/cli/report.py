"""julie report: shows the summary of a run again, lays two side by side, or tells of live runs."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from julie.cli.options import BotFolder, ConfigFiles, Json, Sets, configuration


class _Group(TyperGroup):
    """`julie report --live` is `julie report live`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if "--live" in args:
            args = ["live", *(one for one in args if one != "--live")]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help="Show a finished run again, compare two, or report on live runs (`--live`).",
    no_args_is_help=True,
    add_completion=False,
    cls=_Group,
)

MOST_DAYS: Final = 36_500
RUN_HELP: Final = "A run: its folder, or its name under backtest_reports."


@app.command()
def show(
    run: Annotated[str | None, typer.Argument(help=f"{RUN_HELP} Default: the newest.")] = None,
    as_json: Json = False,
) -> None:
    """Print the summary of a run."""
    import msgspec

    from julie.backtest.runs import read_report, run_folder
    from julie.backtest.summary_text import summary_text
    from julie.cli import talk

    report = read_report(run_folder(run))
    if as_json:
        talk.result_json(msgspec.to_builtins(report.summary))
    else:
        talk.result(summary_text(report).rstrip("\n"))


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help=RUN_HELP)],
    b: Annotated[str, typer.Argument(help="The other run.")],
    html: Annotated[
        Path | None, typer.Option(help="Write a page with both equity curves to this file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print what differs between two runs: figures, settings, legs."""
    import msgspec

    from julie.backtest.compare import compare as compare_runs
    from julie.backtest.compare import comparison_text, overlay_page
    from julie.backtest.runs import run_folder
    from julie.cli import talk
    from julie.store.atomic import write_text

    folders = run_folder(a), run_folder(b)
    if html is not None:
        write_text(html, overlay_page(*folders))
        talk.say(f"wrote {html}")
    found = compare_runs(*folders)
    if as_json:
        talk.result_json(msgspec.to_builtins(found))
    else:
        talk.result(comparison_text(found).rstrip("\n"))


@app.command()
def live(
    run: Annotated[
        str | None, typer.Argument(help="A run of the journal; default the newest.")
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(help="Every run since then: 7d (any number of days), week, month."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; default reports/RUN in the data folder.")
    ] = None,
    plots: Annotated[bool, typer.Option("--plots/--no-plots", help="Draw the plots.")] = True,
    config: ConfigFiles = None,
    set_: Sets = None,
    data_dir: BotFolder = None,
    as_json: Json = False,
) -> None:
    """Report on live runs from the journal: trades, denials, costs, slippage, differences."""
    import msgspec

    from julie.backtest.summary_text import summary_text
    from julie.cli import talk
    from julie.live.report import write_live_report
    from julie.live.whereabouts import folder_meant

    settings = configuration(config, set_).tree
    days = None if last is None else _days(last)
    folder = folder_meant(data_dir, Path(settings.data.folder))
    report, facts = write_live_report(folder, settings, run, days, out, plots=plots)
    if as_json:
        whole = {**msgspec.to_builtins(report.summary), "live": msgspec.to_builtins(facts)}
        talk.result_json(whole)
    else:
        talk.result(summary_text(report).rstrip("\n"))


def _days(word: str) -> int:
    """How many days `--last` reaches back."""
    from julie.core.errors import UsageError

    days = {"week": "7", "month": "31"}.get(word, word.removesuffix("d"))
    if not days.isdigit() or not 1 <= int(days) <= MOST_DAYS:
        raise UsageError(f"--last {word}: no stretch of time", "write 7d, week or month")
    return int(days)
