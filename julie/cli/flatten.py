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
    from julie.core.errors import NotFlat
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
        if data_dir is not None and (lost := _elsewhere(data_dir, sim)) is not None:
            raise lost
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
    for folder in silent:
        _stop(folder, reason)
    away = {folder: error for folder in silent if (error := _elsewhere(folder, sim)) is not None}
    here = [folder for folder in silent if folder not in away]
    if away and not here:
        raise next(iter(away.values()))
    for error in away.values():
        talk.say(f"NOT closed: {error}")
    found = _by_rest(here, reason, sim, named=data_dir is not None)
    if as_json:
        from dataclasses import asdict

        talk.result_json({"by": "rest", **asdict(found)})
    else:
        talk.result("\n".join([found.words, *found.said]))
    return Exit.DONE if found.flat and not away else Exit.HALTED


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


def _stop(folder: Path, reason: str) -> None:
    """Keep a bot from starting there; a disk that takes no file keeps nobody from closing."""
    from julie.cli import talk
    from julie.live.stop_file import write_stop
    from julie.store.atomic import NotWritable

    try:
        path = write_stop(folder, f"julie flatten: {reason}")
    except NotWritable as error:
        talk.say(f"no STOP file: {error.message}")
    else:
        talk.say(f"{path} forbids a start until you delete it")


def _by_rest(silent: list[Path], reason: str, sim: Path | None, *, named: bool) -> "Flattened":
    import asyncio
    from dataclasses import asdict

    from julie.cli import talk
    from julie.core.clock import MachineClock
    from julie.core.errors import JulieError
    from julie.execution.kill import flatten as flatten_account
    from julie.gateway.errors import GatewayError
    from julie.live.venue_door import find_login, opened

    clock = MachineClock()
    began, folders = clock.now_ns(), list(silent)

    async def act(login: "Login") -> "Flattened":
        async with opened(login) as door:
            try:
                await door.client.session.for_acting()
            except GatewayError as error:
                if not error.transient:  # a wrong key gets no better by trying on
                    raise
            return await flatten_account(door.venue(), clock)

    try:
        login = find_login(sim)
        folder = _of_the_account(login, silent, sim, named=named)
        if folder not in silent:
            _stop(folder, reason)
        folders = [folder]
        talk.say(f"the account at {login.url}")
        found = asyncio.run(act(login))
    except JulieError as error:
        _keep(folders, began, reason, {"words": f"NOT FLAT: {error.message}", "flat": False})
        error.unchanged = error.unchanged or "nothing was cancelled or closed at the venue"
        raise
    _keep(folders, began, reason, {"words": found.words, **asdict(found)})
    return found


def _keep(folders: list[Path], began_ns: int, reason: str, told: dict[str, object]) -> None:
    """Leave on the disk what came of it."""
    import json

    from julie.cli import talk
    from julie.core.zones import eastern_iso
    from julie.store.atomic import NotWritable, write_text

    at = eastern_iso(began_ns)
    stamp = at[:19].replace("-", "").replace(":", "").replace("T", "-")
    text = json.dumps({"at": at, "reason": reason, **told}, indent=2) + "\n"
    for folder in folders:
        try:
            write_text(folder / f"flatten-{stamp}.json", text)
        except NotWritable as error:
            talk.say(f"no record of it: {error.message}")


def _elsewhere(folder: Path, sim: Path | None) -> "NotFlat | None":
    """Why what a folder's bot holds is not at the venue of the login: a paper account lives in its
    folder, and a simulated one at the gateway that --sim names; None = it is there.
    """
    from julie.core.errors import NotFlat
    from julie.store.journal.lock import last_run

    mode = last_run(folder).partition("-")[0]
    if mode == "paper":
        return NotFlat(
            f"{folder} is a paper bot's, which does not answer: nothing of it is at the venue",
            f"delete {folder / 'STOP'}, start it again, then `julie flatten` closes on paper",
        )
    if mode == "sim" and sim is None:
        return NotFlat(
            f"{folder} is a simulated session's, whose bot does not answer, and no gateway was "
            "named",
            "name it with --sim READY.json; if it has ended, nothing is open anywhere",
        )
    return None


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
