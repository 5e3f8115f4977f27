"""Fills that come in parts, doubled, crossed or early: V1, V2, V9, V10, V11, V12."""

from pathlib import Path
from typing import Any

import pytest

from julie.core.events import OrderState, OrderUpdate, PositionChanged
from julie.core.permits import CancelEntry
from julie.core.types import ExitReason, Side
from julie.core.zones import SECOND_NS
from tests.fault.rows import row
from tests.fault.venue_play import play
from tests.fault.venue_scene import LONG, SHORT, Scene

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(120)]


async def watched_until(scene: Scene, net: int) -> int:
    """Until so much is held; the most that stood without a stop at any look, in contracts."""
    bare = 0

    async def reached() -> bool:
        nonlocal bare
        for one in (await scene.truth())["positions"]:
            bare = max(bare, abs(one["net"]) - one["covered"])
        return await scene.net() == net

    await scene.until(reached)
    return bare


async def first_of_three(scene: Scene, side: Side = LONG, **rest: Any) -> None:
    """Enter three contracts of which one fills, covered from then on; `rest`: when others do."""
    await scene.rule("partial", {"role": "entry"}, size=1, **rest)
    scene.submit(scene.entry(side, legs=((3, 40),)))
    assert await watched_until(scene, int(side)) == 0


async def entries_working(scene: Scene, count: int) -> None:
    """Until so many entries work at the venue."""

    async def reached() -> bool:
        return len(await scene.orders("entry", working=True)) == count

    await scene.until(reached)


@row("V1")
@pytest.mark.parametrize("side", [LONG, SHORT])
def test_v1_an_entry_filled_in_part_is_covered_from_its_first_contract(
    tmp_path: Path, side: Side
) -> None:
    async def act(scene: Scene) -> None:
        await first_of_three(scene, side, seconds=20)
        assert await watched_until(scene, 3 * int(side)) == 0
        await scene.must_hold()
        assert len(await scene.orders("entry")) == 1

    play(act, tmp_path)


@row("V1")
@pytest.mark.parametrize("side", [LONG, SHORT])
def test_v1_a_leg_stopped_out_of_its_first_contract_buys_no_more(
    tmp_path: Path, side: Side
) -> None:
    async def act(scene: Scene) -> None:
        await first_of_three(scene, side, seconds=20)
        await scene.prints((0.2, 5000.0 - 7.0 * int(side), 5))
        await scene.until(scene.flat, 5.0)
        await scene.pause(20)
        assert await scene.net() == 0
        (entry,) = await scene.orders("entry")
        assert (entry["filled"], entry["status"]) == (1, 3)
        await scene.must_hold()

    play(act, tmp_path)


@row("V1")
def test_v1_what_is_bought_behind_its_own_stop_is_covered_without_asking(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await first_of_three(scene, seconds=6)
        await scene.rule("drop_request", {"path": "/api/Order/cancel"}, scope={"for_s": 8})
        await scene.rule("delay", {"path": "/api/*earch*"}, seconds=3.5, scope={"for_s": 15})
        await scene.prints((0.2, 4993.0, 5), (1.0, 5000.0, 5))

        async def again() -> bool:
            held = (await scene.truth())["positions"]
            return any(one["net"] == 2 and one["covered"] >= 2 for one in held)

        await scene.until(again, 20.0)
        assert await scene.violations() == []

    play(act, tmp_path)


@row("V1")
def test_v1_the_rest_that_never_comes_makes_the_plan_smaller(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await first_of_three(scene, seconds=5, then="cancel")
        await entries_working(scene, 0)
        await scene.must_hold()
        works = [(one["role"], one["size"] - one["filled"]) for one in await scene.orders()]
        assert ("stop", 1) in works
        assert ("target", 1) in works
        fills, _ = scene.executor.take_fills("MES", 0, scene.clock.now_ns() + 1)
        assert [(fill.slot, fill.qty) for fill in fills] == [(0, 1)]

    play(act, tmp_path)


@row("V1")
def test_v1_a_limit_entry_filled_in_part_is_withdrawn_by_its_expiry(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.rule("partial", {"role": "entry"}, size=1)
        scene.submit(scene.entry(legs=((3, 40),), limit=4995.0))
        await entries_working(scene, 1)
        await scene.prints((1.0, 4994.0, 5))
        assert await watched_until(scene, 1) == 0
        scene.submit(CancelEntry("MES:0:0", scene.contract))
        await entries_working(scene, 0)
        await scene.must_hold()
        assert await scene.net() == 1

    play(act, tmp_path)


@row("V2")
@pytest.mark.parametrize(("role", "points"), [("target", 12.0), ("stop", -7.0)])
@pytest.mark.parametrize("venue_cuts", [True, False])
def test_v2_an_exit_filled_in_part_leaves_no_more_exits_than_contracts(
    tmp_path: Path, role: str, points: float, venue_cuts: bool
) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((3, 40),))
        await scene.rule("partial", {"role": role}, size=1, seconds=15)
        if not venue_cuts:
            await scene.rule("orphan", {"role": role})
        await scene.gap(points)
        await watched_until(scene, 2)

        async def cut() -> bool:
            works = await scene.orders(working=True)
            return all(one["size"] - one["filled"] <= 2 for one in works)

        await scene.until(cut, 5.0)
        await scene.until(scene.flat)
        await scene.must_hold()
        assert {one["role"] for one in (await scene.truth())["fills"]} == {"entry", role}

    play(act, tmp_path)


@row("V9")
@pytest.mark.parametrize(("role", "points"), [("target", 12.0), ("stop", -7.0)])
def test_v9_stop_and_target_that_both_fill_are_turned_back_at_once(
    tmp_path: Path, role: str, points: float
) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((2, 40),))
        await scene.rule("both", {"role": role})
        await scene.gap(points)

        async def turned_back() -> bool:
            return len((await scene.truth())["fills"]) == 4 and await scene.flat()

        await scene.until(turned_back)
        await scene.must_hold()
        truth = await scene.truth()
        first, last = truth["fills"][1]["ns"], truth["fills"][3]["ns"]
        assert last - first < 3 * SECOND_NS
        changes = scene.of(PositionChanged)
        assert changes[-1].qty == 0
        assert changes[-1].exit_reason is ExitReason.RECONCILE
        assert "turned" in scene.causes()
        (entry, out), closing = scene.executor.take_fills("MES", 0, scene.clock.now_ns() + 1)
        assert closing == 1 + ExitReason.RECONCILE
        earned = 125 * out.qty * (out.tick - entry.tick)
        assert (entry.qty, out.qty) == (2, 2)
        assert earned == round(100 * sum(one["pnl"] or 0 for one in truth["fills"]))

    play(act, tmp_path)


@row("V10")
@pytest.mark.parametrize("fault", ["reorder", "answer late"])
def test_v10_a_fill_that_comes_before_its_accept_is_ours(tmp_path: Path, fault: str) -> None:
    async def act(scene: Scene) -> None:
        if fault == "reorder":
            await scene.rule("reorder", {"event": "GatewayUser*"}, window=5)
        else:
            await scene.rule("delay", {"path": "/api/Order/place"}, seconds=0.4, after=True)
        scene.submit(scene.entry(legs=((2, 40),)))
        await watched_until(scene, 2)
        await scene.must_hold()
        await scene.pause(8)  # over a comparison
        assert scene.alarms("unknown_position") == []
        assert scene.alarms("foreign_orders") == []
        assert len(await scene.orders("entry")) == 1
        await scene.must_hold()

    play(act, tmp_path)


@row("V11")
def test_v11_an_order_stuck_pending_is_asked_for_then_cancelled(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.rule("pend", {"role": "entry"}, seconds=60)
        scene.submit(scene.entry())

        async def asked() -> bool:
            return bool(await scene.requests("/Order/searchById"))

        async def over() -> bool:
            orders = await scene.orders("entry")
            return bool(orders) and orders[0]["status"] == 3

        assert await scene.until(asked, 12.0) > 3.0
        scene.submit(scene.entry())
        assert await scene.until(over, 25.0) > 3.0
        await scene.until(lambda: scene.executor.idle)
        assert len(await scene.orders("entry")) == 1
        told = [one.state for one in scene.of(OrderUpdate) if one.tag.endswith("L1")]
        assert told[-1] is OrderState.CANCELLED
        assert len(scene.alarms("order_stuck")) == 1
        await scene.must_hold()

    play(act, tmp_path)


@row("V12")
def test_v12_a_cancel_that_comes_too_late_is_a_fill(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.submit(scene.entry(legs=((2, 40),), limit=4995.0))
        await entries_working(scene, 1)
        await scene.until(lambda: scene.executor.idle)
        await scene.rule("race", {"role": "entry"})
        scene.submit(CancelEntry("MES:0:0", scene.contract))
        await watched_until(scene, 2)
        await scene.must_hold()
        assert scene.book_net() == 2
        works_now = {one["role"]: one["size"] for one in await scene.orders(working=True)}
        assert works_now == {"stop": 2, "target": 2}

    play(act, tmp_path)
