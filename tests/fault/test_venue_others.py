"""Somebody else on the account, and the firm: V14 to V19, V28."""

from pathlib import Path
from typing import Any

import pytest

from julie.core.events import Alarm
from julie.core.types import DeskState, ExitReason
from julie.core.zones import SECOND_NS
from julie.execution.venue import VenueUnreachable
from tests.fault.rows import row
from tests.fault.venue_play import play
from tests.fault.venue_scene import Scene

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(120)]

NOTHING = {"success": True, "errorCode": 0, "errorMessage": None}


async def legs_at_work(scene: Scene) -> dict[str, int]:
    """Contracts of working exits by role."""
    sizes: dict[str, int] = {}
    for one in await scene.orders(working=True):
        sizes[one["role"]] = sizes.get(one["role"], 0) + one["size"] - one["filled"]
    return sizes


@row("V14")
@pytest.mark.parametrize(
    ("policy", "size"), [("adopt", 2), ("adopt", -1), ("flatten", -1), ("leave", 2)]
)
def test_v14_a_position_of_somebody_else_is_named_and_never_ours(
    tmp_path: Path, policy: str, size: int
) -> None:
    async def act(scene: Scene) -> None:
        side = "buy" if size > 0 else "sell"
        await scene.account("foreign", contract=scene.contract, side=side, size=abs(size))
        await scene.until(lambda: bool(scene.alarms("unknown_position")), 10.0)
        text = scene.alarms("unknown_position")[0]
        foreign = (await scene.truth())["fills"][0]  # it may be closed already
        assert f"holds {size} at {foreign['price']:.2f}" in text
        if policy != "flatten":  # there it would be let in once all is closed
            scene.submit(scene.entry())
        if policy == "adopt":
            await scene.until(scene.covered, 8.0)
        elif policy == "flatten":
            await scene.until(scene.flat, 10.0)
        await scene.pause(4)
        assert [one for one in await scene.orders("entry") if not one["foreign"]] == []
        assert scene.executor.take_fills("MES", 0, scene.clock.now_ns() + 1) == ((), 0)
        violations = await scene.violations()
        assert violations == [] or policy == "leave"

    play(act, tmp_path, unknown_position=policy)


@row("V14")
def test_v14_a_position_on_another_contract_is_told_and_left(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        other = scene.ready.contracts["ES"]
        await scene.account("foreign", contract=other, side="buy", size=1)
        await scene.until(lambda: bool(scene.alarms("unknown_position")), 10.0)
        text = scene.alarms("unknown_position")[0]
        assert other in text
        assert "5000" in text
        await scene.until(lambda: scene.executor.gate("MES").name == "NONE", 10.0)
        await scene.open(legs=((2, 40),))
        await scene.pause(5)
        touched = {one["contract"] for one in await scene.requests("/Position/closeContract")}
        assert other not in touched
        assert await scene.net() == 2
        found = [one for one in await scene.violations() if one["contract"] != other]
        assert found == []

    play(act, tmp_path, "--serve", "MES,ES")


@row("V14")
@row("H12")
@pytest.mark.parametrize("size", [1, 2, 3])
def test_h12_an_entry_on_its_way_meets_what_somebody_opened(tmp_path: Path, size: int) -> None:
    async def act(scene: Scene) -> None:
        await scene.rule("delay", {"path": "/api/Order/place"}, seconds=1.5, scope={"count": 1})
        scene.submit(scene.entry(legs=((2, 40),)))
        await scene.pause(0.5)
        await scene.account("foreign", contract=scene.contract, side="sell", size=size)
        await scene.until(lambda: scene.book_net() == 2 - size, 15.0)
        await scene.until(lambda: scene.executor.gate("MES").name == "NONE", 15.0)
        await scene.pause(6)
        assert await scene.net() == 2 - size
        left = abs(2 - size)
        assert (await legs_at_work(scene)).get("stop", 0) == left
        assert await scene.violations() == []

    play(act, tmp_path)


@row("V14")
def test_v14_on_our_contract_and_on_another_at_once(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        other = scene.ready.contracts["ES"]
        await scene.open(legs=((1, 40),))
        await scene.account("foreign", contract=other, side="sell", size=1)
        await scene.account("foreign", contract=scene.contract, side="buy", size=2)
        await scene.until(lambda: len(scene.alarms("unknown_position")) >= 1, 10.0)
        await scene.until(lambda: bool(scene.alarms("size_mismatch")), 10.0)

        async def protected() -> bool:
            held = (await scene.truth())["positions"]
            ours = [one for one in held if one["contract"] == scene.contract]
            return all(one["covered"] >= one["net"] == 3 for one in ours)

        await scene.until(protected, 8.0)
        (text,) = scene.alarms("unknown_position")
        assert f"{other}, the venue holds -1 at 4999.75" in text
        assert "the venue holds 3 at" in scene.alarms("size_mismatch")[0]
        scene.submit(scene.entry())
        await scene.until(lambda: len(scene.alarms("not_sent")) == 1)
        fills, _ = scene.executor.take_fills("MES", 0, scene.clock.now_ns() + 1)
        assert [(one.slot, one.qty) for one in fills] == [(0, 1)], "only ours is our trade"
        touched = {one["contract"] for one in await scene.requests("/Position/closeContract")}
        assert other not in touched
        found = [one for one in await scene.violations() if one["contract"] != other]
        assert found == []

    play(act, tmp_path, "--serve", "MES,ES")


@row("V15")
@pytest.mark.parametrize("legs", [((2, 40),), ((1, 30), (1, 40))])
@pytest.mark.parametrize("cancels", [False, True])
def test_v15_what_somebody_closed_is_booked_from_the_trades(
    tmp_path: Path, legs: tuple[tuple[int, int], ...], cancels: bool
) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=legs)
        if cancels:
            for one in await scene.orders(working=True):
                await scene.account("foreign_cancel", order=one["id"])
        await scene.account("foreign_close", contract=scene.contract)
        await scene.until(lambda: scene.book_net() == 0, 10.0)
        await scene.until(scene.flat, 10.0)
        await scene.until(lambda: not scene.executor.book.open_plans(), 10.0)
        truth = await scene.truth()
        (out,) = [one for one in truth["fills"] if one["foreign"]]
        fills, closing = scene.executor.take_fills("MES", 0, scene.clock.now_ns() + 1)
        exits = [one for one in fills if one.slot >= 6]
        assert [one.tick for one in exits] == [out["tick"]] * len(legs)
        assert [one.qty for one in exits] == [qty for qty, _ in legs]
        assert closing == 1 + ExitReason.RECONCILE
        stops = [one for one in truth["orders"] if one["role"] == "stop"]
        assert len(stops) == len(legs)
        assert scene.alarms("phantom_trade")
        await scene.pause(8)  # over the next comparison
        await scene.must_hold(foreign=True)
        assert scene.executor.gate("MES").name == "NONE"

    play(act, tmp_path)


@row("V15")
def test_v15_what_somebody_closed_in_part_leaves_the_rest_protected(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((3, 40),))
        await scene.account("foreign_close", contract=scene.contract, size=1)

        async def cut() -> bool:
            return await legs_at_work(scene) == {"stop": 2, "target": 2}

        await scene.until(cut, 10.0)
        assert await scene.net() == 2
        await scene.pause(8)
        assert await scene.net() == 2
        await scene.must_hold(foreign=True)

    play(act, tmp_path)


@row("V16")
def test_v16_a_stop_moved_nearer_is_taken_over(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((2, 40),))
        (stop,) = await scene.orders("stop")
        await scene.account("foreign_modify", order=stop["id"], price=4998.0)
        await scene.pause(8)
        (stop,) = await scene.orders("stop")
        assert (stop["price"], stop["size"]) == (4998.0, 2)
        assert await scene.requests("/Order/modify") == []
        assert scene.executor.state is DeskState.ACTIVE
        await scene.must_hold()

    play(act, tmp_path)


@row("V16")
@pytest.mark.parametrize("deed", ["move", "cancel"])
def test_v16_a_stop_moved_away_or_taken_off_is_put_back_three_times(
    tmp_path: Path, deed: str
) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((2, 40),))
        for count in range(1, 4):
            (stop,) = await scene.orders("stop", working=True)
            if deed == "move":
                await scene.account("foreign_modify", order=stop["id"], price=4980.0)
            else:
                await scene.account("foreign_cancel", order=stop["id"])

            async def back() -> bool:
                works = await scene.orders("stop", working=True)
                return [(one["price"], one["size"]) for one in works] == [(4995.25, 2)]

            assert await scene.until(back) <= 5.0
            halted = scene.executor.state is DeskState.HALTED
            await scene.until(lambda: scene.executor.idle)
            assert halted == (count == 3)
        assert "stop_touched" in scene.causes()
        await scene.must_hold()

    play(act, tmp_path)


@row("V17")
@pytest.mark.parametrize("cut", [False, True])
def test_v17_what_the_venue_holds_more_is_covered_at_once(tmp_path: Path, cut: bool) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((1, 40),))
        if cut:
            await scene.rule("mute", {"hub": "user"}, scope={"count": 6})
        await scene.account("foreign", contract=scene.contract, side="buy", size=1)
        began = (await scene.truth())["clock"]

        async def both() -> bool:
            return await scene.net() == 2 and await scene.covered()

        await scene.until(both)
        took = (await scene.truth())["clock"] - began
        assert took <= (10 if cut else 5) * SECOND_NS  # what no hub tells is found by a reading
        if not cut:
            assert await scene.violations() == []
        assert scene.alarms("size_mismatch")
        assert scene.book_net() == 2
        fills, _ = scene.executor.take_fills("MES", 0, scene.clock.now_ns() + 1)
        assert [(one.slot, one.qty) for one in fills] == [(0, 1)]

    play(act, tmp_path)


@row("V18")
@pytest.mark.parametrize("legs", [((2, 40),), ((1, 30), (1, 40))])
def test_v18_after_a_liquidation_nothing_more_is_sent(
    tmp_path: Path, legs: tuple[tuple[int, int], ...]
) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=legs)
        named = "the daily loss limit at"
        scene.executor.standing.firms_rule = lambda cents: f"{named} {cents / 100:,.2f}"
        before = len(await scene.requests("/Order/place"))
        await scene.account("liquidate")
        await scene.until(lambda: "liquidated" in scene.causes(), 10.0)
        await scene.until(lambda: not scene.executor.book.open_plans(), 10.0)
        scene.submit(scene.entry())
        await scene.pause(8)
        assert len(await scene.requests("/Order/place")) == before
        assert scene.executor.state is DeskState.HALTED
        truth = await scene.truth()
        (out,) = [one for one in truth["fills"] if one["role"] == "close"]
        fills, closing = scene.executor.take_fills("MES", 0, scene.clock.now_ns() + 1)
        assert closing == 1 + ExitReason.LIQUIDATED
        assert [one.tick for one in fills if one.slot >= 6] == [out["tick"]] * len(legs)
        (text,) = [one.text for one in scene.executor.standing.causes if one.name == "liquidated"]
        loss = 100 * sum((one["pnl"] or 0) - one["fees"] for one in truth["fills"])
        assert f"{abs(loss) / 100:,.2f}" in text
        balance = (await scene.venue.account()).balance_cents
        assert f"the daily loss limit at {balance / 100:,.2f}" in text
        await scene.must_hold()

    play(act, tmp_path)


@row("V19")
@pytest.mark.parametrize("silent", [False, True])
def test_v19_lost_trading_rights_stop_entries_and_leave_the_stop(
    tmp_path: Path, silent: bool
) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((2, 40),))
        before = await scene.orders(working=True)
        await scene.account("can_trade", value=False, silent=silent)
        limit = 32.0 if silent else 2.0
        await scene.until(lambda: scene.executor.gate("MES").name == "CANNOT_TRADE", limit)
        assert scene.executor.state is DeskState.REDUCING
        scene.submit(scene.entry())
        await scene.pause(3)
        assert await scene.orders(working=True) == before
        await scene.account("can_trade", value=True, silent=silent)
        await scene.until(lambda: scene.executor.gate("MES").name == "NONE", 35.0)
        await scene.must_hold()

    play(act, tmp_path)


PAGED = "/api/Order/v2/query"
STALE: dict[str, dict[str, Any]] = {
    "/api/Position/searchOpen": {"positions": [], **NOTHING},
    "/api/Order/search": {"orders": [], **NOTHING},
    "/api/Order/v2/query": {"orders": [], "totalCount": 0, **NOTHING},
    "/api/Trade/search": {"trades": [], **NOTHING},
}


@row("V28")
@pytest.mark.parametrize("fault", ["lags", "one of two", "fails"])
def test_v28_a_search_that_lags_or_fails_closes_nothing(tmp_path: Path, fault: str) -> None:
    async def act(scene: Scene) -> None:
        for path, body in STALE.items():
            if fault == "lags":
                await scene.rule("body", {"path": path}, json=body, scope={"for_s": 3.5})
            elif fault == "one of two":
                for nth in (2, 4, 6, 8):
                    await scene.rule("body", {"path": path, "nth": nth}, json=body)
            else:
                await scene.rule("status", {"path": path}, status=500, scope={"for_s": 20})
        await scene.open(legs=((2, 40),))
        await stands_all_the_same(scene)

    play(act, tmp_path)


async def stands_all_the_same(scene: Scene) -> None:
    """Nothing that stands was taken for gone, and it goes on."""
    scene.executor.reconcile_soon("test")
    await scene.pause(25)
    scene.executor.reconcile_soon("test")
    await scene.until(lambda: scene.executor.gate("MES").name == "NONE", 20.0)
    assert scene.alarms("phantom_trade") == []
    assert scene.alarms("size_mismatch") == []
    assert scene.alarms("missing_leg") == []
    assert await legs_at_work(scene) == {"stop": 2, "target": 2}
    assert scene.executor.state is DeskState.ACTIVE
    await scene.must_hold()


@row("V28")
@pytest.mark.parametrize("fault", ["pages of one", "one page"])
def test_v28_a_search_that_shows_a_page_closes_nothing(tmp_path: Path, fault: str) -> None:
    async def act(scene: Scene) -> None:
        if fault == "pages of one":
            await scene.sim("dialect", {"orders_a_page": 1})
        await scene.open(legs=((2, 40),))
        if fault == "one page":  # of three orders it shows none, whatever is asked for
            cut = {**STALE[PAGED], "totalCount": 3}
            await scene.rule("body", {"path": PAGED}, json=cut, scope={"for_s": 20})
            with pytest.raises(VenueUnreachable, match="0 of 3 orders"):
                await scene.venue.open_orders()
        else:
            assert {one.kind.name for one in await scene.venue.open_orders()} == {"STOP", "LIMIT"}
        await stands_all_the_same(scene)

    play(act, tmp_path)


@row("V28")
def test_v28_an_absence_is_read_twice_two_seconds_apart(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((2, 40),))
        await scene.rule("mute", {"hub": "user"}, scope={"for_s": 30})
        path = "/api/Trade/search"  # nothing explains it as yet
        await scene.rule("body", {"path": path}, json=STALE[path], scope={"for_s": 2})
        gone_ns = (await scene.truth())["clock"]
        await scene.account("foreign_close", contract=scene.contract)
        scene.executor.reconcile_soon("test")
        await scene.until(lambda: bool(scene.alarms("phantom_trade")), 45.0)
        told = [one for one in scene.said if isinstance(one.payload, Alarm)]
        told_ns = next(one.ts_exchange for one in told if one.payload.kind == "phantom_trade")  # type: ignore[union-attr]
        reads = [one["ns"] for one in await scene.requests("/Position/searchOpen", gone_ns)]
        before = [ns for ns in reads if ns <= told_ns]
        assert len(before) >= 2
        assert before[-1] - before[0] >= 2 * SECOND_NS
        await scene.until(lambda: scene.book_net() == 0, 30.0)
        await scene.until(scene.flat, 10.0)
        await scene.must_hold(foreign=True)

    play(act, tmp_path)
