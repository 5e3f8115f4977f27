"""julie flatten: no entries, everything cancelled, everything closed, flat verified; at once.

Asks the running bot, wherever its folder is; when it does not answer within a second, writes the
file STOP, acts by REST itself and leaves flatten-<time>.json. It works without a bot. Exit code 0:
flat; 8: not flat.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from julie.cli.options import Json

if TYPE_CHECKING:
    from julie.execution.kill import Flattened
    from julie.execution.venue import Venue
    from julie.live.venue_door import Login

app = typer.Typer(help=__doc__, add_completion=False)

ANSWER_S = 20.0


@app.command()
def flatten(
    reason: Annotated[str, typer.Option(help="Why; it stands in the record.")] = "by hand",
    sim: Annotated[
        Path | None, typer.Option(help="The line of a simulated gateway, as for `julie run`.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what is open.")] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="The bot's folder. Default: every bot of yours that runs here."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Close everything now."""
    from julie.cli import talk
    from julie.core.errors import Exit

    if dry_run:
        if data_dir is not None:
            _refuse_what_is_elsewhere(data_dir, sim)
        return _show(sim, as_json=as_json)
    meant = _meant(data_dir, sim)
    answers = {folder: _asked(folder, reason) for folder in meant}
    told = [f"{folder}: {text}" for folder, text in answers.items() if text is not None]
    silent = [folder for folder, text in answers.items() if text is None]
    if told and not silent:
        said = "\n".join(told)
        talk.result_json({"by": "bot", "flat": True, "text": said}) if as_json else talk.result(
            said
        )
        return Exit.DONE
    for line in told:
        talk.say(line)
    found = _by_rest(silent, reason, sim, named=data_dir is not None)
    if as_json:
        from dataclasses import asdict

        talk.result_json({"by": "rest", **asdict(found)})
    else:
        talk.result("\n".join([found.words, *found.said]))
    return Exit.DONE if found.flat else Exit.HALTED


def _meant(named: Path | None, sim: Path | None) -> list[Path]:
    """The folders whose bots are asked: the one that was named, or all that run."""
    from julie.live.venue_door import find_login
    from julie.live.whereabouts import bot_of, running

    if named is not None:
        return [named]
    if sim is None:
        return [one.folder for one in running()]
    login = find_login(sim)
    bot = bot_of(login.url, login.account_id)
    return [bot.folder] if bot is not None else []


def _asked(data_dir: Path, reason: str) -> str | None:
    """What the bot answered; None where it must be done without it."""
    from julie.cli import talk
    from julie.live.control_client import NoAnswer, ask
    from julie.live.control_place import NobodyThere

    try:
        answer = ask(data_dir, "flatten", answer_s=ANSWER_S, reason=reason)
    except (NobodyThere, NoAnswer) as error:
        talk.say(f"{error.message}: going to the venue myself")
        return None
    if not answer.ok:
        talk.say(f"the bot could not: {answer.text}: going to the venue myself")
        return None
    return answer.text


def _by_rest(silent: list[Path], reason: str, sim: Path | None, *, named: bool) -> "Flattened":
    import asyncio
    import json
    from dataclasses import asdict

    from julie.cli import talk
    from julie.core.clock import MachineClock
    from julie.core.zones import eastern_iso
    from julie.execution.kill import flatten as flatten_account
    from julie.gateway.errors import GatewayError
    from julie.live.stop_file import write_stop
    from julie.live.venue_door import find_login, opened
    from julie.store.atomic import write_text

    clock = MachineClock()
    began = clock.now_ns()
    for folder in silent:
        write_stop(folder, f"julie flatten: {reason}", clock)
    for folder in silent:
        _refuse_what_is_elsewhere(folder, sim)
    login = find_login(sim)
    folder = _of_the_account(login, silent, sim, named=named)
    write_stop(folder, f"julie flatten: {reason}", clock)
    talk.say(f"the account at {login.url}; {folder / 'STOP'} forbids a start")

    async def act() -> "Flattened":
        async with opened(login) as door:
            try:
                await door.client.session.for_acting()
            except GatewayError as error:
                if not error.transient:  # a wrong key gets no better by trying on
                    raise
            return await flatten_account(door.venue(), clock)

    found = asyncio.run(act())
    told = {"at": eastern_iso(began), "reason": reason, "words": found.words, **asdict(found)}
    stamp = eastern_iso(began)[:19].replace("-", "").replace(":", "").replace("T", "-")
    write_text(folder / f"flatten-{stamp}.json", json.dumps(told, indent=2) + "\n")
    return found


def _refuse_what_is_elsewhere(folder: Path, sim: Path | None) -> None:
    """Raise where what a folder's bot holds is not at the venue of the login: a paper account lives
    in its folder, and a simulated one at the gateway that --sim names.
    """
    from julie.core.errors import NotFlat
    from julie.store.journal.lock import last_run

    mode = last_run(folder).partition("-")[0]
    if mode == "paper":
        raise NotFlat(
            f"{folder} is a paper bot's, which does not answer: nothing of it is at the venue",
            "start it again: `julie flatten` then closes on paper",
        )
    if mode == "sim" and sim is None:
        raise NotFlat(
            f"{folder} is a simulated session's, whose bot does not answer, and no gateway was "
            "named",
            "name it with --sim READY.json; if it has ended, nothing is open anywhere",
        )


def _of_the_account(login: "Login", silent: list[Path], sim: Path | None, *, named: bool) -> Path:
    """The folder of the account that is flattened; a bot that trades it elsewhere gets the file
    STOP there, too, for it would enter again.
    """
    from julie.cli.options import data_root
    from julie.core.errors import NotFlat
    from julie.live.whereabouts import bot_of, left_by

    bot = bot_of(login.url, login.account_id)
    if named:
        return bot.folder if bot is not None else silent[0]
    if silent and (bot is None or bot.folder not in silent):
        raise NotFlat(
            f"the bot in {silent[0]} does not answer, and the login at hand is not its account's",
            f"STOP lies in its folder now; `julie flatten --sim READY.json` or --data-dir "
            f"{silent[0]} with its login closes what it holds",
        )
    mode = "live" if sim is None else "sim"
    return left_by(login.url, login.account_id) or data_root() / mode


def _show(sim: Path | None, *, as_json: bool) -> int:
    import asyncio

    from julie.cli import talk
    from julie.core.errors import Exit
    from julie.live.venue_door import find_login, opened, readable

    async def look() -> tuple[list[str], list[str]]:
        async with opened(find_login(sim)) as door:
            with readable():
                return await shown(door.venue())

    async def shown(venue: "Venue") -> tuple[list[str], list[str]]:
        positions = [f"{one.net:+d} {one.contract}" for one in await venue.positions()]
        orders = [
            f"order {one.id}: {one.kind} {one.side.name.lower()} {one.qty} {one.contract}"
            for one in await venue.open_orders()
        ]
        return positions, orders

    positions, orders = asyncio.run(look())
    if as_json:
        talk.result_json({"positions": positions, "orders": orders})
    else:
        talk.result("\n".join(["would be closed and cancelled:", *positions, *orders]))
    return Exit.DONE
