"""julie report: shows the summary of a run again, or lays two runs side by side."""

from pathlib import Path
from typing import Annotated

import typer

from julie.cli.asked import Json

app = typer.Typer(
    help="Show a finished run again, or compare two.", no_args_is_help=True, add_completion=False
)

RUN_HELP = "A run: its folder, or its name under backtest_reports."


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
