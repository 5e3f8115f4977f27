"""What the desk may do, and why: a set of causes that come and go.

The worst cause decides: ACTIVE may do everything, REDUCING only what lowers exposure, HALTED only
cancel, protect and flatten. A cause may bind one instrument alone. Some causes end by themselves
when the fault does; those that a person must see stay until a person resumes, over restarts too.
What is only a matter of time, such as the age of what was heard, is asked at the very moment.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from julie.core.types import DeskState, Reason

_WORDS: Final = {DeskState.REDUCING: Reason.REDUCING, DeskState.HALTED: Reason.HALTED}


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why the desk may not do everything."""

    name: str  # a word, unique: the same name again replaces it
    level: DeskState
    text: str
    reason: Reason  # what an entry that it forbids is told
    symbol: str | None = None  # the instrument it binds; None = all
    sticky: bool = False  # only a person takes it away


Told = Callable[[DeskState, str, tuple[str, ...]], None]
FirmsRule = Callable[[int], str]  # which rule of the firm a balance in cents breaks, in words
Doubt = Callable[[str], Reason]  # by instrument: why no entry may be sent just now


def _unexplained(balance_cents: int) -> str:
    """Nobody here knows the account's rules."""
    del balance_cents
    return "which rule was broken stands on the account's page at the venue"


class Standing:
    """The causes that hold, and the state they make."""

    def __init__(self, told: Told, *first: Cause) -> None:
        self._causes = {cause.name: cause for cause in first}  # what holds before anything is known
        self._told = told
        self._doubts: list[Doubt] = []
        self.firms_rule: FirmsRule = _unexplained

    @property
    def state(self) -> DeskState:
        """The worst of what binds all instruments."""
        return max(
            (cause.level for cause in self._causes.values() if cause.symbol is None),
            default=DeskState.ACTIVE,
        )

    @property
    def causes(self) -> tuple[Cause, ...]:
        """All that hold, in the order in which they came."""
        return tuple(self._causes.values())

    def holds(self, name: str) -> bool:
        """Whether a cause of that name holds."""
        return name in self._causes

    def gate(self, symbol: str) -> Reason:
        """Why no entry may be sent on the instrument; NONE = it may."""
        mine = [one for one in self._causes.values() if one.symbol in (None, symbol)]
        worst = max(mine, key=lambda one: one.level, default=None)
        if worst is not None:
            return worst.reason
        found = (doubt(symbol) for doubt in self._doubts)
        return next((one for one in found if one is not Reason.NONE), Reason.NONE)

    def asks(self, doubt: Doubt) -> None:
        """Whoever asks for the gate has this answered too, from now on."""
        self._doubts.append(doubt)

    def reduce(
        self, name: str, text: str, reason: Reason = Reason.REDUCING, symbol: str | None = None
    ) -> None:
        """No entries until this ends by itself."""
        self._enter(Cause(name, DeskState.REDUCING, text, reason, symbol))

    def halt(self, name: str, text: str, *, sticky: bool = True) -> None:
        """Cancel, protect and flatten only; `sticky` until a person resumes."""
        self._enter(Cause(name, DeskState.HALTED, text, Reason.HALTED, None, sticky))

    def release(self, name: str) -> None:
        """The fault is over; a cause that a person must see stays."""
        cause = self._causes.get(name)
        if cause is None or cause.sticky:
            return
        del self._causes[name]
        self._tell(f"{name}: over")

    def resume(self, reason: str) -> tuple[str, ...]:
        """A person has seen what stopped the desk; the names that were taken away."""
        gone = tuple(name for name, cause in self._causes.items() if cause.sticky)
        for name in gone:
            del self._causes[name]
        if gone:
            self._tell(f"resumed: {reason}")
        return gone

    def restore(self, names: Iterable[str]) -> None:
        """Take up what still held when the last run ended and only a person takes away."""
        for name in names:
            if name not in self._causes:
                text = f"{name}: from an earlier run, not yet resumed"
                self._causes[name] = Cause(
                    name, DeskState.HALTED, text, Reason.HALTED, None, sticky=True
                )

    def _enter(self, cause: Cause) -> None:
        before = self._causes.get(cause.name)
        if before is not None and before.level >= cause.level and before.sticky >= cause.sticky:
            return
        self._causes[cause.name] = cause
        self._tell(f"{cause.name}: {cause.text}")

    def _tell(self, text: str) -> None:
        sticky = (name for name, cause in self._causes.items() if cause.sticky)
        self._told(self.state, text, tuple(sticky))
