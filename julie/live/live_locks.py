"""The locks before real money: the switch in the configuration, the account that it names, and a
word typed by a person the first time.

TopstepX calls all of its accounts simulated, also those that pay out; what an account is, its name
says. One whose name says nothing counts as real money.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from julie.core.errors import UsageError
from julie.gateway.wire import AccountRow
from julie.live.account_check import WrongAccount
from julie.live.account_lock import lock_folder
from julie.settings import LiveSection
from julie.store.atomic import write_text

WORD: Final = "LIVE"
PRACTICE: Final = "practice"
UNKNOWN: Final = "kind unknown, so REAL MONEY"
KINDS: Final = (
    (re.compile(r"PRAC-"), PRACTICE),
    (re.compile(r"\d+KTC-"), "TRADING COMBINE"),
    (re.compile(r"EXPRESS-"), "EXPRESS FUNDED, it pays out"),
)


def kind_of(row: AccountRow) -> str:
    """What an account is, by its name; only a simulated one is practice."""
    kind = next((kind for name, kind in KINDS if name.match(row.name)), UNKNOWN)
    return kind if row.simulated else UNKNOWN


def refuse_unless_enabled(section: LiveSection) -> None:
    """The first lock; asked before anything is sent."""
    if not section.enabled:
        raise UsageError(
            "live.enabled is false",
            "set live.enabled: true in config.yaml when orders of real money are meant",
            "no request was sent",
        )
    if not section.account_name:
        raise UsageError(
            "live.account_name is empty",
            "write the account's name there, as the platform shows it: another one is refused",
            "no request was sent",
        )


def agree(row: AccountRow, section: LiveSection) -> None:
    """The second lock: id, name and kind of the account are what the configuration says."""
    if row.name != section.account_name:
        raise WrongAccount(
            "the account behind PROJECTX_ACCOUNT_ID is not called live.account_name",
            "set one of the two right; `julie doctor` looks at them",
            "no order was sent",
        )
    kind = kind_of(row)
    if (kind == PRACTICE) is not section.practice:
        raise WrongAccount(
            f"by its name the account is: {kind}; live.practice says {section.practice}",
            "see which account PROJECTX_ACCOUNT_ID names, then set live.practice right",
            "no order was sent",
        )


def confirmed(
    api_url: str, row: AccountRow, ask: Callable[[str], str] | None, folder: Path | None = None
) -> None:
    """The third lock: somebody types the word, once for an account on a machine."""
    place = (folder or lock_folder().parent / "confirmed") / _name(api_url, row)
    if place.is_file():
        return
    if ask is None:
        raise WrongAccount(
            "this account was never confirmed on this machine, and nobody is here to be asked",
            "start `julie run --live` once in a terminal",
            "no order was sent",
        )
    told = f"orders will go to {row.name} ({kind_of(row)}, {float(row.balance):,.2f} USD)."
    if ask(f"{told} Type {WORD} to go on: ").strip() != WORD:
        raise WrongAccount("it was not confirmed", "nothing was changed", "no order was sent")
    place.parent.mkdir(parents=True, exist_ok=True)
    write_text(place, "confirmed\n")


def _name(api_url: str, row: AccountRow) -> str:
    text = f"{api_url.rstrip('/').lower()}|{row.id}|{row.name}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]
