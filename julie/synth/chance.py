"""Where chance comes from: a numbered stream a purpose, and Gaussian fields with long memory.

A stream depends on the seed and its purpose only, so that asking for one symbol more changes
nothing about the others.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Stream(IntEnum):
    """Purposes that draw from chance."""

    DAYS = 1
    CLUSTERS = 2
    SHOCKS = 3
    NEWS = 4
    GAPS = 5
    LEGS = 6
    VIX = 7
    BARS = 8
    VOLUME = 9


def stream(seed: int, purpose: Stream, part: int = 0) -> np.random.Generator:
    """The generator of one purpose."""
    return np.random.default_rng([seed, int(purpose), part])


def gaussian_field(
    n: int, parts: Sequence[tuple[float, float]], rng: np.random.Generator
) -> Floats:
    """`n` normal values whose autocovariance is the sum of `variance * exp(-lag / rows)` of the
    parts.

    A few exponentials of different length are long memory for every lag that a day has. Drawn
    exactly, by filtering white noise on a circle longer than the memory (circulant embedding).
    """
    longest = max(rows for _, rows in parts)
    size = 1 << (n + int(8 * longest)).bit_length()
    around = np.arange(size // 2 + 1, dtype=np.float64)
    half = np.zeros(size // 2 + 1)
    for variance, rows in parts:
        half += variance * np.exp(-around / rows)
    covariance = np.concatenate([half, half[-2:0:-1]])
    power = np.maximum(np.fft.rfft(covariance).real, 0.0)
    spectrum = np.fft.rfft(rng.standard_normal(size)) * np.sqrt(power)
    return np.asarray(np.fft.irfft(spectrum, size)[:n])
