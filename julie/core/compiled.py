"""The one door to the compiler: typed decorators over numba, with a cache that notices edits.

A kernel (`compiled`) lives with its loop in one file, so numba's own stamp of that file is enough.
The desk's machine (`machine`) is made of functions in several files that call each other; numba
does not see an edit in a callee, so its cache lies in a folder named after the content of all those
rooms. The cache is kept in the user's cache folder, never in the package, which may be read-only.

A counter that is handed to another function begins as `number(0)`: a bare 0 is a type of its own to
the compiler, which would compile the callee once for every literal.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import platformdirs

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).resolve().parent.parent
_ALWAYS = ("compiled.py", "types.py")  # their numbers are baked into the machine
_MACHINE_ROOMS = ("desk", "risk", "execution", "defense", "backtest", "core")


def cache_folder() -> Path:
    """Where compiled code is kept: JULIE_CACHE_DIR, else the user's cache folder."""
    named = os.environ.get("JULIE_CACHE_DIR")
    return Path(named) if named else Path(platformdirs.user_cache_dir("julie"))


@cache
def _machine_stamp() -> str:
    digest = hashlib.sha256()
    for room in _MACHINE_ROOMS:
        for file in sorted((_PACKAGE / room).glob("*.py")):
            text = file.read_bytes()
            if b"@machine" in text or file.name in _ALWAYS:
                digest.update(file.name.encode() + text)
    return digest.hexdigest()[:16]


def machine_folder() -> Path:
    """Where the compiled desk of this very code lies."""
    return cache_folder() / f"machine-{_machine_stamp()}"


def _compile(function: F, folder: Path, **flags: bool) -> F:
    options: Any = numba.config
    njit: Any = numba.njit
    before = options.CACHE_DIR
    options.CACHE_DIR = str(folder)
    try:
        made = njit(cache=True, nogil=True, error_model="numpy", **flags)(function)
    finally:
        options.CACHE_DIR = before
    return cast(F, made)


def compiled(function: F) -> F:
    """Compile a self-contained kernel; cached on disk, loaded when first called."""
    return _compile(function, cache_folder() / "kernels")


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
