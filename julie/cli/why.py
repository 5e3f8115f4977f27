"""julie why: what each judge said about the candidates of one minute, and the numbers behind it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from julie.cli.options import Json, bot_folder

if TYPE_CHECKING:
    from julie.backtest.why import Explained, JudgeSaid

app = typer.Typer(help=__doc__, add_completion=False)

At = Annotated[
    str,
    typer.Option(
        "--at", help="The minute of the decision, 2025-06-03T10:15; Eastern without an offset."
    ),
]
RunName = Annotated[
    str | None,
    typer.Option(
        "--run", help="A backtest, by folder or id, or a run of the journal; `live` = its newest."
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Folder of bars, of the sample and of the journal. Default: data, and the bot's own.",
    ),
]


@app.command()
def why(at: At, run: RunName = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Explain the decisions of one minute."""
    from julie.backtest.why import moment
    from julie.cli import talk

    found = _explained(run, moment(at), data_dir)
    if as_json:
        talk.result_json({"candidates": [_object(one) for one in found]})
    else:
        talk.result("\n\n".join(_words(one) for one in found))


def _explained(run: str | None, at_ns: int, data_dir: Path | None) -> "list[Explained]":
    """From the journal where it holds the run, else from the folder of a backtest."""
    from julie.backtest.runs import run_folder
    from julie.backtest.why import explain
    from julie.live.folders import MODES
    from julie.store.journal import JournalReader, journal_of

    live = run is not None and run.partition("-")[0] in {"live", *MODES}
    if live and journal_of(folder := bot_folder(data_dir)).is_file():
        from julie.live.why import explain_live

        with JournalReader.of(folder) as reader:
            if run == "live" or run in {one.name for one in reader.runs()}:
                return explain_live(reader, None if run == "live" else run, at_ns)
    return explain(run_folder(run), at_ns, data_dir or Path("data"))


def _object(one: "Explained") -> dict[str, Any]:
    """The candidate as JSON has it; what is not finite, such as no event ahead, is null."""
    from dataclasses import asdict
    from math import isfinite

    told = asdict(one)
    for judge in told["judges"]:
        judge["numbers"] = {k: v if isfinite(v) else None for k, v in judge["numbers"].items()}
    return told


def _words(one: "Explained") -> str:
    from julie.core.ticks import price_words

    side = "long" if one.side > 0 else "short"
    bracket = f"stop {one.sl_ticks}, target {one.tp_ticks} ticks"
    head = f"{one.strategy} {side} {one.instrument} at {price_words(one.ref_close)}, {bracket}"
    lines = [head, f"  -> {one.outcome}"]
    if one.note:
        lines.append(f"  {one.note}")
    if one.shift:
        lines.append(f"  prices below, and in the note, are adjusted for rolls: {one.shift:+g}")
    return "\n".join([*lines, *(_line(judge) for judge in one.judges)])


def _line(said: "JudgeSaid") -> str:
    numbers = ", ".join(f"{name} {value:.6g}" for name, value in said.numbers.items())
    return f"  {said.judge:<18} {said.code:<10} {said.words or numbers}"
