"""The kill switch as a person throws it from outside: the bots are asked, then REST acts.

A bot that does not answer, or not with flat, gets the file STOP, so that it cannot start again and
enter; then its account is closed from here, and what came of it lies in flatten-<time>.json. A disk
that takes no file keeps nobody from closing. Flat is said only when every bot that was asked said
so or its account was seen empty at the venue.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple

from julie.core.clock import MachineClock
from julie.core.errors import JulieError
from julie.core.zones import eastern_iso
from julie.execution import kill
from julie.execution.kill import Flattened
from julie.gateway.errors import GatewayError
from julie.live import control_client, venue_door, whereabouts
from julie.live.control_client import NoAnswer
from julie.live.control_place import NobodyThere
from julie.live.flatten_scope import (
    Meant,
    account_beside,
    bots_meant,
    elsewhere,
    folder_of_account,
)
from julie.live.stop_file import write_stop
from julie.live.venue_door import Login
from julie.store.atomic import NotWritable, write_text

ANSWER_S: Final = 20.0
Say = Callable[[str], None]  # to the person, while it goes on


@dataclass(frozen=True, slots=True)
class ByHand:
    """What came of it."""

    flat: bool
    text: str
    found: Flattened | None = None  # what REST did; None where the bots did everything


class Open(NamedTuple):
    """What the account shows, each in words."""

    positions: list[str]
    orders: list[str]


class _Heard(NamedTuple):
    """What came of asking a bot."""

    flat: bool
    text: str = ""  # its words; empty where it did not answer
    does: str = ""  # what a bot that is there does, where that is not flat


def flatten_by_hand(meant: Meant, reason: str, say: Say) -> ByHand:
    """Close everything that was meant, by the bots or by REST; raises `NotFlat` where nothing of it
    is within reach, and what keeps us from the venue.
    """
    bots = bots_meant(meant)
    answers = {folder: _asked(folder, reason, say) for folder in bots}
    told = [f"{folder}: {one.text}" for folder, one in answers.items() if one.flat]
    silent = [folder for folder, one in answers.items() if not one.flat]
    account = account_beside(meant, bots)
    if told and not silent and account.left is None:
        return ByHand(flat=True, text="\n".join([*told, *account.words]))
    for line in (*told, *account.words):
        say(line)
    for folder in silent:
        _forbid_start(folder, reason, say)
    away = {
        folder: error
        for folder in silent
        if (error := elsewhere(folder, meant.sim, answers[folder].does)) is not None
    }
    here = [folder for folder in silent if folder not in away]
    if away and not here and account.left is None:
        raise next(iter(away.values()))
    for error in away.values():
        say(f"NOT closed: {error}")
    found, others = _by_rest(meant, here, account.left, reason, say)
    for folder in others:
        say(f"NOT closed: {folder}: its login is not at hand")
    flat = found.flat and not away and not others
    return ByHand(flat, "\n".join([found.words, *found.said]), found)


def would_close(meant: Meant, say: Say) -> Open:
    """What is open at the account of the login; raises `NotFlat` where the named folder's bot
    trades elsewhere.
    """
    if meant.folder is not None and (lost := elsewhere(meant.folder, meant.sim)) is not None:
        raise lost
    for line in account_beside(meant, bots_meant(meant)).words:
        say(line)
    return asyncio.run(_open_at(venue_door.find_login(meant.sim)))


async def _open_at(login: Login) -> Open:
    async with venue_door.opened(login) as door:
        with venue_door.readable():
            venue = door.venue()
            return Open(
                [f"{one.net:+d} {one.contract}" for one in await venue.positions()],
                [
                    f"order {one.id}: {one.kind} {one.side.name.lower()} {one.qty} {one.contract}"
                    for one in await venue.open_orders()
                ],
            )


def _asked(folder: Path, reason: str, say: Say) -> _Heard:
    """What the bot answered."""
    try:
        answer = control_client.ask(folder, "flatten", answer_s=ANSWER_S, reason=reason)
    except (NobodyThere, NoAnswer) as error:
        say(error.message)
        busy = isinstance(error, NoAnswer) and error.busy
        return _Heard(flat=False, does=f"is not done after {ANSWER_S:g} s" if busy else "")
    if not answer.ok:
        say(f"the bot in {folder} could not: {answer.text}")
    return _Heard(answer.ok, answer.text, f"answers that it is not flat ({answer.text})")


def _forbid_start(folder: Path, reason: str, say: Say) -> None:
    """Keep a bot from starting there."""
    try:
        path = write_stop(folder, f"julie flatten: {reason}")
    except NotWritable as error:
        say(f"no STOP file: {error.message}")
    except OSError as error:  # a folder that one may not even enter
        say(f"no STOP file in {folder}: {error.strerror or error}")
    else:
        say(f"{path} forbids a start until you delete it")


def _by_rest(
    meant: Meant, silent: Sequence[Path], left: Path | None, reason: str, say: Say
) -> tuple[Flattened, list[Path]]:
    """What came of the account of the login, and the silent folders that are not its own."""
    began_ns = MachineClock().now_ns()
    folders = list(silent) if left is None else [left]
    try:
        login = venue_door.find_login(meant.sim)
        folder = left or folder_of_account(meant, login, silent)
        bot = whereabouts.bot_of(login.url, login.account_id)
        trades = bot.folder if bot is not None and bot.mode != "paper" else folder
        for one in dict.fromkeys((folder, trades)):  # a bot elsewhere would enter again
            if one not in silent:
                _forbid_start(one, reason, say)
        folders = [folder]
        say(f"going to the venue myself: the account at {login.url}")
        found = asyncio.run(_closed(login))
    except JulieError as error:
        told = {"words": f"NOT FLAT: {error.message}", "flat": False}
        _keep(folders, began_ns, reason, told, say)
        error.unchanged = error.unchanged or "nothing was cancelled or closed at the venue"
        raise
    _keep(folders, began_ns, reason, {"words": found.words, **asdict(found)}, say)
    return found, [one for one in silent if one != folder]


async def _closed(login: Login) -> Flattened:
    """Everything at an account cancelled and closed."""
    async with venue_door.opened(login) as door:
        try:
            await door.client.session.for_acting()
        except GatewayError as error:
            if not error.transient:  # a wrong key gets no better by trying on
                raise
        return await kill.flatten(door.venue(), MachineClock())


def _keep(
    folders: Sequence[Path], began_ns: int, reason: str, told: dict[str, object], say: Say
) -> None:
    """Leave on the disk what came of it."""
    at = eastern_iso(began_ns)
    stamp = at[:19].replace("-", "").replace(":", "").replace("T", "-")
    text = json.dumps({"at": at, "reason": reason, **told}, indent=2) + "\n"
    for folder in folders:
        try:
            write_text(folder / f"flatten-{stamp}.json", text)
        except NotWritable as error:
            say(f"no record of it: {error.message}")
        except OSError as error:
            say(f"no record of it in {folder}: {error.strerror or error}")
