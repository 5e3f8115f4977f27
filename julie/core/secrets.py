"""Keys and passwords: from the environment, a `.env` file or the system's keyring; never from
config.yaml.

A secret is shown by nobody: its text stands only where `get_secret_value()` is called. A `.env`
that others may read, or that git keeps, is told; the strict refuse it.
"""

import importlib
import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import SecretStr

from julie.core.errors import Exit, JulieError

NAMES: Final = (
    "PROJECTX_API_URL",
    "PROJECTX_USER_HUB",
    "PROJECTX_MARKET_HUB",
    "PROJECTX_USERNAME",
    "PROJECTX_API_KEY",
    "PROJECTX_ACCOUNT_ID",
    "JULIE_NOTIFY_URL",
)
# Those whose text must leave nowhere; addresses of the venue and the account's id may be named.
HIDDEN: Final = ("PROJECTX_USERNAME", "PROJECTX_API_KEY", "JULIE_NOTIFY_URL")
SERVICE: Final = "julie"  # under which the system's keyring has them

Keyring = Callable[[str], str | None]


class SecretsExposed(JulieError):
    """Others can read the keys."""

    exit_code = Exit.ENVIRONMENT


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets that were found, and where."""

    values: Mapping[str, SecretStr]
    sources: Mapping[str, str]
    faults: tuple[str, ...] = ()  # what is wrong with the file, each with its cure

    def get(self, name: str) -> SecretStr | None:
        """A secret by name; None where nobody gave it."""
        return self.values.get(name)

    def hidden(self) -> tuple[str, ...]:
        """The texts that must be taken out of whatever is written."""
        return tuple(
            found.get_secret_value() for name in HIDDEN if (found := self.values.get(name))
        )


def read_secrets(
    file: Path = Path(".env"),
    environment: Mapping[str, str] = os.environ,
    keyring: Keyring | None = None,
) -> Secrets:
    """The known names; environment before file before keyring, and an empty value is none."""
    in_file, faults = _pairs(file)
    values: dict[str, SecretStr] = {}
    sources: dict[str, str] = {}
    for name in NAMES:
        for source, given in (("environment", environment), (str(file), in_file)):
            text = given.get(name)
            if text and name not in values:
                values[name], sources[name] = SecretStr(text), source
        if name not in values and keyring is not None and (text := keyring(name)):
            values[name], sources[name] = SecretStr(text), "keyring"
    return Secrets(values, sources, faults)


def _pairs(file: Path) -> tuple[Mapping[str, str | None], tuple[str, ...]]:
    """The names of a file, and what is wrong with it: a broken one must not keep a person whose
    keys stand elsewhere from closing what is open.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig") if file.is_file() else ""
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1}"
        return {}, (f"{file} is no UTF-8 text ({place}) -> save it again as UTF-8",)
    except OSError as error:
        return {}, (f"{file} cannot be read: {error.strerror} -> see who owns it, and its rights",)
    lines = [one.original.line for one in parse_stream(StringIO(text)) if one.error]
    cure = "write NAME=value, one a line; a quote that opens must close"
    faults = tuple(f"line {line} of {file} is no pair, or hides some -> {cure}" for line in lines)
    return dotenv_values(stream=StringIO(text)), faults


def plain(secrets: Secrets) -> Callable[[str], str | None]:
    """Texts of secrets by name, for names that hide nothing."""

    def text(name: str) -> str | None:
        found = secrets.get(name)
        return None if found is None or name in HIDDEN else found.get_secret_value()

    return text


def system_keyring() -> Keyring | None:
    """The system's keyring, where the package `keyring` is installed and has one to speak to."""
    try:
        keyring: Any = importlib.import_module("keyring")  # by name: it is not a dependency
        errors: Any = importlib.import_module("keyring.errors")
    except ImportError:
        return None

    def read(name: str) -> str | None:
        try:
            found: str | None = keyring.get_password(SERVICE, name)
        except errors.KeyringError:  # locked, or no keyring on this machine: as if it were empty
            return None
        return found

    return read


def exposed(file: Path = Path(".env")) -> list[str]:
    """Who else can read the keys of a file, each with its cure; empty = nobody."""
    if not file.is_file():
        return []
    found = []
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        found.append(f"{file} can be read by other users of this machine -> chmod 600 {file}")
    if _in_git(file):
        found.append(f"{file} is kept by git -> git rm --cached {file}, then change the key")
    return found


def refuse_exposed(file: Path = Path(".env")) -> None:
    """Raise `SecretsExposed` where others can read the keys."""
    found = exposed(file)
    if found:
        told, _, cure = found[0].partition(" -> ")
        raise SecretsExposed(told, cure, "no request was sent")


def _in_git(file: Path) -> bool:
    words = ["git", "-C", str(file.resolve().parent), "ls-files", "--error-unmatch", file.name]
    try:
        return subprocess.run(words, capture_output=True, timeout=5, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):  # no git here
        return False
