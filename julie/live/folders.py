"""The data folder of a session: an earlier market's is put aside, one that is ahead is refused."""

from pathlib import Path
from typing import Final

from julie.core.clock import MachineClock
from julie.core.errors import Exit, JulieError
from julie.core.zones import MINUTE_NS, eastern_iso
from julie.live.account_lock import account_mark
from julie.live.place import Place
from julie.live.recall import Past
from julie.store.atomic import write_text
from julie.store.journal import JournalReader, journal_of
from julie.store.journal.lock import FolderLock

ACCOUNT_FILE: Final = "journal.account"
MODES: Final = frozenset({"sim", "paper", "live"})


class AnotherMarket(JulieError):
    """The journal has heard minutes that this market still has before it."""

    exit_code = Exit.JOURNAL


class AnotherAccount(JulieError):
    """The journal is of another account."""

    exit_code = Exit.JOURNAL


def put_aside(folder: Path) -> Path | None:
    """Rename the folder of an earlier sample session; where it went, None = there was none."""
    if not journal_of(folder).exists():
        return None
    now = MachineClock().now_ns()
    FolderLock(folder, "to be put aside", now).release()  # raises while a bot is at work there
    stamp = eastern_iso(now)[:19].replace("-", "").replace(":", "").replace("T", "-")
    target = folder.with_name(f"{folder.name}-before-{stamp}")
    folder.rename(target)
    return target


def refuse_ahead(folder: Path, past: Past, now_ns: int) -> None:
    """Raise where the journal is of a market that is further on than this one."""
    newest = past.newest_ns
    if newest <= now_ns + MINUTE_NS:
        return
    heard, here = eastern_iso(newest)[:16], eastern_iso(now_ns)[:16]
    raise AnotherMarket(
        f"the journal in {folder} has heard the market up to {heard} ET, but here it is {here}",
        "name another folder with --data-dir; a simulated day is traded once a folder",
        "nothing was written and no order was sent",
    )


def refuse_other_mode(folder: Path, mode: str) -> None:
    """Raise where the journal is of runs in another mode: each has a folder of its own."""
    if not journal_of(folder).exists():
        return
    with JournalReader.of(folder) as reader:
        others = {name.partition("-")[0] for name in reader.run_names()} & MODES - {mode}
    if others:
        raise AnotherMarket(
            f"the journal in {folder} belongs to {', '.join(sorted(others))}, not to {mode}",
            "give each mode a folder of its own with --data-dir",
            "nothing was written and no order was sent",
        )


def refuse_other_account(folder: Path, place: Place) -> None:
    """Raise where the journal is of another account: its plans, losses and limits are not ours. A
    journal that was written before accounts were noted is taken as it is.
    """
    noted = folder / ACCOUNT_FILE
    if not journal_of(folder).exists() or not noted.is_file():
        return
    if noted.read_text(encoding="ascii", errors="replace").strip() != _mark(place):
        raise AnotherAccount(
            f"the journal in {folder} is of another account",
            "name a folder with --data-dir, one for each account; or see which account "
            "PROJECTX_ACCOUNT_ID names",
            "nothing was written and no order was sent",
        )


def note_account(folder: Path, place: Place) -> None:
    """Bind the journal to its account, once it is ours alone and the account was agreed on."""
    noted, mark = folder / ACCOUNT_FILE, f"{_mark(place)}\n"
    if not noted.is_file() or noted.read_text(encoding="ascii", errors="replace") != mark:
        write_text(noted, mark)


def _mark(place: Place) -> str:
    """Stands for an account. A paper account lies in the folder itself, whoever logs in; a
    simulated venue is at another address each time it starts.
    """
    if place.mode == "paper":
        return "paper"
    return account_mark("" if place.simulated else place.addresses.api, str(place.account_id))
