"""The exchange in a folder: one JSON file, written whole or not at all."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from julie.simgate.exchange.setup import Setup
from julie.simgate.exchange.state import Ledger
from julie.simgate.market.stalls import MarketState
from julie.store.atomic import atomic

FILE: Final = "exchange.json"


@dataclass(frozen=True, slots=True)
class Saved:
    """All that a restart needs."""

    setup: Setup
    ledger: Ledger
    market: MarketState


def _out(value: Any) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"no writing of {type(value)}")


def _in(kind: type, value: Any) -> Any:
    if issubclass(kind, Path):
        return Path(value)
    raise NotImplementedError(f"no reading of {kind}")


def write(folder: Path, saved: Saved) -> None:
    """Write the state."""
    folder.mkdir(parents=True, exist_ok=True)
    with atomic(folder / FILE) as draft:
        Path(draft).write_bytes(msgspec.json.encode(saved, enc_hook=_out))


def read(folder: Path) -> Saved:
    """Read it again; OSError or ValueError where it cannot be."""
    return msgspec.json.decode((folder / FILE).read_bytes(), type=Saved, dec_hook=_in)
