"""The bot where streams are blocked: it reads closed minutes, and decides as on the stream."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from julie.core.events import BarClosed, Decision
from julie.core.taken import MinuteTaken
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS, SECOND_NS
from tests.fault.flat_market import PRICE
from tests.fault.frame import Scenario, Scene, run_fault
from tests.fault.invariants import assert_invariants
from tests.fault.outcome import Outcome, read_journal

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(180)]

MINUTES = 6
WALK = [
    [PRICE + k, PRICE + k + 2, PRICE + k - 1, PRICE + k + 1, 100 + k] for k in range(MINUTES + 6)
]
ASKS = ("strategies.pulse.first=932", "strategies.pulse.stop=40", "strategies.pulse.target=60")
POLL = "gateway.feed=poll"


async def listening(scene: Scene) -> None:
    """Until the bot may trade and, where it does, hears the stream."""
    await scene.start()
    if POLL in scene.scenario.sets:
        await scene.state("ACTIVE")
        while not await account_heard(scene):
            await scene.pass_s(0.5)
        await scene.pass_s(1)
        await scene.state("ACTIVE")
    else:
        await scene.reconciled()


async def account_heard(scene: Scene) -> bool:
    """Whether the account's stream, which is kept, stands."""
    listed: Any = await scene.gate.sim("connections", method="GET")
    return any(one["hub"] == "user" and one["groups"] for one in listed)


def minutes(scene: Scene) -> list[MinuteTaken]:
    """What the desk was told so far."""
    found = [one.payload for one in read_journal(scene.data, "MinuteTaken")]
    return [one for one in found if isinstance(one, MinuteTaken)]


async def walked(scene: Scene) -> None:
    """Some minutes of a market that goes up and comes down."""
    await listening(scene)
    await scene.gate.play_to(58)
    await scene.gate.market("bars", bars=WALK)
    await scene.told("decided", lambda: len(minutes(scene)) >= MINUTES, within_s=60 * MINUTES + 90)


def revised(outcome: Outcome) -> dict[int, tuple[float, ...]]:
    """Minutes decided before their last print was heard, as the venue has them: a second of grace
    is a twentieth of the machine's, which may be busy.
    """
    return {
        one.ts: (one.open, one.high, one.low, one.close, one.volume)
        for one in outcome.of(BarClosed)
    }


def shapes(outcome: Outcome) -> dict[int, tuple[float, ...]]:
    """The desk's bars by minute, as they stand in its columns."""
    return {
        one.ts: (bar.open, bar.high, bar.low, bar.close, bar.volume)
        for one in outcome.of(MinuteTaken)
        for bar in one.bars
        if bar is not None
    } | revised(outcome)


def asked(outcome: Outcome) -> dict[int, list[tuple[object, ...]]]:
    """What was asked for and what became of it, by minute."""
    return {
        one.ts: [
            (c.symbol, c.strategy, c.side, c.ref_close, c.sl_ticks, c.tp_ticks, c.outcome)
            for c in one.candidates
        ]
        for one in outcome.of(Decision)
    }


def test_minutes_that_are_read_are_decided_as_those_that_are_heard(tmp_path: Path) -> None:
    found = []
    for name, sets in (("hub", ASKS), ("poll", (*ASKS, POLL))):
        folder = tmp_path / name
        folder.mkdir()
        outcome = asyncio.run(run_fault(Scenario(walked, sets=sets), 1, folder))
        if name == "poll":  # to the oracle who does not hear the stream is deaf
            deaf = [one for one in outcome.violations if "market data muted" in one.detail]
            outcome.violations = [one for one in outcome.violations if one not in deaf]
        assert_invariants(outcome)
        found.append(outcome)
    heard, read = found
    *common, _ = sorted(set(shapes(heard)) & set(shapes(read)))  # the last is not yet held against
    assert len(common) >= MINUTES - 2
    assert [shapes(read)[ts] for ts in common] == [shapes(heard)[ts] for ts in common]
    whole = [ts for ts in common if ts not in revised(heard)]
    decided = [{ts: on for ts, on in asked(one).items() if ts in whole} for one in found]
    assert decided[0]
    assert decided[1] == decided[0]
    assert read.truth.fills, "it has traded on what it read"


async def unreadable(scene: Scene) -> None:
    """No bar can be read for a while."""
    await listening(scene)
    await scene.pass_s(15)
    scope = {"for_s": 75}
    await scene.gate.rule("status", {"path": "/api/History/*"}, scope, status=503)
    told = await scene.message("market_stale", within_s=45)
    assert "no bars could be read" in told.text
    await scene.state("REDUCING", within_s=2)
    await scene.state("ACTIVE", within_s=90)
    heard = len(minutes(scene))
    await scene.told("decided again", lambda: len(minutes(scene)) > heard)


def test_bars_that_cannot_be_read_are_noticed(tmp_path: Path) -> None:
    sets = ("strategies.pulse.first=1400", POLL)
    outcome = asyncio.run(run_fault(Scenario(unreadable, sets=sets), 1, tmp_path))
    assert_invariants(outcome)
    late = [one for one in outcome.of(MinuteTaken) if one.gates != (int(Reason.NONE),)]
    assert len(late) <= 3


async def frozen(scene: Scene) -> None:
    """The venue answers, and always with the same old bars."""
    await listening(scene)
    await scene.told("a minute", lambda: bool(minutes(scene)))
    newest = minutes(scene)[-1].ts
    rows = [{"t": utc(newest - k * MINUTE_NS), **STILL} for k in range(5)]
    body = {"bars": rows, "success": True, "errorCode": 0, "errorMessage": None}
    await scene.gate.rule("body", {"path": "/api/History/*"}, {"for_s": 200}, json=body)
    frozen_ns = await scene.gate.now_ns()
    told = await scene.message("market_stale", within_s=160)
    assert "the newest minute" in told.text
    await scene.state("REDUCING", within_s=10)
    assert len([one for one in minutes(scene) if one.ts > newest]) <= 1  # read just before it
    left = frozen_ns + 200 * SECOND_NS - await scene.gate.now_ns()
    await scene.state("ACTIVE", within_s=left / SECOND_NS + 60)
    heard = len(minutes(scene))
    await scene.told("decided again", lambda: len(minutes(scene)) > heard)


def utc(ns: int) -> str:
    """A time as the venue writes it."""
    return datetime.fromtimestamp(ns / SECOND_NS, UTC).isoformat()


STILL = {"o": PRICE, "h": PRICE, "l": PRICE, "c": PRICE, "v": 100}


def test_a_history_that_stands_still_is_noticed(tmp_path: Path) -> None:
    sets = ("strategies.pulse.first=1400", POLL)
    outcome = asyncio.run(run_fault(Scenario(frozen, sets=sets), 1, tmp_path))
    assert_invariants(outcome)
