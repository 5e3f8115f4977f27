"""What a file turned out to be, told to the person who brings it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from julie.store.roles import ROLES
from julie.store.spacing import base_name

_DELIMITERS: Final[Mapping[str, str]] = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True, slots=True)
class Form:
    """The layout found in one file."""

    kind: str  # text, json, parquet
    columns: Mapping[str, str]  # role to column
    time_form: str = ""
    zone: str = ""
    why_zone: str = ""
    stamp: str = ""
    why_stamp: str = ""
    base_s: int = 0
    delimiter: str = ""
    header: bool | None = None
    decimal: str = "."
    price_scale: float = 1.0

    def sentences(self) -> list[tuple[str, str]]:
        """Label and finding, in the order in which a person wants them."""
        said = [("file", self.kind)]
        if self.delimiter:
            said.append(("delimiter", _DELIMITERS.get(self.delimiter, self.delimiter)))
        if self.header is not None:
            said.append(("header", "yes" if self.header else "none"))
        if self.decimal != ".":
            said.append(("decimal mark", self.decimal))
        named = [f"{r} = {self.columns[r]}" for r in ROLES if r in self.columns]
        said.append(("columns", ", ".join(named)))
        said.append(("times", self.time_form))
        said.append(("zone", f"{self.zone} ({self.why_zone})"))
        said.append(("stamps", f"bar {self.stamp} ({self.why_stamp})"))
        if self.price_scale != 1.0:
            said.append(("prices", f"fixed point, times {self.price_scale:g}"))
        said.append(("bar length", base_name(self.base_s)))
        return said
