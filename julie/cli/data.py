"""julie data: brings bars in, says what there is, finds what is wrong with them, hands them out.

Exit code 0: the bars can be used (holes, spikes and rolls are remarks); 9: `check` found faults.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from julie.cli.asked import Adjust, Data, Json, Map, Symbol, Zone

if TYPE_CHECKING:
    from julie.core.bars import Bars
    from julie.store.check import CheckReport
    from julie.store.importer import ImportReport

app = typer.Typer(
    help="Bring bars in, look at them, check them, hand them out.", no_args_is_help=True
)

Files = Annotated[list[str] | None, typer.Argument(help="Files of bars, as after --data.")]
From = Annotated[str | None, typer.Option("--from", help="First trading day: 2025-01-31.")]
To = Annotated[str | None, typer.Option("--to", help="Last trading day.")]
DataDir = Annotated[Path, typer.Option(help="The folder with the bars, the journal and the logs.")]

_LISTED = 20  # findings of one kind in the text; the JSON has them all


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, TXT, JSON or parquet with bars.")],
    symbol: Annotated[str | None, typer.Option(help="Its instrument, such as ES.")] = None,
    mapping: Map = None,
    tz: Zone = None,
    stamp: Annotated[
        str | None, typer.Option(help="What bars are stamped with: open or close.")
    ] = None,
    contract: Annotated[
        str | None, typer.Option(help="The contract of the whole file, such as H25.")
    ] = None,
    data_dir: DataDir = Path("data"),
    as_json: Json = False,
) -> None:
    """Bring a file into the dataset and say what was found in it."""
    from julie.cli import talk
    from julie.cli.asked import mapping_of
    from julie.core.errors import UsageError
    from julie.store.importer import import_file

    if stamp not in {None, "open", "close"}:
        raise UsageError(f"--stamp {stamp}: no such way", "choose open or close")
    talk.say(f"reading {file}")
    report = import_file(
        file, symbol, data_dir, mapping=mapping_of(mapping), tz=tz, stamp=stamp, contract=contract
    )
    if as_json:
        talk.result_json(_import_json(report))
    else:
        talk.result(_import_text(report))


@app.command()
def info(
    files: Files = None,
    data: Data = None,
    symbol: Symbol = None,
    mapping: Map = None,
    adjust: Adjust = "back",
    tz: Zone = None,
    start: From = None,
    end: To = None,
    data_dir: DataDir = Path("data"),
    as_json: Json = False,
) -> None:
    """Say what a file or dataset holds; without one, list the dataset."""
    from julie.cli import talk

    named = [*(files or []), *(data or [])]
    if not named and not symbol:
        _list_dataset(data_dir, as_json)
        return
    sources = named or [str(data_dir / "bars")] * len(symbol or [])
    loaded = _load(sources, symbol, mapping, adjust, tz, start, end)
    if as_json:
        talk.result_json({"bars": [_info_of(bars) for bars in loaded]})
        return
    talk.result("\n\n".join(_table(_info_of(bars)) for bars in loaded))


@app.command()
def check(
    files: Files = None,
    data: Data = None,
    symbol: Symbol = None,
    mapping: Map = None,
    tz: Zone = None,
    data_dir: DataDir = Path("data"),
    as_json: Json = False,
) -> int:
    """Find duplicates, holes, prices off the grid, contradictions, spikes and rolls."""
    from dataclasses import asdict

    from julie.cli import talk
    from julie.cli.asked import mapping_of, pairs_of
    from julie.core.errors import Exit
    from julie.store.check import check_bars
    from julie.store.read import mapping_for
    from julie.store.sheet import Reading

    named = [*(files or []), *(data or [])] or [str(data_dir / "bars")] * len(symbol or [])
    wanted = mapping_of(mapping)
    reports = [
        check_bars(Path(source), one, Reading(mapping_for(Path(source), wanted), tz))
        for source, one in pairs_of(named, symbol)
    ]
    if as_json:
        talk.result_json({"checks": [asdict(r) | {"usable": r.usable} for r in reports]})
    else:
        talk.result("\n\n".join(_check_text(report) for report in reports))
    return Exit.DONE if all(report.usable for report in reports) else Exit.DIFFERENCES


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="The file to write: .csv, .parquet or .json.")],
    files: Files = None,
    data: Data = None,
    symbol: Symbol = None,
    mapping: Map = None,
    adjust: Adjust = "back",
    tz: Zone = None,
    start: From = None,
    end: To = None,
    data_dir: DataDir = Path("data"),
    as_json: Json = False,
) -> None:
    """Write bars as one file; under `back` its column adj joins the contracts."""
    from julie.cli import talk
    from julie.core.errors import UsageError
    from julie.store.export import export_bars

    named = [*(files or []), *(data or [])] or [str(data_dir / "bars")] * len(symbol or [])
    loaded = _load(named, symbol, mapping, adjust, tz, start, end)
    if len(loaded) != 1:
        raise UsageError("one file holds one instrument", "export them one after the other")
    export_bars(loaded[0], out, with_adj=adjust == "back")
    if as_json:
        talk.result_json({"out": str(out), **_info_of(loaded[0])})
    else:
        talk.result(f"wrote {len(loaded[0]):,} bars to {out}")


def _load(
    sources: list[str],
    symbols: list[str] | None,
    mapping: list[str] | None,
    adjust: str,
    tz: str | None,
    start: str | None,
    end: str | None,
) -> tuple["Bars", ...]:
    from julie.cli import talk
    from julie.cli.asked import adjust_of, mapping_of, pairs_of
    from julie.store.read import load_several

    pairs = pairs_of(sources, symbols)
    loaded = load_several(
        [source for source, _ in pairs],
        [symbol for _, symbol in pairs],
        mapping=mapping_of(mapping),
        adjust="raw" if adjust_of(adjust) == "raw" else "back",
        start=start,
        end=end,
        tz=tz,
    )
    for bars in loaded:
        for note in bars.notes:
            talk.say(f"{bars.source}: {note}")
    return loaded


def _info_of(bars: "Bars") -> dict[str, Any]:
    from julie.store.faults import moment

    return {
        "source": bars.source,
        "symbol": bars.instrument.symbol,
        "sha256": bars.sha256,
        "simulated": bars.simulated,
        "base_s": bars.base_s,
        "rows": len(bars),
        "first": moment(int(bars.ts[0])),
        "last": moment(int(bars.ts[-1])),
        "volume": bars.has_volume,
        "contracts": [name for name in bars.contract if name],
        "rolls": [moment(int(bars.ts[row])) for row in bars.rolls],
        "rolls_estimated": int(bars.roll_estimated.sum()),
        "notes": list(bars.notes),
    }


def _table(pairs: dict[str, Any]) -> str:
    width = max(len(name) for name in pairs)
    return "\n".join(f"{name.replace('_', ' '):<{width}}  {_word(v)}" for name, v in pairs.items())


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        more = f" and {len(value) - _LISTED} more" if len(value) > _LISTED else ""
        return (", ".join(map(str, value[:_LISTED])) + more) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _list_dataset(data_dir: Path, as_json: bool) -> None:
    from julie.cli import talk
    from julie.store.dataset import listed

    there = listed(data_dir)
    if as_json:
        talk.result_json({"folder": str(data_dir / "bars"), "files": there})
    elif there:
        talk.result("\n".join("  ".join(str(value) for value in row.values()) for row in there))
    else:
        talk.result(f"no bars in {data_dir / 'bars'}; `julie data import FILE` brings them in")


def _import_json(report: "ImportReport") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(report)


def _import_text(report: "ImportReport") -> str:
    pairs: dict[str, Any] = {"source": report.source, "symbol": report.symbol}
    pairs |= dict(report.form.sentences())
    pairs["rows"] = f"{report.rows_read:,} read, {report.rows_taken:,} taken"
    lines = [_table(pairs), *(f"- {action}" for action in report.actions)]
    lines += [
        f"{report.folder}/{one.contract}.parquet: {one.rows:,} bars, {one.first} to {one.last}"
        for one in report.filed
    ]
    return "\n".join(lines)


def _check_text(report: "CheckReport") -> str:
    pairs: dict[str, Any] = {
        "source": report.source,
        "symbol": report.symbol,
        "sha256": report.sha256,
        "rows": report.rows,
        "bars from": f"{report.first} to {report.last}, {report.base_s} s each",
        "trading days": f"{report.trading_days:,}, {report.early_closes} of them early closes",
        **report.faults,
        "no volume": report.volume_missing,
        "outside hours": sum(report.outside_hours.values()),
        "missing bars": report.missing_bars,
        "holes": f"{len(report.holes)} of 15 minutes or more, {report.short_holes} shorter",
        "spikes": len(report.spikes),
        "rolls": len(report.rolls),
    }
    lines = [_table(pairs), *(f"- {detail}" for detail in report.details)]
    lines += [f"- {count:,} rows {why}" for why, count in report.outside_hours.items()]
    holes = [f"hole {h.day}: {h.bars} bars, {h.first} to {h.last}" for h in report.holes]
    worst = sorted(report.spikes, key=lambda spike: -spike.times_median)
    spikes = [f"spike {s.at}: {s.move_pts:+g}, {s.times_median:g} x median" for s in worst]
    rolls = [
        f"roll {r.at} to {r.contract or 'the next contract'}: gap {r.gap_pts:+g}"
        + (" (estimated)" if r.estimated else "")
        for r in report.rolls
    ]
    for found in (rolls, holes, spikes):
        lines += [f"- {one}" for one in found[:_LISTED]]
        if len(found) > _LISTED:
            lines.append(f"- and {len(found) - _LISTED} more; --json lists all")
    lines.append("usable" if report.usable else "not usable as it is")
    return "\n".join(lines)
