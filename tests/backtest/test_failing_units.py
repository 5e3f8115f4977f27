"""A strategy, a judge or a column that raises is apart from the others, in a batch as live."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from julie.backtest import runner
from julie.backtest.audit.findings import Findings
from julie.backtest.runner import Request, Run, build
from julie.core.errors import StrategyError
from julie.core.types import Code, Reason
from julie.core.unit_watch import MOST, trading_days
from julie.defense.base import deny, judge
from julie.defense.catalogue import in_order
from julie.market.columns.column import Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE, VOLUME
from julie.market.columns.window import Vec, Window
from julie.strategies.base import Entries, Params
from tests.backtest.provoking import RULES, loaded, minute_of, only, rule, sessions, stepped

POISON = 13.0  # the volume of a bar on which units fail
SERIES = tuple(only(bars, minute_of(bars) >= 1200) for bars in sessions(3, 7, ("MES",)))
ROWS = len(SERIES[0])
SHOWN = ("instrument", "strategy", "side", "ts", "sl_ticks", "tp_ticks", "ref_close")
Marks = tuple[int, ...]


def rose(w: Window) -> Entries:
    room = w.high - w.low[3] + 10 * w.tick
    return Entries(when=w.close > w.close[1], stop=w.close - room, target=w.close + room)


def fall(w: Window, p: Params) -> Vec:
    del p
    poisoned(w.volume.values)
    return w.close < w.close[4]


def poisoned(volume: Any) -> None:
    if np.any(np.asarray(volume) == POISON):
        raise LookupError("the bar is poisoned")


@rule("balks", cooldown=1)
def balks(w: Window, p: Params) -> Entries:
    """Raise on a poisoned bar."""
    del p
    poisoned(w.volume.values)
    return rose(w)


@rule("stays", cooldown=1, exits=fall)
def stays(w: Window, p: Params) -> Entries:
    """Fail in its exits on a poisoned bar."""
    del p
    return rose(w)


@rule("never", cooldown=1)
def never(w: Window, p: Params) -> Entries:
    """Raise always."""
    del w, p
    raise KeyError("nothing works")


def summed(
    state: Any, close: Any, volume: Any, out: Any, start: int, stop: int
) -> None:  # a kernel that a strategy brings along
    for t in range(start, stop):
        state[0] += 1.0  # begun, and then it fails
        poisoned(volume[t])
        state[1] += close[t] - close[t - 1] if state[0] > 1 else 0.0
        out[t] = state[1]


SUM = Kernel(
    "summed", summed, (Output("summed", Mirror.ODD, "rise since the start"),), state=lambda: 2
).column("summed", (CLOSE, VOLUME))


@rule("reads", (SUM.named("sum"),), cooldown=1)
def reads(w: Window, p: Params) -> Entries:
    """Trade by a column that raises on a poisoned bar."""
    del p
    said = rose(w)
    return replace(said, when=said.when & (w.sum == w.sum))


@judge(name="balking", columns=(VOLUME,), numbers=("volume",))
def balking(c: Any, p: Any) -> Any:
    """Raise on a poisoned bar, deny on others now and then."""
    del p
    poisoned(c.volume)
    return deny(c.ref_close * 4 % 3 == 0, Reason.IN_CHOP, c.volume)


MORE = {one.name: one for one in (balks, stays, never, reads)}


def request(rules: tuple[str, ...], marks: Marks = ()) -> Request:
    """A run over sessions of which some bars are poisoned."""
    series = []
    for bars in SERIES:
        volume = np.where(bars.volume == POISON, POISON + 1, bars.volume)
        volume[[row for row in marks if row < len(bars)]] = POISON
        series.append(replace(bars, volume=volume))
    known = {**RULES, **MORE}
    chosen = tuple(known[name] for name in sorted(rules))
    traded = tuple(bars.instrument for bars in series)
    return Request(tuple(series), traded, chosen, tree(rules))


def tree(rules: tuple[str, ...]) -> Any:
    known = {**RULES, **MORE}
    for name in rules:
        RULES.setdefault(name, known[name])
    return loaded("risk.gate.entries_a_day=0").tree


def ran(asked: Request) -> Run:
    return runner.trade(runner.search(asked))


def stepped_anew(batch: Run) -> tuple[Run, Findings]:
    """The same rows one by one through units that know of no failure yet."""
    pipeline = build(batch.request, tuple(batch.facts.strategies))
    return stepped(replace(batch, pipeline=pipeline))


def said_by(run: Run, name: str) -> list[tuple[Any, ...]]:
    """A strategy's candidates with all codes and outcomes."""
    place = [one.name for one in run.facts.strategies].index(name)
    c = run.judged.candidates
    rows = np.flatnonzero(c.strategy == place)
    columns = [getattr(c, one)[rows].tolist() for one in SHOWN if one != "strategy"]
    codes = run.judged.chain.codes[rows].tolist()
    return list(zip(*columns, codes, strict=True))


@pytest.fixture(autouse=True)
def rules_as_before() -> Iterator[None]:
    before = dict(RULES)
    yield
    RULES.clear()
    RULES.update(before)


@pytest.fixture
def with_balking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge at the end of the chain."""
    monkeypatch.setattr(runner, "in_order", lambda names: (*in_order(names), balking))


def some_marks(seed: int) -> Marks:
    """Rows drawn by chance: single ones, and as many of a day that units are off."""
    drawn = np.random.default_rng(seed).choice(np.arange(3, ROWS), 2 + 3 * seed, replace=False)
    return tuple(sorted(drawn.tolist()))


SEEDS = pytest.mark.parametrize("seed", [0, 1, 3])


@pytest.mark.parametrize("name", ["balks", "stays", "reads"])
@SEEDS
def test_others_speak_as_without_it_and_live_fails_on_the_same_closes(name: str, seed: int):
    marks = some_marks(seed)
    alone, both = ran(request(("angler",), marks)), ran(request(("angler", name), marks))
    assert said_by(both, "angler") == said_by(alone, "angler")
    assert len(both.failed) == 1
    live, found = stepped_anew(both)
    assert found.total == 0
    assert len(live.judged.candidates) == len(both.judged.candidates)
    spoke = both.judged.candidates.ts[both.judged.candidates.strategy == 1]
    assert len(spoke) > 10
    assert not set(spoke.tolist()) & set(SERIES[0].ts[list(marks)].tolist())


@SEEDS
def test_a_judge_fails_live_on_the_closes_of_the_batch(with_balking: None, seed: int):
    del with_balking
    marks = some_marks(seed)
    run = ran(request(("angler", "pinger"), marks))
    live, found = stepped_anew(run)
    assert found.total == 0
    asked = np.isin(run.judged.candidates.ts, SERIES[0].ts[list(marks)])
    assert bool(run.failed) == bool(asked.any())
    assert (run.judged.chain.codes[asked, -1] == Code.DENY).all()
    assert len(live.judged.candidates) == len(run.judged.candidates)


def test_the_other_judges_codes_are_those_of_a_chain_without_it(monkeypatch):
    marks = tuple(range(10, ROWS, 7))
    without = ran(request(("angler", "pinger"), marks))
    monkeypatch.setattr(runner, "in_order", lambda names: (*in_order(names), balking))
    run = ran(request(("angler", "pinger"), marks))
    assert (run.judged.chain.codes[:, :-1] == without.judged.chain.codes).all()
    denied = run.judged.chain.reason == Reason.JUDGE_FAILED
    assert denied.sum() > 30
    assert (run.judged.chain.codes[denied, -1] == Code.DENY).all()


def test_after_three_closes_of_a_day_a_judge_lets_nobody_pass_till_the_next(with_balking):
    del with_balking
    run = ran(request(("angler",)))
    ts = np.unique(run.judged.candidates.ts)
    first_day = ts[trading_days(ts) == trading_days(ts)[0]]
    rows = np.searchsorted(SERIES[0].ts, first_day[[2, 4, 6]])
    assert (SERIES[0].ts[rows] == first_day[[2, 4, 6]]).all()
    run = ran(request(("angler",), tuple(rows.tolist())))
    spoken = run.judged.chain.spoken
    failed = np.unique(
        run.judged.candidates.ts[spoken.candidate[spoken.reason == Reason.JUDGE_FAILED]]
    )
    assert failed.tolist() == [*first_day[[2, 4]].tolist(), *first_day[6:].tolist()]
    assert [unit.closes for unit in run.pipeline.chain.units][-1] == MOST


def test_a_rule_that_always_fails_changes_nothing_and_is_told():
    alone, both = ran(request(("angler", "pinger"))), ran(request(("angler", "never", "pinger")))
    for name in ("angler", "pinger"):
        assert said_by(both, name) == said_by(alone, name)
    legs = [int(run.record.account[0]["legs"]) for run in (alone, both)]
    assert legs[0] == legs[1] > 0
    fields = ("entry_ns", "exit_ns", "entry_tick", "exit_tick", "gross", "side", "qty")
    for field in fields:
        one, other = (run.record.trades[field][: legs[0]].tolist() for run in (alone, both))
        assert one == other
    assert all("never" in said and "nothing works" in said for said in both.failed)
    assert "off for the rest of 3 trading days" in both.failed[0]


def test_where_a_whole_result_is_wanted_a_failure_refuses_it():
    with pytest.raises(StrategyError, match="nothing works"):
        runner.run(request(("angler", "never")))


def test_a_rule_that_is_no_rule_of_rows_ends_the_run():
    @rule("whole", cooldown=1)
    def whole(w: Window, p: Params) -> Entries:
        """Fail unless it is asked about one row."""
        del p
        if np.ndim(w.close.values):
            raise ValueError("one row at a time")
        return rose(w)

    MORE["whole"] = whole
    try:
        with pytest.raises(StrategyError, match="one row at a time"):
            ran(request(("whole",)))
    finally:
        del MORE["whole"]
