"""The machine is kept awake by a helper that ends with us, on Windows by a word to the system."""

import ctypes
import sys
from types import SimpleNamespace

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


class Kernel:
    """SetThreadExecutionState: what it was told, and what it answers."""

    def __init__(self, answer: int = 0x8000_0000) -> None:
        self.told: list[int] = []
        self._answer = answer

    def __call__(self, flags: int) -> int:
        self.told.append(flags)
        return self._answer


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Kernel:
    """Windows, as far as it can be had anywhere."""
    made = Kernel(*getattr(request, "param", ()))
    dll = SimpleNamespace(kernel32=SimpleNamespace(SetThreadExecutionState=made))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", dll, raising=False)
    return made


def test_windows_is_told_once_to_stay_awake_and_once_that_it_may_sleep(kernel: Kernel) -> None:
    awake, held = Awake(), []
    for wanted in (False, True, True, False, False):
        awake.hold(wanted)
        held.append(awake.held)
    assert held == [False, True, True, False, False]
    assert kernel.told == [0x8000_0001, 0x8000_0000]
    awake.hold(True)
    awake.release()
    awake.release()
    assert kernel.told == [0x8000_0001, 0x8000_0000] * 2


@pytest.mark.parametrize("kernel", [(0,)], indirect=True)
def test_windows_that_refuses_is_asked_once(kernel: Kernel) -> None:
    awake = Awake()
    awake.hold(True)
    awake.hold(True)
    awake.release()
    assert (awake.held, kernel.told) == (False, [0x8000_0001])
