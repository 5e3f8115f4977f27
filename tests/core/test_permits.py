"""What a broker accepts cannot be made wrong."""

import pytest

from julie.core.permits import Approved, Close, Entry, Leg, NearerStop, Position, Protect
from julie.core.seal import SEAL, Seal
from julie.core.types import EntryKind, ExitReason, Side

LONG = Position("MES", "CON.F.US.MES.Z26", Side.LONG, 3)
SHORT = Position("MES", "CON.F.US.MES.Z26", Side.SHORT, 3)


def entry(**changed: object) -> Entry:
    stated: dict[str, object] = {
        "intent": "a1",
        "symbol": "MES",
        "contract": "CON.F.US.MES.Z26",
        "side": Side.LONG,
        "kind": EntryKind.MARKET,
        "stop_ticks": 9,
        "legs": (Leg(1, 11), Leg(2, 22)),
        "decided_ns": 1,
    }
    return Entry(**{**stated, **changed})  # type: ignore[arg-type]


def test_only_the_seal_approves() -> None:
    assert Approved(entry(), SEAL).value.qty == 3
    with pytest.raises(TypeError, match="risk alone"):
        Approved(entry(), Seal())
    with pytest.raises(TypeError):
        Approved(entry(), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"stop_ticks": 0},
        {"legs": ()},
        {"limit_tick": 100},
        {"kind": EntryKind.LIMIT},
    ],
)
def test_an_entry_refuses_nonsense(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="got Entry"):
        entry(**changed)


@pytest.mark.parametrize("qty", [0, 4])
def test_what_reduces_is_never_above_the_position(qty: int) -> None:
    with pytest.raises(ValueError, match="of 3 contracts"):
        Close(LONG, qty, ExitReason.MANUAL)
    with pytest.raises(ValueError, match="of 3 contracts"):
        Protect(LONG, qty, 100)
    assert Close(LONG, 3, ExitReason.MANUAL).qty == 3


def test_a_stop_only_moves_nearer() -> None:
    assert NearerStop("o1", LONG, 100, 101).to_tick == 101
    assert NearerStop("o1", SHORT, 100, 99).to_tick == 99
    for position, to_tick in ((LONG, 99), (LONG, 100), (SHORT, 101)):
        with pytest.raises(ValueError, match="not nearer"):
            NearerStop("o1", position, 100, to_tick)
