"""The live desk hears minutes: what it tells equals the batch, and a journal of them replays."""

from collections.abc import Sequence
from dataclasses import fields, replace

import msgspec
import numpy as np
import pytest

from julie.backtest.audit.findings import Findings
from julie.backtest.audit.reference import Reference
from julie.backtest.audit.stepping import CAPACITY, Stepper
from julie.backtest.engine import new_graph
from julie.backtest.harvest import decision_columns, number_columns, trade_columns
from julie.backtest.result import Coded, Columns
from julie.backtest.runner import Run, constant_tables, fresh_record
from julie.backtest.timeline import roll_flags
from julie.core.calendar import load_calendar
from julie.core.sessions import session_table
from julie.core.taken import MinuteTaken
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS
from julie.desk.commands import Order
from julie.desk.keeping import RecordError
from julie.desk.minutes import DeskMinutes
from julie.desk.moments import Moments
from julie.desk.rehearsal import rehearse
from julie.desk.told import Told
from julie.market.blocks import block_ends, run_blocks
from julie.market.columns.graph import Graph
from tests.backtest.provoking import minute_of, only, provoked, rolled, sessions

WIDE = (
    "defense.circuit_breaker={account_losses: 0, strategy_losses: 3}",
    "defense.directional_loss=off",
    "risk.gate.entries_a_day=0",
)
CASES = {
    "as shipped": (),
    "wide": WIDE,
    "over the night": (*WIDE, "account.profile=plain", "management.trail={by: atr, atr: 1.5}"),
}


def graph_of(run: Run) -> Graph:
    tables = constant_tables(run.request, load_calendar())
    return new_graph(run.pipeline, run.request.series, tables, CAPACITY)


def fresh(run: Run, seen: int = 0) -> DeskMinutes:
    """A new desk whose columns have seen the first minutes of the run."""
    graph, series = graph_of(run), run.request.series
    if seen:
        for _ in run_blocks(graph, series, run.pipeline.symbols, run.line.ts, block_ends(seen)):
            pass
        graph.roll()
    flags = [roll_flags(bars) for bars in series]
    parts = session_table(run.request.settings.sessions.starts)
    return DeskMinutes(
        run.pipeline, graph, fresh_record(run), run.request.traded, run.facts.strategies,
        Moments(load_calendar(), parts, series[0].base_ns),
        lambda k, ts: int(flags[k][int(np.searchsorted(series[k].ts, ts))]),
    )  # fmt: skip


class Story:
    """A run stepped from its first row: what the desk heard, and told."""

    def __init__(self, name: str, seed: int) -> None:
        mes, mnq = (only(b, minute_of(b) >= 1000) for b in sessions(2, seed))
        self.run = provoked((rolled(mes, 500), mnq), *CASES[name])
        self.heard: list[MinuteTaken] = []
        self.told: list[Told] = []
        symbols = self.run.pipeline.symbols
        stepper = Stepper(self.run, graph_of(self.run), fresh_record(self.run), self._heard)
        nothing = Reference({s: {} for s in symbols}, dict.fromkeys(symbols, 0))
        self.live = stepper.walk(0, nothing, Findings(), lambda *_: None)

    def _heard(self, taken: MinuteTaken, told: Told) -> None:
        self.heard.append(taken)
        self.told.append(told)


@pytest.fixture(scope="module", params=[(name, 5 + n) for n, name in enumerate(CASES)])
def story(request: pytest.FixtureRequest) -> Story:
    return Story(*request.param)


def bits(told: Told, orders: Sequence[Order] | None = None) -> bytes:
    """All that was told, to the bit; NaN is not equal to itself. Orders are told as words."""
    given = told.orders if orders is None else orders
    plain = (told.decision, told.closed, told.equity)
    return msgspec.msgpack.encode(plain) + repr([_words(one) for one in given]).encode()


def _words(order: object) -> str:
    return repr(getattr(order, "value", order))


def values(columns: Columns, name: str) -> list[object]:
    found = columns[name]
    if isinstance(found, Coded):
        return [found.names[code] if code >= 0 else None for code in found.codes]
    return np.asarray(found).tolist()


@pytest.mark.tier1
class TestAgainstTheBatch:
    def test_every_leg_that_closed_is_told_as_the_records_have_it(self, story: Story) -> None:
        run = story.run
        batch = trade_columns(run.record, run.judged, run.facts, run.line.day)
        closed = [one for told in story.told for one in told.closed]
        assert len(closed) > 10
        for field in fields(closed[0]):
            wanted = values(batch, field.name)[: len(closed)]
            assert [getattr(one, field.name) for one in closed] == wanted, field.name

    def test_every_candidate_is_told_with_its_codes_and_numbers(self, story: Story) -> None:
        run, chain = story.run, story.run.pipeline.chain
        told = [c for one in story.told if one.decision for c in one.decision.candidates]
        batch, numbers = decision_columns(run.judged, run.facts), number_columns(run.judged, chain)
        assert [c.candidate for c in told] == list(range(len(run.judged.candidates)))
        for mine, theirs in (
            ("symbol", "instrument"), ("strategy", "strategy"), ("sl_ticks", "sl_ticks"),
            ("ref_close", "ref_close"), ("confidence", "confidence"), ("note", "note"),
        ):  # fmt: skip
            assert [getattr(c, mine) for c in told] == values(batch, theirs), mine
        spoken = [(c.candidate, s.judge, s.reason.word) for c in told for s in c.spoken]
        columns = (values(numbers, name) for name in ("candidate_id", "judge", "reason"))
        assert spoken == list(zip(*columns, strict=True))

    def test_the_outcome_is_the_reason_of_the_close(self, story: Story) -> None:
        later = {Reason.EXPIRED, Reason.WITHDRAWN, Reason.LIMIT_UNFILLED, Reason.NO_NEXT_BAR}
        told = [c for one in story.told if one.decision for c in one.decision.candidates]
        for one, end in zip(told, story.run.judged.table.outcome.tolist(), strict=True):
            assert one.outcome is Reason.NONE if end >= 0 or -end in later else one.outcome == -end


@pytest.mark.tier1
class TestReplay:
    def test_recorded_minutes_give_the_same_answers(self, story: Story) -> None:
        """Openings are not in the journal; whoever replays gets their orders with the minute."""
        desk, decoder = fresh(story.run), msgspec.msgpack.Decoder(MinuteTaken)
        for taken, told in zip(story.heard, story.told, strict=True):
            again = desk.close(decoder.decode(msgspec.msgpack.encode(taken)))
            orders = again.orders[-len(told.orders) :] if told.orders else ()
            assert bits(again, orders) == bits(told)
        assert np.array_equal(desk.outcomes[:-5], story.run.judged.table.outcome[:-5])

    def test_a_rehearsal_and_rests_leave_no_trace(self, story: Story) -> None:
        desk = fresh(story.run)
        before = desk.snapshot()
        rehearse(story.run.pipeline, desk.record, desk.symbols, MINUTE_NS)
        assert desk.snapshot() == before
        assert not any(unit.failed for unit in story.run.pipeline.units())
        for taken, told in zip(story.heard, story.told, strict=True):
            again = bits(desk.close(taken), told.orders)
            desk.rest()
            assert again == bits(told)

    def test_a_rehearsal_goes_beside_an_open_plan(self, story: Story) -> None:
        desk, opened = fresh(story.run), 0
        for number, taken in enumerate(story.heard):
            desk.close(taken)
            if number % 7 == 0 and desk.record.plans["state"].any():
                before, opened = desk.snapshot(), opened + 1
                copy = rehearse(story.run.pipeline, desk.record, desk.symbols, MINUTE_NS)
                assert desk.snapshot() == before
                assert copy.plans[0]["held"].tolist() == [1, 0]
        assert opened

    @pytest.mark.parametrize("share", [0.21, 0.5, 0.83])
    def test_a_killed_desk_goes_on_from_the_day_s_start(self, story: Story, share: float) -> None:
        """Snapshot somewhere, kill later, restore, feed again what was heard since."""
        at = int(share * len(story.heard))
        first = fresh(story.run)
        for taken in story.heard[:at]:
            first.close(taken)
        kept = first.snapshot()
        second = fresh(story.run, seen=at)
        second.restore(kept)
        assert second.snapshot() == kept
        for taken in story.heard[at:]:
            assert bits(second.close(taken)) == bits(first.close(taken))
        assert second.snapshot() == first.snapshot()

    def test_an_opening_may_be_told_twice(self, story: Story) -> None:
        desk, orders = fresh(story.run), 0
        for taken, told in zip(story.heard, story.told, strict=True):
            for k, bar in enumerate(taken.bars):
                if bar is not None:
                    orders += len(desk.opening(k, bar.ts))
                    assert desk.opening(k, bar.ts) == []
            assert bits(desk.close(replace(taken, opened=desk.opened))) == bits(told)
        assert orders >= 0


@pytest.mark.tier1
class TestAnotherConfiguration:
    def test_an_open_plan_keeps_its_own_numbers(self) -> None:
        """Sizes, stops and limits of today hold from the next entry on."""
        before = Story("wide", 6)
        at = next(n for n, taken in enumerate(before.heard) if _enters(taken)) + 1
        desk = fresh(before.run)
        for taken in before.heard[:at]:
            desk.close(taken)
        plan = desk.record.plans.copy()
        sets = ("strategies.pinger={sizing: fixed, contracts: 3}", "risk.caps.open_positions=7")
        today = provoked(before.run.request.series, *WIDE, *sets)
        other = fresh(today, seen=at)
        other.restore(desk.snapshot())
        assert np.array_equal(other.record.plans, plan)
        assert int(other.record.rules[0]["max_positions"]) == 7
        assert set(other.record.strategies["contracts"].tolist()) > {3}
        assert other.record.account[0]["balance"] == desk.record.account[0]["balance"]

    def test_a_strategy_that_is_gone_keeps_its_plan(self) -> None:
        before = Story("wide", 6)
        at = next(n for n, taken in enumerate(before.heard) if _enters(taken)) + 1
        desk = fresh(before.run)
        for taken in before.heard[:at]:
            desk.close(taken)
        holds = [int(p["strategy"]) for p in desk.record.plans if p["state"] != 0]
        name = before.run.facts.strategies[holds[0]].name
        left = [one.name for one in before.run.facts.strategies if one.name != name]
        today = provoked(before.run.request.series, *WIDE, rules=left)
        other = fresh(today, seen=at)
        other.restore(desk.snapshot())
        closed = [one for taken in before.heard[at:] for one in other.close(taken).closed]
        assert closed[0].strategy == name
        assert {one.strategy for one in closed[1:]} >= set(left)

    def test_an_unknown_layout_is_refused(self, story: Story) -> None:
        desk = fresh(story.run)
        kept = desk.snapshot()
        assert desk.day_closed().layout.encode() in kept
        other = kept.replace(desk.day_closed().layout.encode(), b"desk-000000000000")
        with pytest.raises(RecordError, match="layout"):
            fresh(story.run).restore(other)
        with pytest.raises(RecordError, match="cannot be read"):
            fresh(story.run).restore(kept[:40])

    def test_an_open_plan_on_what_is_not_traded_now_is_refused(self) -> None:
        before = Story("wide", 6)
        desk = fresh(before.run)
        for taken in before.heard:
            desk.close(taken)
            if desk.record.plans[0]["state"] != 0:
                break
        alone = provoked(before.run.request.series[1:], *WIDE)
        with pytest.raises(RecordError, match="MES"):
            fresh(alone).restore(desk.snapshot())


class TestTheVenueGoverns:
    def test_its_balance_is_taken_and_fires_the_breaker(self, story: Story) -> None:
        desk = fresh(story.run)
        desk.close(story.heard[0])
        told = desk.close(replace(story.heard[1], balance_cents=4_900_000))
        assert told.equity.balance_cents == 4_900_000
        if story.run.request.settings.account.profile != "plain":
            assert desk.record.account[0]["breaker"] == Reason.DAY_LOSS

    def test_money_outside_every_leg_is_booked(self, story: Story) -> None:
        desk = fresh(story.run)
        desk.close(story.heard[0])
        before = desk.close(story.heard[1]).equity.balance_cents
        told = desk.close(replace(story.heard[2], booked_cents=-1_250))
        plain = fresh(story.run)
        for taken in story.heard[:2]:
            plain.close(taken)
        assert told.equity.balance_cents == plain.close(story.heard[2]).equity.balance_cents - 1_250
        assert before <= 5_000_000

    def test_a_person_lets_the_breaker_go(self, story: Story) -> None:
        desk = fresh(story.run)
        desk.close(story.heard[0])
        desk.record.account[0]["breaker"] = Reason.ACCOUNT_LOSS_STREAK
        desk.close(replace(story.heard[1], reset=True))
        assert desk.record.account[0]["breaker"] == 0


def _enters(taken: MinuteTaken) -> bool:
    """An entry filled, and no exit in the same minute."""
    slots = {fill.slot for fills in taken.fills for fill in fills}
    return bool(slots) and slots <= {0, 3}
