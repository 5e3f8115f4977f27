"""What the venue refuses: V3, V4, V5, V6, V8."""

from pathlib import Path
from typing import Any

import pytest

from julie.core.permits import Close
from julie.core.types import DeskState, ExitReason, Reason
from julie.core.zones import SECOND_NS
from tests.fault.rows import row
from tests.fault.venue_play import play
from tests.fault.venue_scene import SHORT, Scene

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(120)]

CODES = ((2, 3, 4, 5), (6, 7, 10))


async def refused_once(scene: Scene) -> None:
    """An entry that the venue refuses; nothing more of it happens."""
    before = len(await scene.requests("/Order/place"))
    scene.submit(scene.entry())

    async def asked() -> bool:
        return len(await scene.requests("/Order/place")) > before

    await scene.until(asked)
    await scene.until(lambda: scene.executor.idle and not scene.executor.book.open_plans())


@row("V3")
@pytest.mark.parametrize("codes", CODES, ids=str)
def test_v3_a_refused_entry_is_dropped_with_its_reason(
    tmp_path: Path, codes: tuple[int, ...]
) -> None:
    async def act(scene: Scene) -> None:
        for count, code in enumerate(codes, start=1):
            await scene.rule("reject", {"role": "entry"}, code=code, text=f"no, by code {code}")
            await refused_once(scene)
            await scene.pause(2)
            assert len(await scene.requests("/Order/place")) == count
            (dropped,) = scene.executor.take_dropped()
            assert dropped.reason is Reason.REJECTED, code
        await scene.open()  # the next bar's
        await scene.must_hold()

    play(act, tmp_path)


@row("V3")
@pytest.mark.parametrize("code", [8, 9])
def test_v3_a_contract_that_is_not_there_ends_its_instrument(tmp_path: Path, code: int) -> None:
    async def act(scene: Scene) -> None:
        await scene.rule("reject", {"role": "entry"}, code=code)
        await refused_once(scene)
        assert "no_contract_MES" in scene.causes()
        scene.submit(scene.entry())
        await scene.until(lambda: len(scene.alarms("not_sent")) == 1)
        assert len(await scene.requests("/Order/place")) == 1
        reasons = [one.reason for one in scene.executor.take_dropped()]
        assert sorted(reasons) == [Reason.CONTRACT_INACTIVE, Reason.REJECTED]
        await scene.must_hold()

    play(act, tmp_path)


@row("V3")
def test_v3_five_refusals_in_a_row_halt_the_desk(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.rule("reject", {"role": "entry"}, code=3, scope={"count": 9})
        for _ in range(5):
            await refused_once(scene)
        assert scene.executor.state is DeskState.HALTED
        assert "entry_refused" in scene.causes()
        scene.submit(scene.entry())
        await scene.until(lambda: len(scene.alarms("not_sent")) == 1)
        assert len(await scene.requests("/Order/place")) == 5
        await scene.must_hold()

    play(act, tmp_path, entries_a_minute=60)


@row("V3")
def test_v3_a_call_too_many_is_no_refusal_of_an_entry(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.rule("reject", {"role": "entry"}, code=3, scope={"count": 4})
        for _ in range(4):
            await refused_once(scene)
        path = {"path": "/api/Order/place"}
        await scene.rule("status", path, status=429, scope={"count": 1})
        await refused_once(scene)
        reasons = [one.reason for one in scene.executor.take_dropped()]
        assert reasons == [Reason.REJECTED] * 5
        assert "too many calls" in scene.alarms("entry_refused")[-1]
        assert scene.executor.state is DeskState.ACTIVE, "the fifth was no refusal"
        await scene.must_hold()

    play(act, tmp_path, entries_a_minute=60)


def of_role(truth: dict[str, Any], role: str) -> list[Any]:
    return [one for one in truth["orders"] if one["role"] == role]


def first_fill_ns(truth: dict[str, Any]) -> int:
    return int(truth["fills"][0]["ns"])


@row("V4")
@pytest.mark.parametrize("side", [1, -1])
def test_v4_a_stop_that_the_venue_dropped_is_laid_by_hand(tmp_path: Path, side: int) -> None:
    async def act(scene: Scene) -> None:
        await scene.rule("reject", {"role": "stop"})
        sides = {} if side > 0 else {"side": SHORT}
        scene.submit(scene.entry(legs=((2, 40),), **sides))
        await scene.until(scene.covered)
        await scene.must_hold()
        truth = await scene.truth()
        _, by_hand = of_role(truth, "stop")
        assert by_hand["created_ns"] - first_fill_ns(truth) <= 2 * SECOND_NS
        assert by_hand["size"] == 2
        assert by_hand["price"] == (4995.25 if side > 0 else 5004.75)
        assert len(scene.alarms("missing_leg")) == 1
        assert scene.executor.state is DeskState.ACTIVE

    play(act, tmp_path)


@row("V4")
def test_v4_a_stop_refused_again_closes_the_position_and_halts(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.rule("reject", {"role": "stop"}, text="no stops today", scope={"count": 99})
        scene.submit(scene.entry(legs=((2, 40),)))

        async def over() -> bool:
            return bool((await scene.truth())["fills"]) and await scene.flat()

        await scene.until(over)
        await scene.must_hold()
        truth = await scene.truth()
        assert truth["fills"][-1]["ns"] - first_fill_ns(truth) <= 5 * SECOND_NS
        assert scene.executor.state is DeskState.HALTED
        assert "leg_refused" in scene.causes()
        assert {one["role"] for one in truth["fills"]} == {"entry", "close"}

    play(act, tmp_path)


@row("V5")
@pytest.mark.parametrize("times", [1, 99])
def test_v5_a_target_that_the_venue_dropped_leaves_the_stop_alone(
    tmp_path: Path, times: int
) -> None:
    async def act(scene: Scene) -> None:
        await scene.rule("reject", {"role": "target"}, scope={"count": times})
        scene.submit(scene.entry(legs=((2, 40),)))
        name = "missing_leg" if times == 1 else "target_missing"
        await scene.until(lambda: len(scene.alarms(name)) == 1, 30.0)
        await scene.must_hold()
        truth = await scene.truth()
        (stop,) = of_role(truth, "stop")
        assert (stop["size"], stop["price"], stop["status"]) == (2, 4995.25, 1)
        assert len(of_role(truth, "target")) == 2
        assert next(one["status"] for one in of_role(truth, "target")) == 5
        assert not await scene.requests("/Order/modify")
        assert not await scene.requests("/Order/cancel")

    play(act, tmp_path)


@row("V6")
def test_v6_the_bracket_setting_is_named_at_the_first_refusal(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.account("mode", value="position_brackets")
        await refused_once(scene)
        assert scene.executor.state is DeskState.HALTED
        told = [cause.text for cause in scene.executor.standing.causes]
        assert any("Auto OCO" in text for text in told)
        for _ in range(3):
            scene.submit(scene.entry())
        await scene.until(lambda: len(scene.alarms("not_sent")) == 3)
        assert len(await scene.requests("/Order/place")) == 1
        assert scene.executor.book.open_plans() == []
        await scene.must_hold()

    play(act, tmp_path)


@row("V8")
@pytest.mark.parametrize("by", ["us", "somebody"])
def test_v8_a_leg_left_after_a_close_is_taken_off(tmp_path: Path, by: str) -> None:
    async def act(scene: Scene) -> None:
        await scene.open(legs=((2, 40),))
        if by == "us":
            await scene.rule(  # the cancels before the close and at once behind it are lost
                "drop_request", {"path": "/api/Order/cancel"}, scope={"count": 4}
            )
            scene.submit(Close(scene.position(2), 2, ExitReason.TIME))
        else:
            await scene.account("foreign_close", contract=scene.contract)

        async def held_nothing() -> bool:
            return await scene.net() == 0

        await scene.until(held_nothing)
        scene.submit(scene.entry())  # while legs may be left
        await scene.until(scene.flat)
        await scene.must_hold(foreign=True)
        truth = await scene.truth()
        assert scene.alarms("orphan_order") == []
        out = max(one["ns"] for one in truth["fills"])
        assert all(one["updated_ns"] - out <= 5 * SECOND_NS for one in truth["orders"])
        assert len(of_role(truth, "entry")) == 1

    play(act, tmp_path)
