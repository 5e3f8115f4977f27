"""What `julie flatten` is for: which bots are asked, and which account is closed by REST.

A bot that answers closes what it holds, wherever its folder is. The account of the login is closed
beside those that answer only where a live run may have left something open in it: who practises on
a simulated account may hold a trade of his own there. What a silent bot holds is at the venue of
the login only if it traded there: a paper account lives in its folder, a simulated one at its
gateway.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from julie.core.errors import JulieError, NotFlat
from julie.live import venue_door, whereabouts
from julie.live.venue_door import Login
from julie.store.journal.lock import last_run

GATEWAY_GONE: Final = "if it has ended, nothing is open anywhere"
GATEWAY_AWAY: Final = "the bot itself tries on until its gateway answers; see `julie status`"


@dataclass(frozen=True, slots=True)
class Meant:
    """What a person named: a bot's folder, the line of a simulated gateway, or neither."""

    folder: Path | None
    sim: Path | None
    root: Callable[[], Path]  # what the modes' folders lie below; read only where it decides


class Beside(NamedTuple):
    """The account of the login, beside the bots that are asked."""

    left: Path | None = None  # the folder of a live run that may have left something open there
    words: tuple[str, ...] = ()  # that the account is left alone, and why


def bots_meant(meant: Meant) -> list[Path]:
    """The folders whose bots are asked: the one that was named, or all that run; live ones first,
    as one that hangs keeps those behind it waiting.
    """
    if meant.folder is not None:
        return [meant.folder]
    if meant.sim is None:
        bots = sorted(whereabouts.running(), key=lambda one: one.mode != "live")
        return [one.folder for one in bots]
    login = venue_door.find_login(meant.sim)
    bot = whereabouts.bot_of(login.url, login.account_id)
    return [bot.folder] if bot is not None else []


def account_beside(meant: Meant, bots: Sequence[Path]) -> Beside:
    """Whether the account of the login is closed as well; nobody asks where no bot runs, or where
    a folder or a gateway was named.
    """
    if meant.folder is not None or meant.sim is not None or not bots:
        return Beside()
    only = f"only {', '.join(map(str, bots))} asked"
    try:
        login = venue_door.find_login()
    except JulieError as error:
        return Beside(words=(f"{only}, no account at the venue: {error.message}",))
    bot = whereabouts.bot_of(login.url, login.account_id)
    if bot is not None and bot.mode == "live":  # it is asked, or closed as one that is silent
        return Beside()
    live = meant.root() / "live"
    left = whereabouts.left_open(login.url, login.account_id, live, bots)
    if left is not None:
        return Beside(left)
    return Beside(
        words=(
            f"{only}: no live run left anything open at the account of the login that we know of; "
            f"`julie flatten --data-dir {live}` closes that account, whoever opened it",
        )
    )


def elsewhere(folder: Path, sim: Path | None, at_work: str = "") -> NotFlat | None:
    """Why what a folder's bot holds is not at the venue of the login; None = it is there. `at_work`
    = what the bot does, where it is there.
    """
    mode = last_run(folder).partition("-")[0]
    does = at_work or "does not answer"
    if mode == "paper":
        again = f"delete {folder / 'STOP'}, start it again, then `julie flatten` closes on paper"
        return NotFlat(
            f"{folder} is a paper bot's, which {does}: nothing of it is at the venue",
            f"the file STOP lets it try once more and end; then {again}" if at_work else again,
        )
    if mode == "sim" and sim is None:
        return NotFlat(
            f"{folder} is a simulated session's, whose bot {does}, and no gateway was named",
            f"name it with --sim READY.json; {GATEWAY_AWAY if at_work else GATEWAY_GONE}",
        )
    return None


def folder_of_account(meant: Meant, login: Login, silent: Sequence[Path]) -> Path:
    """The folder of the account that is closed by REST: there lies the record of it. Raises
    `NotFlat` where bots are silent, and the account is none of theirs.
    """
    if meant.folder is not None:
        return silent[0]
    bot = whereabouts.bot_of(login.url, login.account_id)
    if bot is not None and bot.folder in silent:
        return bot.folder
    if silent:
        raise NotFlat(
            f"no answer from {', '.join(map(str, silent))}, and the login at hand is not of its "
            "account",
            f"STOP lies in its folder now; `julie flatten --sim READY.json` or --data-dir "
            f"{silent[0]} with its login closes what it holds",
        )
    left = whereabouts.left_by(login.url, login.account_id)
    if left is not None and not last_run(left).startswith("paper-"):
        return left
    return meant.root() / ("live" if meant.sim is None else "sim")
