"""Section `defense`: the order of the judges and the exceptions to their numbers.

A judge is set by `defense.<judge>`, `defense.sessions.<SESSION>.<judge>` and
`strategies.<name>.defense.<judge>`, the later wins; each is `{numbers}`, `observe` (judged and
recorded, does not count), `off` or `on`. What the layers come to is settled in `overrides.py`.
"""

from typing import Any

from pydantic import Field

from julie.core.params import Params
from julie.core.section import Section, key

Layer = dict[str, Any] | str


class Judges(Section):
    """Entries by judge; the fields are made from the catalogue."""

    def layers(self) -> dict[str, Layer]:
        """What is set, judge by judge: the numbers that were given, or a word."""
        found = {name: getattr(self, name) for name in self.model_fields_set}
        return {
            name: _given(entry) if isinstance(entry, Params) else entry
            for name, entry in found.items()
            if isinstance(entry, Params | str)
        }


def _given(params: Params) -> dict[str, Any]:
    return {name: getattr(params, name) for name in params.model_fields_set}


class SessionsOfJudges(Section):
    """Exceptions by session; the fields are made from the catalogue."""

    ASIA: Judges = Judges()
    LONDON: Judges = Judges()
    NY_AM: Judges = Judges()
    NY_PM: Judges = Judges()

    def layers(self) -> dict[str, dict[str, Layer]]:
        """What is set, session by session."""
        return {name: getattr(self, name).layers() for name in type(self).model_fields}


class DefenseSection(Judges):
    """The chain of judges."""

    order: tuple[str, ...] = key((), "the judges as they are asked; the first denier is the reason")
    sessions: SessionsOfJudges = Field(
        SessionsOfJudges(), description="session: judge: {its numbers} | observe | off"
    )

    def layers(self) -> dict[str, Layer]:
        """What is set, judge by judge, for all sessions and strategies."""
        frame = DefenseSection.model_fields
        return {name: layer for name, layer in super().layers().items() if name not in frame}
