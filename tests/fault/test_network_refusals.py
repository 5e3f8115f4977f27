"""The venue's no: a token that is over, every code of every call, a tag that is in use."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from julie.core.events import Intent, OrderState, OrderUpdate
from julie.core.tasks import Tasks
from julie.core.types import Side
from julie.execution.venue import NewOrder, OrderKind, Refused, Unknown
from julie.gateway.client import Client
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from tests.fault.asking import ASKS_ONCE
from tests.fault.frame import Scene
from tests.fault.gate import Gate, calls
from tests.fault.network_seen import (
    CANCEL,
    LOGIN,
    MODIFY,
    ONCE,
    PLACE,
    accepted,
    client_of,
    entry,
    journal,
    ready,
    told_of,
)
from tests.fault.outcome import Outcome
from tests.fault.rows import fault, row


@fault("N10")
async def test_n10_a_token_refused_in_the_middle_of_an_entry(scene: Scene) -> None:
    await ready(scene)
    began = (await scene.gate.truth()).clock
    await scene.gate.rule("expire_tokens", PLACE, ONCE)
    await scene.until("asked", lambda truth: bool(calls(truth, PLACE["path"], began)))
    await scene.gate.play_to(56)
    await scene.until("protected", scene.protected)

    def renewed_once(outcome: Outcome) -> None:
        truth = outcome.truth
        assert len(calls(truth, LOGIN, began)) == 1
        assert calls(truth, PLACE["path"], began)[0].status == 401
        assert len(accepted(outcome)) == 1

    scene.checks.append(renewed_once)


@row("N10")
@pytest.mark.tier2
@pytest.mark.timeout(60)
def test_n10_fifty_refused_at_once_renew_once(tmp_path: Path) -> None:
    async def played() -> None:
        async with await Gate.start(tmp_path, seed=1, speed=10) as gate:
            client = client_of(gate)
            await client.accounts.search()
            await gate.rule("expire_tokens")
            began = len((await gate.truth()).requests)
            async with Tasks() as tasks:
                for number in range(50):
                    tasks.start(f"read {number}", asked(client))
            paths = [one.path for one in (await gate.truth()).requests[began:]]
            assert paths.count(LOGIN) == 1
            refused = [one for one in (await gate.truth()).requests if one.status == 401]
            assert refused
            assert await gate.violations() == []
            await client.aclose()

    asyncio.run(played())


async def asked(client: Client) -> None:
    """One reading that must be answered."""
    assert len(await client.accounts.search()) == 1


REFUSALS = [
    *((PLACE["path"], code) for code in range(1, 12)),
    *((MODIFY["path"], code) for code in range(1, 9)),
    *((CANCEL["path"], code) for code in range(1, 8)),
    *(("/api/Position/closeContract", code) for code in range(1, 10)),
    *(("/api/Position/partialCloseContract", code) for code in range(1, 11)),
]
UNSETTLED = {  # still being carried out, unknown, or a number that nobody knows
    PLACE["path"]: {6, 7, 11},
    MODIFY["path"]: {4, 5, 8},
    CANCEL["path"]: {4, 5, 7},
    "/api/Position/closeContract": {6, 7, 9},
    "/api/Position/partialCloseContract": {7, 8, 10},
}


@row("N27")
@pytest.mark.tier2
@pytest.mark.timeout(60)
def test_n27_every_refusal_is_typed_and_no_unknown_one_is_a_success(tmp_path: Path) -> None:
    async def played() -> None:
        async with await Gate.start(tmp_path, seed=1, speed=10) as gate:
            client = client_of(gate)
            venue = GatewayVenue(client, VenueRows(gate.ready.account_id, Ticks()))
            for path, code in REFUSALS:
                body = {"success": False, "errorCode": code, "errorMessage": f"word {code}"}
                number = await gate.rule("body", {"path": path}, json=body)
                outcome = await act(venue, gate.contract, path)
                await gate.drop_rule(number)
                if code in UNSETTLED[path]:
                    assert isinstance(outcome, Unknown), (path, code, outcome)
                else:
                    assert isinstance(outcome, Refused), (path, code, outcome)
                assert f"word {code}" in outcome.text, (path, code, outcome)
            assert (await gate.truth()).orders == []
            await client.aclose()

    asyncio.run(played())


async def act(venue: GatewayVenue, contract: str, path: str) -> Any:
    """One call that changes something, by its path."""
    match path.rpartition("/")[2]:
        case "place":
            order = NewOrder(f"tag-{path}", contract, Side.LONG, 1, OrderKind.MARKET, None, 20, 40)
            return await venue.place(order)
        case "modify":
            return await venue.modify(7, qty=2)
        case "cancel":
            return await venue.cancel(7)
        case "closeContract":
            return await venue.close(contract)
        case _:
            return await venue.close_part(contract, 1)


@fault("N27", cases=(3, 7), sets=(ASKS_ONCE,))
async def test_n27_a_refused_or_doubtful_entry_leaves_no_position(scene: Scene) -> None:
    await ready(scene)
    body = {"orderId": None, "success": False, "errorCode": scene.case, "errorMessage": None}
    await scene.gate.rule("body", PLACE, ONCE, json=body)
    ended = (OrderState.REJECTED, OrderState.CANCELLED)

    def over() -> bool:
        return any(one.state in ended for one in journal(scene, OrderUpdate))

    await scene.told("over", over, within_s=15)

    def asked_once(outcome: Outcome) -> None:
        assert outcome.truth.orders == []
        assert len(calls(outcome.truth, PLACE["path"])) == 1
        states = [one.state for one in told_of(outcome, entry(outcome).tag)]
        doubtful = scene.case in UNSETTLED[PLACE["path"]]
        assert (OrderState.UNKNOWN in states) is doubtful
        assert states[-1] is (OrderState.CANCELLED if doubtful else OrderState.REJECTED)

    scene.checks.append(asked_once)


@fault("N28", cases=("it exists", "it does not"), sets=("strategies.pulse.last=931",))
async def test_n28_a_tag_that_is_in_use(scene: Scene) -> None:
    await ready(scene)
    body: dict[str, Any] = {"orderId": None, "success": False, "errorCode": 2}
    body["errorMessage"] = "custom tag already in use"
    exists = scene.case == "it exists"
    if exists:
        await scene.gate.rule("mute", {"hub": "user"}, {"for_s": 20})
    await scene.gate.rule("body", PLACE, ONCE, json=body, after=exists)
    await scene.until("asked", lambda truth: bool(calls(truth, PLACE["path"])))
    if not exists:
        await scene.pass_s(12)
        await scene.gate.play_to(56)
    await scene.until("protected", scene.protected)

    def settled_and_never_doubled(outcome: Outcome) -> None:
        intents = [one for one in outcome.of(Intent) if one.role == "entry"]
        assert len({one.tag for one in intents}) == len(intents) == (1 if exists else 2)
        assert accepted(outcome) == [intents[-1].tag]
        states = [one.state for one in told_of(outcome, intents[0].tag)]
        assert OrderState.UNKNOWN in states
        assert states[-1] is (OrderState.FILLED if exists else OrderState.CANCELLED)

    scene.checks.append(settled_and_never_doubled)
