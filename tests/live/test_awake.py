"""The machine is kept awake by a helper that ends with us."""

import sys

import pytest

from julie.live.awake import Awake

pytestmark = pytest.mark.tier1
WAITS = (sys.executable, "-c", "import sys; sys.stdin.read()")


def test_it_is_held_from_the_first_word_to_the_last() -> None:
    awake, told = Awake(WAITS), []
    for wanted in (False, True, True, False):
        awake.hold(wanted)
        told.append(awake.held)
    assert told == [False, True, True, False]
    awake.release()


@pytest.mark.parametrize("command", [(), ("no-such-helper-anywhere",)])
def test_a_system_without_a_helper_changes_nothing(command: tuple[str, ...]) -> None:
    awake = Awake(command)
    awake.hold(True)
    awake.hold(True)
    assert not awake.held
    awake.release()
