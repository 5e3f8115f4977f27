"""The default sample: made on first use, then kept in the user's data folder.

A file that is missing, damaged or from another version of the generator is made anew: nothing in it
cannot be made again. Where the folder cannot be written the sample is made each time, and says so.
Making and writing it takes 0.7 s from the start of Python, reading it 0.5 s (two cores).
"""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from julie.synth import files
from julie.synth.generate import (
    DEFAULT_DAYS,
    DEFAULT_SEED,
    DEFAULT_START,
    DEFAULT_SYMBOLS,
    MAKE,
    Simulated,
    generate,
)


def sample_folder(data_dir: Path) -> Path:
    """Where the default sample is kept under the user's data folder."""
    return data_dir / "simulated" / files.folder_name(DEFAULT_DAYS, DEFAULT_SEED, DEFAULT_START)


def _kept(folder: Path) -> Simulated | None:
    try:
        bars = {symbol: files.read_bars(symbol, MAKE, folder) for symbol in DEFAULT_SYMBOLS}
        vix = files.read_vix(MAKE, folder)
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None
    return Simulated(bars, vix, DEFAULT_DAYS, DEFAULT_SEED, DEFAULT_START)


def write(made: Simulated, folder: Path) -> list[Path]:
    """A simulated market as files in a folder; the files written."""
    written = [files.write_bars(bars, MAKE, folder) for bars in made.bars.values()]
    return [*written, files.write_vix(made.vix, MAKE, folder)]


def sample(data_dir: Path) -> Simulated:
    """The default sample, made and kept on first use."""
    folder = sample_folder(data_dir)
    kept = _kept(folder)
    if kept is not None:
        return kept
    made = generate()
    try:
        write(made, folder)
    except OSError as error:
        note = f"the sample is not kept: {folder} cannot be written ({error.strerror})"
        bars = {s: replace(b, notes=(*b.notes, note)) for s, b in made.bars.items()}
        return replace(made, bars=bars)
    return made
