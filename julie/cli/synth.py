"""julie synth: makes simulated sessions of MES and MNQ with a VIX, and shows how real they look."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from julie.synth import Simulated
    from julie.synth.statistics import Measure

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def synth(
    days: Annotated[int, typer.Option(help="Trading days to make.")] = 90,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bars.")] = 1,
    start: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="First trading day or later.")
    ] = datetime(2025, 1, 2),  # noqa: DTZ001 - a date, no time
    symbols: Annotated[str, typer.Option(help="Of MES, MNQ, ES, NQ.")] = "MES,MNQ",
    out: Annotated[
        Path | None, typer.Option(help="Folder for SYMBOL.parquet and VIX.parquet.")
    ] = None,
    stats: Annotated[
        bool, typer.Option("--stats", help="Statistics beside those of the real sets.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Make a simulated market; write it with --out, measure it with --stats."""
    from julie.cli import talk
    from julie.synth import generate, statistics

    wanted = tuple(word.strip().upper() for word in symbols.split(",") if word.strip())
    made = generate(days, seed, start.date(), wanted)
    files = _written(made, out) if out else []
    measures = statistics.compare(made.bars) if stats else []
    if stats and not any(m.real_set for m in measures):
        talk.say(
            f"no real sets in {statistics.real_folder()}: the simulated values stand alone"
            " (JULIE_DATA names the folder)"
        )
    if as_json:
        talk.result_json(_as_json(made, files, measures if stats else None))
        return
    talk.result(_summary(made, files))
    if stats:
        talk.result(_table(measures))


def _written(made: "Simulated", folder: Path) -> list[Path]:
    from julie.core.errors import UsageError
    from julie.synth import write

    try:
        return write(made, folder)
    except OSError as error:
        raise UsageError(
            f"cannot write {folder}: {error.strerror}", "choose a folder you may write to"
        ) from error


def _first_and_last(made: "Simulated", symbol: str) -> tuple[str, str]:
    import numpy as np

    ends = made.bars[symbol].ts[[0, -1]].astype("datetime64[ns]")
    first, last = np.datetime_as_string(ends, unit="m", timezone="UTC")
    return str(first), str(last)


def _summary(made: "Simulated", files: list[Path]) -> str:
    lines = []
    for symbol, bars in made.bars.items():
        first, last = _first_and_last(made, symbol)
        lines.append(f"{symbol}  {len(bars):,} minutes, {first} to {last}, {bars.source}")
        lines.append(f"     contracts {', '.join(bars.contract)}; last close {bars.close[-1]:,.2f}")
        lines += [f"     {note}" for note in bars.notes]
    low, high = made.vix.low.min(), made.vix.high.max()
    lines.append(f"VIX  {len(made.vix)} days, {low:.2f} to {high:.2f}, simulated")
    return "\n".join([*lines, *(f"wrote {file}" for file in files)])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _table(measures: "list[Measure]") -> str:
    head = f"{'':9}{'':34}{'simulated':>10}{'real':>10}{'ratio':>8}  within 25 %"
    lines = ["", head]
    words = {True: "yes", False: "NO", None: "-"}
    for m in measures:
        numbers = f"{_number(m.simulated):>10}{_number(m.real):>10}{_number(m.ratio):>8}"
        lines.append(f"{m.symbol:9}{m.name:34}{numbers}  {words[m.within]:4} {m.real_set}".rstrip())
    compared = [m for m in measures if m.within is not None]
    within = sum(1 for m in compared if m.within)
    return "\n".join([*lines, "", f"{within} of {len(compared)} compared measures within 25 %"])


def _as_json(
    made: "Simulated", files: list[Path], measures: "list[Measure] | None"
) -> dict[str, object]:
    bars = {}
    for symbol, series in made.bars.items():
        first, last = _first_and_last(made, symbol)
        bars[symbol] = {
            "rows": len(series),
            "first": first,
            "last": last,
            "contracts": list(series.contract),
            "sha256": series.sha256,
            "source": series.source,
            "notes": list(series.notes),
        }
    found: dict[str, object] = {
        "simulated": True,
        "days": made.days,
        "seed": made.seed,
        "start": made.start.isoformat(),
        "bars": bars,
        "vix": {"days": len(made.vix), "simulated": True},
        "files": [str(file) for file in files],
    }
    if measures is not None:
        found["statistics"] = [
            {
                "symbol": m.symbol,
                "measure": m.name,
                "simulated": m.simulated,
                "real": m.real,
                "set": m.real_set,
                "ratio": m.ratio,
                "within": m.within,
            }
            for m in measures
        ]
    return found
