"""Which data folder a command means that was not told: that of the bot that runs.

Each mode has a folder of its own and a person may name any other, so no fixed folder is right. The
locks of the accounts say where this user's bots are at work. Where none is, the folder counts that
was used last below the configured one.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from julie.core.errors import UsageError
from julie.live.account_lock import Holder, holder_in, lock_folder, lock_name
from julie.store.journal import journal_of
from julie.store.journal.lock import last_run


@dataclass(frozen=True, slots=True)
class Running:
    """A bot of this user on this machine."""

    folder: Path
    run: str

    @property
    def mode(self) -> str:
        """Of the run: sim, paper or live."""
        return self.run.partition("-")[0]

    @property
    def words(self) -> str:
        """As a person is told."""
        return f"{self.folder} (run {self.run})"


class SeveralBots(UsageError):
    """More than one bot runs, and nobody said which is meant."""

    def __init__(self, found: Sequence[Running]) -> None:
        super().__init__(
            f"{len(found)} bots run: {', '.join(one.words for one in found)}",
            "name the folder of one with --data-dir",
        )


def running() -> list[Running]:
    """The bots at work, by folder."""
    found = [_read(file) for file in lock_folder().glob("*.lock")]
    bots = [Running(_near(one.folder), one.run) for one in found if one and _at_work(one)]
    return sorted(bots, key=lambda one: (str(one.folder), one.run))


def bot_of(api_url: str, account: int) -> Running | None:
    """The bot that trades an account, if it runs."""
    found = _read(lock_folder() / lock_name(api_url, str(account)))
    return Running(_near(found.folder), found.run) if found and _at_work(found) else None


def left_by(api_url: str, account: int) -> Path | None:
    """The folder of the bot, of any mode, that holds an account or died while it did."""
    found = _read(lock_folder() / lock_name(api_url, str(account)))
    return _near(found.folder) if found is not None and found.folder else None


def left_open(api_url: str, account: int, live: Path, at_work: Collection[Path]) -> Path | None:
    """The folder of a live run that may have left something open at an account: of a bot that died
    with the account's lock in its hand, or `live`, unless a bot is at work there. None where the
    last run of either is known to have ended flat, or was flattened since.
    """
    dead = left_by(api_url, account)
    found = [dead] if dead is not None else []
    if live.resolve() not in {one.resolve() for one in at_work}:
        found.append(live)
    return next((one for one in found if _of_a_live_run(one) and not _ended_flat(one)), None)


def folder_meant(named: Path | None, root: Path) -> Path:
    """The folder that was named, else of the bot that runs, else the one used last."""
    if named is not None:
        return named
    bots = running()
    if len(bots) > 1:
        raise SeveralBots(bots)
    return bots[0].folder if bots else last_used(root)


def last_used(root: Path) -> Path:
    """The folder below `root` whose journal was written last; `root` where there is none."""
    name = journal_of(root).name
    kept = [*root.glob(name), *root.glob(f"*/{name}")]
    return max(kept, key=lambda one: one.stat().st_mtime_ns, default=root / name).parent


def _of_a_live_run(folder: Path) -> bool:
    return last_run(folder).startswith("live-")


def _ended_flat(folder: Path) -> bool:
    """Whether the last run's report, or a flatten by REST since its start, says so."""
    report = folder / "reports" / last_run(folder) / "session.json"
    if _says_flat(report):
        return True
    try:
        began = (folder / "lock").stat().st_mtime_ns
        since = [
            (made, one)
            for one in folder.glob("flatten-*.json")
            if (made := one.stat().st_mtime_ns) > began
        ]
    except OSError:  # in doubt it is not
        return False
    return bool(since) and _says_flat(max(since)[1])


def _says_flat(file: Path) -> bool:
    try:
        return json.loads(file.read_bytes())["flat"] is True
    except (OSError, ValueError, KeyError, TypeError):  # in doubt it is not
        return False


def _at_work(holder: Holder) -> bool:
    return bool(holder.folder) and holder.at_work


def _read(file: Path) -> Holder | None:
    try:
        return holder_in(file.read_bytes())
    except OSError:  # nobody ever held it, or it was taken away just now
        return None


def _near(folder: str) -> Path:
    """The folder as seen from here, where it lies below."""
    path = Path(folder)
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
