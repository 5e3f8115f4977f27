"""julie run: the bot. Without credentials it starts a simulated gateway and trades its session."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
import typer.core

from julie.cli.options import ConfigFiles, Json, Sets, configuration

if TYPE_CHECKING:
    from collections.abc import Callable

    from julie.live.compose import Ended
    from julie.live.wanted import Wanted

OWN: Final = "own"
ABOUT: Final = {
    "sim": "SIM, a simulated market and a simulated account",
    "paper": "PAPER, orders fill on paper only",
    "live": "LIVE, orders go to the venue",
}


class _Run(typer.core.TyperCommand):
    """`--sim` may stand alone: then the gateway is our own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in what may be left out."""
        words = []
        for word, after in zip(args, [*args, "--"][1:], strict=True):
            words.append(word)
            if word == "--sim" and after.startswith("-"):
                words.append(OWN)
        return super().parse_args(ctx, words)


app = typer.Typer(help=__doc__, add_completion=False)


@app.command(cls=_Run)
def run(
    sim: Annotated[
        str | None,
        typer.Option(
            metavar="[READY.json]",
            help="Trade a simulated gateway: the one of this line, else one of our own.",
        ),
    ] = None,
    paper: Annotated[
        bool, typer.Option("--paper", help="The venue's market, orders on paper only.")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Orders to the venue; see live.enabled in config.yaml.")
    ] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of journal, logs and bars. Default: data/sim, paper or live."),
    ] = None,
    speed: Annotated[
        str, typer.Option(help="Of our own gateway: lockstep, max, or a multiple of life.")
    ] = "lockstep",
    until: Annotated[str | None, typer.Option(help="End at this time, Eastern: 16:10.")] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="Ask nothing, show no progress.")
    ] = False,
    strategies: Annotated[
        list[str] | None,
        typer.Option(help="A strategy by name or path/to/file.py:name; give several."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of our own gateway and of pauses by chance.")] = 1,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Refuse a .env that others can read, as --live does."),
    ] = False,
    config: ConfigFiles = None,
    sets: Sets = None,
    as_json: Json = False,
) -> int:
    """Trade."""
    import asyncio

    from julie.cli import talk

    _guarded(strict=strict or live)
    mode = _mode(sim, paper=paper, live=live)
    simulated = sim is not None or mode == "sim"
    name = f"sim-{mode}" if simulated and mode != "sim" else mode
    wanted = _wanted(mode, name, data_dir, until, strategies, seed, config, sets, headless=headless)
    talk.say(f"run {wanted.run}: {ABOUT[mode]}")
    with talk.compiling():
        if simulated:
            ended = asyncio.run(_simulated(wanted, sim, speed, fresh=data_dir is None))
        else:
            ended = asyncio.run(_at_the_venue(wanted))
    _told(ended, as_json=as_json)
    return int(ended.code)


def _guarded(*, strict: bool) -> None:
    """Whoever else can read the keys is told of; the strict do not begin."""
    from julie.cli import talk
    from julie.core.secrets import exposed, read_secrets, refuse_exposed

    if strict:
        refuse_exposed()
    for told in (*exposed(), *read_secrets().faults):
        talk.say(f"warning: {told}")


def _mode(sim: str | None, *, paper: bool, live: bool) -> str:
    """The one mode that the words mean; without any, the simulated one where nobody has a login."""
    from julie.core.errors import UsageError
    from julie.core.secrets import read_secrets, system_keyring

    if live and (paper or sim is not None):
        raise UsageError("--live stands alone", "choose one of --sim, --paper and --live")
    if live or paper:
        return "live" if live else "paper"
    if sim is not None:
        return "sim"
    found = read_secrets(keyring=system_keyring())
    if found.faults:
        told, _, cure = found.faults[0].partition(" -> ")
        raise UsageError(
            f"no mode was named, and whether there is a login cannot be told: {told}",
            cure,
            "no request was sent",
        )
    if found.get("PROJECTX_API_KEY"):
        raise UsageError(
            "there is a login, and no mode was named",
            "choose --sim, --paper or --live",
            "no request was sent",
        )
    return "sim"


def _told(ended: "Ended", *, as_json: bool) -> None:
    """The session report."""
    from julie.cli import talk
    from julie.live.figures import words_of

    if as_json:
        from dataclasses import asdict

        talk.result_json(asdict(ended))
        return
    talk.result("\n".join(words_of(ended.report)))
    if ended.report.page:
        talk.result(f"report: {ended.report.page}")


def _asks(*, headless: bool) -> "Callable[[str], str] | None":
    """A question to whoever sits at the terminal; None where nobody does."""
    import sys

    if headless or not sys.stdin.isatty():
        return None

    def ask(told: str) -> str:
        typer.echo(f"{told} ", nl=False, err=True)
        return sys.stdin.readline()

    return ask


def _wanted(
    mode: str,
    name: str,
    data_dir: Path | None,
    until: str | None,
    strategies: list[str] | None,
    seed: int,
    config: list[Path] | None,
    sets: list[str] | None,
    *,
    headless: bool,
) -> "Wanted":
    """The words of the command line as one thing."""
    from julie.cli import talk
    from julie.core.clock import MachineClock
    from julie.live.hours import minutes_of
    from julie.live.wanted import Wanted, new_run
    from julie.strategies.catalogue import named

    if until is not None:
        minutes_of(until)  # before anything is asked of anybody
    found = [named(word) for word in strategies or ()]
    outside = {
        one.name: one for one, word in zip(found, strategies or (), strict=True) if ".py" in word
    }
    loaded = configuration(config, sets, strategy_files=outside)
    settings = loaded.tree
    return Wanted(
        mode=mode,
        run=new_run(mode, MachineClock().now_ns()),
        settings=settings,
        folder=data_dir or Path(settings.data.folder) / name,
        until=until,
        strategies=tuple(sorted(found, key=lambda one: one.name)),
        seed=seed,
        config_hash=loaded.hash,
        tell=talk.say,
        shows=not headless,
        ask=_asks(headless=headless),
        heeds_signals=True,
    )


async def _at_the_venue(wanted: "Wanted") -> "Ended":
    """The session at the venue that the environment names."""
    from julie.core.secrets import read_secrets, system_keyring
    from julie.live.compose import at_the_venue

    return await at_the_venue(wanted, read_secrets(keyring=system_keyring()))


async def _simulated(wanted: "Wanted", line: str | None, speed: str, *, fresh: bool) -> "Ended":
    """The session, on the gateway that was named or on one of our own."""
    from julie.cli import talk
    from julie.live.compose import simulated
    from julie.live.folders import put_aside
    from julie.live.sim import end_child, read_ready, start_child

    if line not in (None, OWN):
        return await simulated(wanted, read_ready(Path(str(line))))
    if fresh and (moved := put_aside(wanted.folder)) is not None:
        talk.say(f"the earlier sample session was put aside: {moved}")
    talk.say(f"its folder is {wanted.folder}: `julie status --watch --data-dir {wanted.folder}`")
    words = ["--scenario", "sample", "--speed", speed, "--seed", str(wanted.seed)]
    words += ["--until", wanted.until] if wanted.until else []
    child, ready = await start_child(words)
    try:
        return await simulated(wanted, ready)
    finally:
        await end_child(child)
