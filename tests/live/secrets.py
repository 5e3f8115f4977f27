"""Looks for secrets in every byte under a folder: plain, in a URL, in base64, in hex, backwards."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LEAST = 6  # a shorter one would be found everywhere


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret that was found."""

    file: Path
    secret: str  # its first and last sign
    form: str
    place: int


def forms(secret: str) -> Iterator[tuple[str, bytes]]:
    """The ways in which a text is likely to lie in a file."""
    raw = secret.encode()
    yield "plain", raw
    yield "as UTF-16", secret.encode("utf-16-le")
    yield "in a URL", quote(secret, safe="").encode()
    yield "in hex", raw.hex().encode()
    for shift in range(3):  # base64 shifts with what stands before it
        coded = base64.b64encode(b"\x00" * shift + raw).rstrip(b"=")
        inner = coded[(0, 2, 3)[shift] : -1]
        yield "in base64", inner
        yield "in base64", inner.replace(b"+", b"-").replace(b"/", b"_")


def leaks(folder: Path, secrets: tuple[str, ...]) -> list[Leak]:
    """Every place under the folder where a secret lies, file names included."""
    found = []
    for file in sorted(folder.rglob("*")):
        content = file.read_bytes() if file.is_file() else b""
        for secret in secrets:
            assert len(secret) >= LEAST, "a sentinel must be long enough to be one"
            told = f"{secret[0]}...{secret[-1]}"
            if secret in file.name:
                found.append(Leak(file, told, "in the name", 0))
            for form, text in forms(secret):
                place = content.find(text)
                if place >= 0:
                    found.append(Leak(file, told, form, place))
    return found
