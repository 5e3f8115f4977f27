"""Every reason has words, and its numbers stand in them in a trader's units."""

import math

import pytest

from julie.core.types import Reason
from julie.core.words import WORDS, sentence


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words(reason: Reason) -> None:
    assert reason in WORDS
    assert sentence(reason)
    assert "{" not in sentence(reason, (1.0, 2.0, 3.0, 4.0))


def test_numbers_stand_in_the_sentence() -> None:
    shown = sentence(Reason.IN_CHOP, (4.25, 5.1, math.nan, math.nan))
    assert shown == "Chop filter: 30-bar range 4.25 < 5.10 needed"


@pytest.mark.parametrize(
    ("reason", "numbers", "part"),
    [
        (Reason.DAY_LOSS, (-751.5, -750.0, 2, 5), "day -$751.50, limit -$750.00"),
        (Reason.LAST_ENTRY_TIME, (1320.0, 1320.0), "16:00 ET"),
        (Reason.LAST_ENTRY_TIME, (0.0, 1320.0), "18:00 ET"),
        (Reason.CORRELATED_SIDE, (1, -1), "held long, this would be short"),
        (Reason.HOLIDAY_CLOSED, (2.0,), "Thanksgiving Day"),
        (Reason.STRATEGY_LOSS_STREAK, (0, 0, 3, 3), "3 losses running of 3"),
    ],
)
def test_units(reason: Reason, numbers: tuple[float, ...], part: str) -> None:
    assert part in sentence(reason, numbers)


def test_missing_numbers_leave_the_plain_sentence() -> None:
    assert sentence(Reason.PENALTY_BOX, (math.nan, 1.0)) == WORDS[Reason.PENALTY_BOX].plain
    assert sentence(Reason.PENALTY_BOX) == WORDS[Reason.PENALTY_BOX].plain


def test_not_ready_names_the_judge() -> None:
    assert sentence(Reason.NOT_READY, judge="chop").startswith("chop: ")
