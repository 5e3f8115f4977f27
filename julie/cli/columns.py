"""julie columns: lists the columns there are, explains one, or exports some over bars.

`--select 'ema(close,20),rsi(14)'` with `--data` and `--out` writes a parquet file of `ts` and one
column an expression, named as written; rows on which a column is not ready are NaN. Prices are
adjusted for rolls as `--adjust` says. A second --data is the peer of `peer(NQ, ...)`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from julie.cli.asked import Adjust, Data, Json, Map, Symbol, Zone, adjust_of, mapping_of, pairs_of
from julie.cli.options import ConfigFiles, Sets, configuration

if TYPE_CHECKING:
    from julie.core.bars import Bars
    from julie.market.columns.column import Column
    from julie.settings import Settings

app = typer.Typer(help=__doc__, add_completion=False)

Select = Annotated[
    list[str] | None,
    typer.Option("--select", help="Expressions with commas between: 'ema(close,20),rsi(14)'."),
]
Out = Annotated[Path | None, typer.Option("--out", help="The parquet file to write.")]
First = Annotated[str | None, typer.Option("--from", help="First trading day: 2025-01-31.")]
Last = Annotated[str | None, typer.Option("--to", help="Last trading day.")]


@app.command()
def columns(
    name: Annotated[str | None, typer.Argument(help="One column; none lists all.")] = None,
    data: Data = None,
    symbol: Symbol = None,
    select: Select = None,
    out: Out = None,
    mapping: Map = None,
    adjust: Adjust = "back",
    tz: Zone = None,
    first: First = None,
    last: Last = None,
    config: ConfigFiles = None,
    sets: Sets = None,
    as_json: Json = False,
) -> None:
    """List the columns, explain one, or export some."""
    from julie.core.errors import UsageError

    if not (data or select or out):
        _tell(name, as_json)
        return
    if not (data and select and out):
        raise UsageError(
            "an export needs bars, expressions and a file",
            "julie columns --data FILE --symbol ES --select 'ema(close,20)' --out OUT.parquet",
        )
    if name is not None:
        raise UsageError(f"{name!r} stands alone", f"name it behind --select: --select '{name}'")
    from julie.market.columns.expression import parse_list
    from julie.regime.catalogue import CONSTRUCTORS
    from julie.store.read import load_several

    wanted = parse_list(",".join(select), CONSTRUCTORS)
    settings = configuration(config, sets).tree
    pairs = pairs_of(data, symbol)
    series = load_several(
        [source for source, _ in pairs],
        [_instrument(word, settings) for _, word in pairs],
        mapping=mapping_of(mapping),
        adjust="raw" if adjust_of(adjust) == "raw" else "back",
        start=first,
        end=last,
        tz=tz,
    )
    _told(_export(series, wanted, settings, out), out, as_json)


def _instrument(word: str, settings: "Settings") -> Any:
    from julie.core.errors import UsageError

    table = settings.instrument_table()
    if word not in table:
        raise UsageError(
            f"unknown instrument {word!r}",
            f"known: {', '.join(sorted(table))}; others go under `instruments:` in config.yaml",
        )
    return table[word]


def _export(
    series: "tuple[Bars, ...]", wanted: "dict[str, Column]", settings: "Settings", out: Path
) -> dict[str, Any]:
    """Write the file; returns how many rows it has and on how many each column is ready."""
    import numpy as np

    from julie.cli import talk
    from julie.core.calendar import load_calendar
    from julie.core.sessions import session_table
    from julie.market.blocks import blocks
    from julie.market.columns.column import needs_of
    from julie.market.tables import market_tables
    from julie.store.columns_file import write_columns

    if not series[0].has_volume:
        for written, column in wanted.items():
            if "V" in needs_of(column):
                talk.say(f"{written} needs volume; the data has none, so it is never ready")
    sessions = session_table(settings.sessions.starts)
    tables = market_tables(load_calendar(), sessions, [bars.instrument for bars in series])
    ready = dict.fromkeys(wanted, 0)

    def parts() -> Any:
        for block in blocks(series, tuple(wanted.values()), tables):
            values = {written: block.values[column] for written, column in wanted.items()}
            for written, found in values.items():
                ready[written] += int(np.count_nonzero(~np.isnan(found)))
            advance(len(block.ts))
            yield block.ts, values

    with talk.progress("columns", len(series[0])) as advance:
        rows = write_columns(out, wanted, parts(), simulated=series[0].simulated)
    return {"out": str(out), "rows": rows, "ready": ready}


def _told(report: dict[str, Any], out: Path, as_json: bool) -> None:
    from julie.cli import talk

    if as_json:
        talk.result_json(report)
        return
    talk.result(f"{out}: {report['rows']:,} rows, ts and {len(report['ready'])} columns")
    width = max(map(len, report["ready"]))
    for written, count in report["ready"].items():
        talk.result(f"  {written:<{width}}  ready on {count:,} rows")


def _tell(name: str | None, as_json: bool) -> None:
    from difflib import get_close_matches

    from julie.cli import talk
    from julie.core.errors import UsageError
    from julie.market.columns import expression
    from julie.regime.catalogue import CONSTRUCTORS

    if name is not None and name not in CONSTRUCTORS:
        near = get_close_matches(name, CONSTRUCTORS, 3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`julie columns` lists them"
        raise UsageError(f"there is no column {name!r}", hint)
    listed = [expression.facts(one, CONSTRUCTORS) for one in ([name] if name else CONSTRUCTORS)]
    if as_json:
        talk.result_json({"columns": listed})
    elif name:
        talk.result("\n".join(f"{key:<11}  {value}" for key, value in listed[0].items()))
    else:
        talk.result(expression.text_table(listed))
