"""What the audited window proved: a strategy without a candidate or a judge without a verdict
proves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from julie.backtest.runner import Run
from julie.core.types import Code
from julie.desk.verdicts import code_columns


@dataclass(frozen=True, slots=True)
class Coverage:
    """Events by strategy and judge."""

    strategies: Mapping[str, int]
    judges: Mapping[str, int]
    silent: Mapping[str, str]

    @property
    def untested_strategies(self) -> tuple[str, ...]:
        """Strategies that could speak and did not."""
        return tuple(name for name, n in self.strategies.items() if n == 0)

    @property
    def untested_judges(self) -> tuple[str, ...]:
        """Judges that neither denied nor scaled anything."""
        return tuple(name for name, n in self.judges.items() if n == 0)


def coverage(run: Run) -> Coverage:
    """Count the events of a run."""
    c = run.judged.candidates
    spoken = {
        s.name: int(np.count_nonzero(c.strategy == place))
        for place, s in enumerate(run.facts.strategies)
    }
    codes = code_columns(run.judged, run.pipeline.chain)
    judged = {
        name: int(np.isin(code, (Code.SCALE, Code.DENY)).sum()) for name, code in codes.items()
    }
    return Coverage(spoken, judged, dict(run.silent))
