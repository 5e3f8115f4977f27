"""Where the bot of a data folder can be reached: `control.json`, which the running bot writes.

On POSIX a socket in the data folder, or in the user's runtime folder where that path is too long
for a socket; on Windows a loopback port with a token. Only the user who started the bot may use
either.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

import msgspec

from julie.core.errors import JulieError, UsageError

PATH_MAX: Final = 100  # bytes; systems end between 103 and 107
NAME: Final = "control.json"


class Place(msgspec.Struct, frozen=True):
    """A socket, or a port of this machine with its token."""

    pid: int
    socket: str | None = None
    port: int | None = None
    token: str = ""


class NobodyThere(UsageError):
    """No bot runs in a data folder."""

    def __init__(self, data_dir: Path, found: str) -> None:
        super().__init__(
            f"no bot runs in {data_dir} ({found})",
            "name the bot's folder with --data-dir, or start it with `julie run`",
        )


class Silent(NobodyThere):
    """A bot is there and says nothing: it hangs, or its machine does."""

    def __init__(self, data_dir: Path, pid: int, found: str) -> None:
        JulieError.__init__(
            self,
            f"the bot in {data_dir} does not answer (process {pid}; {found})",
            "`julie flatten` works without it; end that process, then `julie run`: it reconciles",
        )


def socket_path(data_dir: Path) -> Path:
    """The socket of a data folder."""
    near = data_dir.resolve() / "control.sock"
    if len(os.fsencode(near)) <= PATH_MAX:
        return near
    import platformdirs

    name = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    return platformdirs.user_runtime_path("julie", ensure_exists=True) / f"{name}.sock"


def wants_port() -> bool:
    """Whether this system is reached by a port, as Python has no Unix sockets on Windows."""
    return sys.platform == "win32"


def write_place(data_dir: Path, place: Place) -> None:
    """Tell where the bot is; the file may be read by its owner alone."""
    path = data_dir / NAME
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, msgspec.json.encode(place))
    finally:
        os.close(handle)
    part.replace(path)


def read_place(data_dir: Path) -> Place:
    """Where the bot said it is; raises `NobodyThere`."""
    path = data_dir / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Place)
    except FileNotFoundError as error:
        raise NobodyThere(data_dir, "it left no address") from error
    except (OSError, msgspec.MsgspecError) as error:
        raise NobodyThere(data_dir, f"{path}: {error}") from error


def forget_place(data_dir: Path) -> None:
    """The bot left."""
    (data_dir / NAME).unlink(missing_ok=True)
