"""A bar that the venue has otherwise: what was decided on it stands, what follows is as if it had
been right from the first.
"""

from dataclasses import replace

import pytest

from julie.core.taken import MinuteTaken
from julie.desk.minutes import DeskMinutes
from tests.backtest.test_minutes import Story, bits, fresh

pytestmark = [pytest.mark.tier1, pytest.mark.timeout(120)]


def spoilt(taken: MinuteTaken) -> MinuteTaken | None:
    """The minute with another high of its first instrument."""
    first = taken.bars[0]
    if first is None or taken.fills[0]:
        return None
    return replace(taken, bars=(replace(first, high=first.high + 0.75), *taken.bars[1:]))


def rested(desk: DeskMinutes, taken: MinuteTaken) -> bytes:
    """What the desk tells of a minute; it makes ready for the next one, as live does."""
    told = bits(desk.close(taken))
    desk.rest()
    return told


def test_a_corrected_bar_leaves_no_trace_in_what_follows() -> None:
    story = Story("as shipped", 5)
    told = [bits(one) for one in story.told]
    kept = lasting = 0
    for at in range(60, 300, 70):
        wrong = spoilt(story.heard[at])
        if wrong is None:
            continue
        right, tail = story.heard[at], slice(at + 1, at + 160)
        answers = {}
        for name in ("corrected", "left"):
            desk = fresh(story.run)
            before = [rested(desk, one) for one in story.heard[:at]]
            assert before == told[:at]
            same = rested(desk, wrong) == told[at]
            after = story.heard[tail]
            if name == "corrected":
                after = [replace(after[0], corrected=(right.bars[0], None)), *after[1:]]
            answers[name] = [rested(desk, one) for one in after] if same else []
        if answers["corrected"]:
            kept += 1
            assert answers["corrected"] == told[tail]
            lasting += answers["left"] != told[tail]
    assert kept >= 2
    assert lasting >= 1, "a wrong bar that is left changes nothing: the test shows nothing"
