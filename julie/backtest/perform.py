"""A backtest from what was asked to the written folder: load, run, finish, write."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from julie.backtest.finish import finish, run_id_of
from julie.backtest.output import write_run
from julie.backtest.repeat import keep_request
from julie.backtest.report.model import Report
from julie.backtest.request import Asked, make_request
from julie.backtest.result import RunResult
from julie.backtest.runner import search, trade
from julie.core.clock import Clock
from julie.core.config import Loaded
from julie.core.interruption import held_back
from julie.settings import Settings
from julie.store.atomic import writable_folder

SECOND_NS = 1_000_000_000
Meter = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, slots=True)
class Wish:
    """How the run is to be worked and written."""

    out: Path | None = None
    data_dir: Path | None = None
    variants: bool = False
    oos_only: bool = False
    jobs: int = 1
    plots: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Performed:
    """A written run, what interrupted it and what failed in it, if anything did."""

    result: RunResult
    report: Report
    stopped: BaseException | None
    failed: tuple[str, ...]


def perform(
    asked: Asked,
    loaded: Loaded[Settings],
    wish: Wish,
    clock: Clock,
    meter: Meter,
    say: Callable[[str], None],
) -> Performed:
    """Run and write; the folder is tried before the long work begins.

    An interruption ends the search for candidates; what was found till then is traded, written and
    marked. Once the search is over the first interruption waits until all is written.
    """
    settings = loaded.tree
    started = datetime.fromtimestamp(clock.now_ns() // SECOND_NS, UTC).isoformat()
    request = make_request(asked, settings, wish.data_dir or Path(settings.data.folder))
    writable_folder(wish.out or Path(settings.report.folder))
    with meter("bars", sum(len(bars) for bars in request.series)) as advance:
        found = search(replace(request, progress=_steps(advance)))
    with held_back(lambda: say("writing what was done; once more leaves without it")) as held:
        finished = trade(found)
        run_id = run_id_of(loaded, finished, asked, started)
        place = wish.out or Path(settings.report.folder) / run_id
        result = finish(
            finished,
            loaded,
            run_id,
            started,
            variants=wish.variants,
            jobs=wish.jobs,
            oos_only=wish.oos_only,
        )
        report = write_run(result, place, plots=wish.plots and settings.report.plots)
        keep_request(asked, place)
    return Performed(result, report, found.swept.stopped or held.back, finished.failed)


def _steps(advance: Callable[[int], None]) -> Callable[[int, int], None]:
    """From rows done in all to rows done since the last time."""
    last = 0

    def told(done: int, total: int) -> None:
        nonlocal last
        del total
        advance(done - last)
        last = done

    return told
