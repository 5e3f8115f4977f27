"""The one door to the compiler: typed decorators over numba, with a cache that notices edits.

A kernel (`compiled`) lives with its loop in one file, so numba's own stamp of that file is enough.
The desk's machine (`machine`) is made of functions in several files that call each other; numba
does not see an edit in a callee, so its cache lies in a folder named after the content of all those
rooms. The cache is kept in the user's cache folder, or in a private temporary one where that cannot
be written; never in the package, which may be read-only.

A counter that is handed to another function begins as `number(0)`: a bare 0 is a type of its own to
the compiler, which would compile the callee once for every literal.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import platformdirs
from numba.core import event

from julie.core.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).resolve().parent.parent
_ALWAYS = ("compiled.py", "types.py")  # their numbers are baked into the machine
_MACHINE_ROOMS = ("desk", "risk", "execution", "defense", "backtest", "core")


def cache_folder() -> Path | None:
    """Where compiled code is kept: JULIE_CACHE_DIR, else the user's cache folder, else a private
    temporary one; None where nothing can be written, and each process compiles for itself.
    """
    return _place(os.environ.get("JULIE_CACHE_DIR", ""))


@cache
def _place(named: str) -> Path | None:
    if named:
        if _writable(Path(named)):
            return Path(named)
        raise UsageError(
            f"JULIE_CACHE_DIR={named} cannot be written",
            "name a folder you may write to, or unset it",
        )
    own = Path(platformdirs.user_cache_dir("julie"))
    if _writable(own):
        return own
    try:
        private = Path(tempfile.gettempdir()) / f"julie-{os.getuid() if os.name == 'posix' else ''}"
    except OSError:  # not even temporary files can be written
        return None
    return private if _writable(private) and _private(private) else None


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _private(folder: Path) -> bool:
    """Nobody else may plant code there."""
    if os.name != "posix":
        return True
    about = folder.lstat()
    others_write = about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not others_write


def _machine_files() -> list[Path]:
    files = [file for room in _MACHINE_ROOMS for file in sorted((_PACKAGE / room).glob("*.py"))]
    return [f for f in files if f.name in _ALWAYS or b"@machine" in f.read_bytes()]


@cache
def _machine_stamp() -> str:
    digest = hashlib.sha256()
    for file in _machine_files():
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def machine_folder() -> Path | None:
    """Where the compiled desk of this very code lies; None where nothing is kept."""
    kept = cache_folder()
    return kept and kept / f"machine-{_machine_stamp()}"


def whole_mark() -> Path | None:
    """The file that says: all of the desk is compiled for these files, as they lie here.

    The compiler goes by place and date of each file: a second clone of the same code begins anew.
    """
    kept = machine_folder()
    if kept is None:
        return None
    digest = hashlib.sha256()
    for file in _machine_files():
        about = file.stat()
        digest.update(f"{file}:{about.st_mtime_ns}:{about.st_size}\n".encode())
    return kept / f"whole-{digest.hexdigest()[:16]}"


def _compile(function: F, folder: Path | None, **flags: bool) -> F:
    options: Any = numba.config
    njit: Any = numba.njit
    before = options.CACHE_DIR
    # numba would go on to the package's own folders where this one fails
    kept = folder is not None and _writable(folder)
    options.CACHE_DIR = str(folder) if kept else before
    try:
        made = njit(cache=kept, nogil=True, error_model="numpy", **flags)(function)
    finally:
        options.CACHE_DIR = before
    return cast(F, made)


class _Counter(event.Listener):
    """Tells how many functions were compiled; what the cache had is not among them."""

    def __init__(self, told: Callable[[int], None]) -> None:
        self._told = told
        self._done = 0

    def on_start(self, _: Any) -> None:
        """A function begins."""
        self._told(self._done)

    def on_end(self, _: Any) -> None:
        """A function is done."""
        self._done += 1
        self._told(self._done)


@contextmanager
def compiling(told: Callable[[int], None]) -> Iterator[None]:
    """Within the block, tell how far it is whenever a function has to be compiled."""
    with event.install_listener("numba:compile", _Counter(told)):
        yield


def compiled(function: F) -> F:
    """Compile a self-contained kernel; cached on disk, loaded when first called."""
    kept = cache_folder()
    return _compile(function, kept and kept / "kernels")


def machine(function: F) -> F:
    """Compile a function of the desk's machine, which calls functions of other files.

    The machine makes no arrays and is handed all of them, so it need not count references, and its
    many small functions become one: counting those of two dozen arrays at every call, and handing
    them on, took nine tenths of its time.
    """
    return _compile(function, machine_folder(), _nrt=False, forceinline=True)


@machine
def number(n: int) -> int:
    """A whole number that is no literal any more."""
    return n
