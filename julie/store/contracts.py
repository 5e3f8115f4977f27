"""How contracts are named and which comes first.

The December 2024 contract is `Z24` here and `ESZ24`, `ESZ4`, `ES 12-24` or `CON.F.US.EP.Z24`
elsewhere. A name is read from its end: month code and year. A single-digit year is the one nearest
to the data.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from julie.core.instruments import INSTRUMENTS, MONTH_CODES

_CODE: Final = re.compile(r"(?:^|[^A-Z]|[A-Z0-9]{2,4}?)([FGHJKMNQUVXZ])(\d{1,4})$")
_DASHED: Final = re.compile(r"(\d{2})[-_](\d{2}|\d{4})$")
_PLAIN: Final = re.compile(r"^(20\d{2})(\d{2})$")
_SPREAD: Final = re.compile(r"[A-Z]\d{1,2}\s*[-:]\s*[A-Z0-9]*[A-Z]\d{1,2}$")


def delivery(name: str, near_year: int) -> tuple[int, int] | None:
    """Year and month in which a contract ends, or None where the name does not say."""
    text = name.strip().upper()
    if found := _PLAIN.search(text):
        return int(found[1]), int(found[2])
    if found := _DASHED.search(text):
        year = int(found[2])
        return (year if year > 99 else 2000 + year), int(found[1])
    if found := _CODE.search(text):
        return _year(found[2], near_year), MONTH_CODES.index(found[1]) + 1
    return None


def _year(digits: str, near_year: int) -> int:
    if len(digits) == 1:
        decade = [near_year // 10 * 10 + shift + int(digits) for shift in (-10, 0, 10)]
        return min(decade, key=lambda year: abs(year - near_year))
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def in_order(names: Sequence[str], near_year: int) -> list[str]:
    """The names by delivery; where one of them does not say, the order in which they came."""
    unique = list(dict.fromkeys(names))
    ends = {name: delivery(name, near_year) for name in unique}
    if any(end is None for end in ends.values()):
        return unique
    return sorted(unique, key=lambda name: ends[name] or (0, 0))


def is_spread(name: str) -> bool:
    """Whether a name is that of a calendar spread, which is no bar of a contract."""
    return bool(_SPREAD.search(name.strip().upper()))


def month_code(name: str, near_year: int) -> str:
    """The short name, such as Z24, under which a contract is filed; the name itself if unknown."""
    end = delivery(name, near_year)
    if end is None:
        return name.strip()
    return f"{MONTH_CODES[end[1] - 1]}{end[0] % 100:02d}"


def contract_in(path: Path, near_year: int) -> str | None:
    """The contract that a file is named after: `ES 12-24.Last.txt`, `ESH25-CME.csv`."""
    stem = path.name.split(".")[0].upper()
    for word in (stem, *re.findall(r"[A-Z0-9]+(?:[ _]\d{2}-\d{2})?", stem)):
        if delivery(word, near_year) is not None and _symbol_in(re.split(r"[ _]", word)[0]):
            return month_code(word, near_year)
    return None


def guess_symbol(path: Path) -> str | None:
    """The instrument that a file or folder is named after: `es_1m.parquet`, `ES 12-24.Last.txt`."""
    for part in (path.stem, path.parent.name, path.parent.parent.name):
        words = re.split(r"[^A-Z0-9]+", part.upper())
        for word in words:
            symbol = _symbol_in(word)
            if symbol:
                return symbol
    return None


def _symbol_in(word: str) -> str | None:
    if word in INSTRUMENTS:
        return word
    stripped = re.sub(r"[FGHJKMNQUVXZ]?\d{1,4}$", "", word)
    return stripped if stripped in INSTRUMENTS else None
