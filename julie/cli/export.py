"""julie export: records of a run as CSV: stable names, ISO times with offset, plain numbers."""

from pathlib import Path
from typing import Annotated

import typer

from julie.cli.asked import Json

app = typer.Typer(help="Write records of a run as CSV.", no_args_is_help=True, add_completion=False)

Run = Annotated[str | None, typer.Option(help="A run: its folder or name. Default: the newest.")]
Out = Annotated[Path | None, typer.Option(help="The CSV file to write. Default: the run's folder.")]


@app.command()
def trades(run: Run = None, out: Out = None, as_json: Json = False) -> None:
    """Every closed leg, with all columns of trades.parquet."""
    _export("trades", run, out, as_json)


@app.command()
def equity(run: Run = None, out: Out = None, as_json: Json = False) -> None:
    """Realised equity and drawdown after each leg."""
    _export("equity", run, out, as_json)


@app.command()
def verdicts(run: Run = None, out: Out = None, as_json: Json = False) -> None:
    """Every judge's answer to every candidate, with reason and numbers."""
    _export("verdicts", run, out, as_json)


def _export(kind: str, run: str | None, out: Path | None, as_json: bool) -> None:
    from julie.backtest.exports import export_csv
    from julie.backtest.runs import run_folder
    from julie.cli import talk
    from julie.store.atomic import write_text

    folder = run_folder(run)
    text = export_csv(kind, folder)
    file = out or folder / f"{kind}.csv"
    write_text(file, text)
    rows = text.count("\n") - 1
    if as_json:
        talk.result_json({"kind": kind, "out": str(file), "rows": rows})
    else:
        talk.result(f"wrote {rows:,} rows to {file}")
