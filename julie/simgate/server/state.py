"""What the server keeps beside the exchange's state: token numbers, login, dialect, rules."""

from pathlib import Path
from typing import Final

import msgspec

from julie.core.errors import UsageError
from julie.simgate.server.calls import Login
from julie.simgate.server.dialect import Dialect
from julie.simgate.server.rules import KeptRule
from julie.simgate.server.tokens import Kept

FILE: Final = "server.json"


class State(msgspec.Struct, kw_only=True):
    """The file in the state folder."""

    tokens: Kept
    login: Login
    dialect: Dialect
    rules: list[KeptRule] = []


def read_state(folder: Path) -> State | None:
    """What was kept in a folder; None where nothing was."""
    file = folder / FILE
    if not file.is_file():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=State)
    except msgspec.DecodeError as error:
        raise UsageError(
            f"{file} cannot be read: {error}", "name an empty folder with --state"
        ) from error


def write_state(folder: Path, state: State) -> None:
    """Write it whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / (FILE + ".new")
    draft.write_bytes(msgspec.json.encode(state))
    draft.replace(folder / FILE)
