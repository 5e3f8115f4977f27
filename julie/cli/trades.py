"""julie trades: the trades of a run as a list, as JSON, or as a page with a chart for each."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from julie.cli.asked import Data, Json, Map, Symbol, Zone

if TYPE_CHECKING:
    from julie.backtest.report.model import Report
    from julie.backtest.result import Columns
    from julie.backtest.trade_list import Rows

app = typer.Typer(help="List the trades of a run, or draw them.", add_completion=False)

_LISTED = 50  # trades, where --last says nothing; the JSON has them all


@app.command()
def trades(
    run: Annotated[
        str | None, typer.Option(help="A run: its folder or name. Default: the newest.")
    ] = None,
    last: Annotated[int | None, typer.Option(min=1, help="Only the newest so many trades.")] = None,
    plot: Annotated[
        bool, typer.Option("--plot", help="Write a page with a candle chart for each trade.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Where the page goes. Default: trades.html in the run.")
    ] = None,
    data: Data = None,
    symbol: Symbol = None,
    mapping: Map = None,
    tz: Zone = None,
    data_dir: Annotated[
        Path, typer.Option(help="The folder with the bars, the journal and the logs.")
    ] = Path("data"),
    as_json: Json = False,
) -> None:
    """List the trades of a run; with --plot, draw them."""
    from julie.backtest.reopen import bars_of_run
    from julie.backtest.runs import read_report, run_folder
    from julie.backtest.trade_list import last_legs, trades_of, trades_page
    from julie.cli import talk
    from julie.cli.asked import mapping_of, pairs_of
    from julie.store.atomic import write_text

    folder = run_folder(run)
    report, legs = read_report(folder), trades_of(folder)
    rows = last_legs(legs, last if last or (as_json and not plot) else _LISTED)
    if not plot:
        _list(report, legs, rows, as_json)
        return
    files = {one: source for source, one in pairs_of(data, symbol)} if data else {}
    bars = bars_of_run(report, files, mapping=mapping_of(mapping), tz=tz, data_dir=data_dir)
    page = out or folder / "trades.html"
    write_text(page, trades_page(report, legs, rows, bars))
    if as_json:
        talk.result_json({"run_id": report.summary.run_id, "page": str(page), "legs": len(rows)})
    else:
        talk.result(f"wrote {page}")


def _list(report: "Report", legs: "Columns", rows: "Rows", as_json: bool) -> None:
    from julie.backtest.trade_list import leg_lines, leg_objects
    from julie.cli import talk

    if as_json:
        found = leg_objects(legs, rows)
        talk.result_json({"run_id": report.summary.run_id, "trades": found})
        return
    talk.result("\n".join(leg_lines(legs, rows)))
    left = report.summary.legs - len(rows)
    if left > 0:
        talk.say(f"{left:,} earlier legs are not shown; --last N or --json shows more")
