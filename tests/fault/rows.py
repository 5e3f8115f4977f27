"""The marker of a row, and what turns a scenario into a test that ends in the invariants."""

import asyncio
import functools
import json
import os
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.fault.frame import Scenario, Scene, run_fault
from tests.fault.invariants import assert_invariants
from tests.fault.outcome import Outcome

SEED: Final = "JULIE_FAULT_SEED"
TOLD: Final = "row.json"
TIMEOUT_S: Final = 120
Play = Callable[[Scene], Awaitable[None]]


def played(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Play a scenario to its end."""
    return asyncio.run(work)


def seed_of() -> int:
    """The seed of this run, from which a row draws its chances."""
    return int(os.environ.get(SEED, "1"))


def row_told(folder: Path, outcome: Outcome) -> None:
    """Keep beside a row what the table tells of it."""
    told = {
        "seed": outcome.seed,
        "told": "; ".join(outcome.told_at_end),
        "safe_s": outcome.safe_s,
        "back_s": outcome.back_s,
    }
    (folder / TOLD).write_text(json.dumps(told), encoding="utf-8")


def row(ident: str) -> pytest.MarkDecorator:
    """Names the row of the matrix that a test belongs to; for tests that need no scene."""
    return pytest.mark.fault(ident)


def fault(
    ident: str, *, cases: Sequence[Any] = (), nightly: bool = False, **setup: Any
) -> Callable[[Play], Any]:
    """Make a test of a scenario; `cases` play it once each, as `scene.case`; the soak alone plays
    a `nightly` one.
    """

    def made(play: Play) -> Any:
        def test(tmp_path: Path, case: Any) -> None:
            outcome = played(run_fault(Scenario(play, **setup), seed_of(), tmp_path, case))
            row_told(tmp_path, outcome)
            assert_invariants(outcome)

        def alone(tmp_path: Path) -> None:
            test(tmp_path, None)

        found: Any = test if cases else alone
        found.__name__, found.__doc__ = play.__name__, play.__doc__
        found.__qualname__, found.__module__ = play.__qualname__, play.__module__
        tier = pytest.mark.tier4 if nightly else pytest.mark.tier2
        marks = [row(ident), tier, pytest.mark.timeout(TIMEOUT_S)]
        if cases:
            marks.append(pytest.mark.parametrize("case", cases, ids=str))
        return functools.reduce(lambda one, mark: mark(one), marks, found)

    return made
