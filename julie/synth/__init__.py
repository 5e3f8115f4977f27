"""The generator of simulated sessions, labelled as such wherever they show."""

from julie.synth.generate import (
    DEFAULT_DAYS,
    DEFAULT_SEED,
    DEFAULT_START,
    DEFAULT_SYMBOLS,
    Simulated,
    generate,
)
from julie.synth.kept import sample, write
from julie.synth.vix import Vix

__all__ = [
    "DEFAULT_DAYS",
    "DEFAULT_SEED",
    "DEFAULT_START",
    "DEFAULT_SYMBOLS",
    "Simulated",
    "Vix",
    "generate",
    "sample",
    "write",
]
