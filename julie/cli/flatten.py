"""julie flatten: no entries, everything cancelled, everything closed, flat verified; at once.

Asks the running bot, wherever its folder is; when it does not answer within a second, writes the
file STOP, acts by REST itself and leaves flatten-<time>.json. It works without a bot. Exit code 0:
flat; 8: not flat.

Where bots run and no --data-dir is named, the account of the login is closed by REST, too, unless
its live bot answered: if a live bot of that account died, or the last live run did not end flat.
Else it is left alone, and that is said: who practises on a simulated account may hold a trade of
his own there.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

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

    named = data_dir is not None
    if dry_run:
        if data_dir is not None and (lost := _elsewhere(data_dir, sim)) is not None:
            raise lost
        return _show(sim, named=named, as_json=as_json)
    meant = _meant(data_dir, sim)
    answers = {folder: _asked(folder, reason) for folder in meant}
    told = [f"{folder}: {one.text}" for folder, one in answers.items() if one.flat]
    silent = [folder for folder, one in answers.items() if not one.flat]
    account = _Account() if named or sim is not None else _beside(meant)
    if told and not silent and account.left is None:
        said = "\n".join([*told, *account.words])
        talk.result_json({"by": "bot", "flat": True, "text": said}) if as_json else talk.result(
            said
        )
        return Exit.DONE
    for line in (*told, *account.words):
        talk.say(line)
    for folder in silent:
        _stop(folder, reason)
    away = {
        folder: error
        for folder in silent
        if (error := _elsewhere(folder, sim, answers[folder].text)) is not None
    }
    here = [folder for folder in silent if folder not in away]
    if away and not here and account.left is None:
        raise next(iter(away.values()))
    for error in away.values():
        talk.say(f"NOT closed: {error}")
    found, others = _by_rest(here, account.left, reason, sim, named=named)
    for folder in others:
        talk.say(f"NOT closed: {folder}: its login is not at hand")
    flat = found.flat and not away and not others
    if as_json:
        from dataclasses import asdict

        talk.result_json({"by": "rest", **asdict(found), "flat": flat})
    else:
        talk.result("\n".join([found.words, *found.said]))
    return Exit.DONE if flat else Exit.HALTED


class _Heard(NamedTuple):
    """What came of asking a bot."""

    flat: bool
    text: str = ""  # its words; empty where it did not answer


class _Account(NamedTuple):
    """The account of the login, beside the bots that are asked."""

    left: Path | None = None  # the folder of a live run that may have left something open there
    words: tuple[str, ...] = ()  # that the account is left alone, and why


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


def _beside(meant: list[Path]) -> _Account:
    """Whether the account of the login is closed as well; nobody asks where no bot runs."""
    from julie.cli.options import data_root
    from julie.core.errors import JulieError
    from julie.live.venue_door import find_login
    from julie.live.whereabouts import bot_of, left_open

    if not meant:
        return _Account()
    only = f"only {', '.join(map(str, meant))} asked"
    try:
        login = find_login()
    except JulieError as error:
        return _Account(words=(f"{only}, no account at the venue: {error.message}",))
    bot = bot_of(login.url, login.account_id)
    if bot is not None and bot.mode == "live":  # it is asked, or closed as one that is silent
        return _Account()
    live = data_root() / "live"
    left = left_open(login.url, login.account_id, live, meant)
    if left is not None:
        return _Account(left)
    return _Account(
        words=(
            f"{only}: no live run left anything open at the account of the login that we know of; "
            f"`julie flatten --data-dir {live}` closes that account, whoever opened it",
        )
    )


def _asked(data_dir: Path, reason: str) -> _Heard:
    """What the bot answered."""
    from julie.cli import talk
    from julie.live.control_client import NoAnswer, ask
    from julie.live.control_place import NobodyThere

    try:
        answer = ask(data_dir, "flatten", answer_s=ANSWER_S, reason=reason)
    except (NobodyThere, NoAnswer) as error:
        talk.say(error.message)
        return _Heard(flat=False)
    if not answer.ok:
        talk.say(f"the bot in {data_dir} could not: {answer.text}")
    return _Heard(answer.ok, answer.text)


def _stop(folder: Path, reason: str) -> None:
    """Keep a bot from starting there; a disk that takes no file keeps nobody from closing."""
    from julie.cli import talk
    from julie.live.stop_file import write_stop
    from julie.store.atomic import NotWritable

    try:
        path = write_stop(folder, f"julie flatten: {reason}")
    except NotWritable as error:
        talk.say(f"no STOP file: {error.message}")
    except OSError as error:  # a folder that one may not even enter
        talk.say(f"no STOP file in {folder}: {error.strerror or error}")
    else:
        talk.say(f"{path} forbids a start until you delete it")


def _by_rest(
    silent: list[Path], left: Path | None, reason: str, sim: Path | None, *, named: bool
) -> "tuple[Flattened, list[Path]]":
    """What came of the account of the login, and the silent folders that are not its own."""
    import asyncio
    from dataclasses import asdict

    from julie.cli import talk
    from julie.core.clock import MachineClock
    from julie.core.errors import JulieError
    from julie.execution.kill import flatten as flatten_account
    from julie.gateway.errors import GatewayError
    from julie.live.venue_door import find_login, opened
    from julie.live.whereabouts import bot_of

    clock = MachineClock()
    began, folders = clock.now_ns(), silent if left is None else [left]

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
        folder = left or _of_the_account(login, silent, sim, named=named)
        bot = bot_of(login.url, login.account_id)
        trades = bot.folder if bot is not None and bot.mode != "paper" else folder
        for one in dict.fromkeys((folder, trades)):  # a bot elsewhere would enter again
            if one not in silent:
                _stop(one, reason)
        folders = [folder]
        talk.say(f"going to the venue myself: the account at {login.url}")
        found = asyncio.run(act(login))
    except JulieError as error:
        _keep(folders, began, reason, {"words": f"NOT FLAT: {error.message}", "flat": False})
        error.unchanged = error.unchanged or "nothing was cancelled or closed at the venue"
        raise
    _keep(folders, began, reason, {"words": found.words, **asdict(found)})
    return found, [one for one in silent if one != folder]


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
        except OSError as error:
            talk.say(f"no record of it in {folder}: {error.strerror or error}")


def _elsewhere(folder: Path, sim: Path | None, answer: str = "") -> "NotFlat | None":
    """Why what a folder's bot holds is not at the venue of the login: a paper account lives in its
    folder, and a simulated one at the gateway that --sim names; None = it is there.
    """
    from julie.core.errors import NotFlat
    from julie.store.journal.lock import last_run

    mode = last_run(folder).partition("-")[0]
    does = f"answers that it is not flat ({answer})" if answer else "does not answer"
    if mode == "paper":
        again = f"delete {folder / 'STOP'}, start it again, then `julie flatten` closes on paper"
        return NotFlat(
            f"{folder} is a paper bot's, which {does}: nothing of it is at the venue",
            f"the file STOP lets it try once more and end; then {again}" if answer else again,
        )
    if mode == "sim" and sim is None:
        return NotFlat(
            f"{folder} is a simulated session's, whose bot {does}, and no gateway was named",
            "name it with --sim READY.json; if it has ended, nothing is open anywhere",
        )
    return None


def _of_the_account(login: "Login", silent: list[Path], sim: Path | None, *, named: bool) -> Path:
    """The folder of the account that is flattened: there lies the record of it."""
    from julie.cli.options import data_root
    from julie.core.errors import NotFlat
    from julie.live.whereabouts import bot_of, left_by
    from julie.store.journal.lock import last_run

    if named:
        return silent[0]
    bot = bot_of(login.url, login.account_id)
    if bot is not None and bot.folder in silent:
        return bot.folder
    if silent:
        raise NotFlat(
            f"no answer from {', '.join(map(str, silent))}, and the login at hand is not of its "
            "account",
            f"STOP lies in its folder now; `julie flatten --sim READY.json` or --data-dir "
            f"{silent[0]} with its login closes what it holds",
        )
    left = left_by(login.url, login.account_id)
    if left is not None and not last_run(left).startswith("paper-"):
        return left
    return data_root() / ("live" if sim is None else "sim")


def _show(sim: Path | None, *, named: bool, as_json: bool) -> int:
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

    if not named and sim is None:
        for line in _beside(_meant(None, None)).words:
            talk.say(line)
    positions, orders = asyncio.run(look())
    if as_json:
        talk.result_json({"positions": positions, "orders": orders})
    else:
        talk.result("\n".join(["would be closed and cancelled:", *positions, *orders]))
    return Exit.DONE
