"""Nobody answers, or too rarely, or lets us in no more; and what happened meanwhile."""

import asyncio
from typing import Any

from julie.core.events import Fill, OrderState, StateChanged
from julie.core.types import DeskState
from julie.core.zones import SECOND_NS
from julie.live.control_client import ask
from julie.simgate.exchange.bodies import Truth
from tests.fault.asking import ASKS_NEVER, ASKS_ONCE
from tests.fault.frame import Scene
from tests.fault.gate import calls, working
from tests.fault.network_seen import LOGIN, PLACE, connected, entry, hears, journal, ready, told_of
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault

LIMIT = (ASKS_ONCE, "strategies.pulse.below=8", "strategies.pulse.expires=60")
EVERYTHING = {"path": "/api/*"}
BACK_S = 15.0


async def later(scene: Scene, ns: int) -> Truth:
    """Wait for a time of the market."""
    left_s = (ns - await scene.gate.now_ns()) / SECOND_NS
    return await scene.until("that late", lambda truth: truth.clock >= ns, left_s + 60)


def states(scene: Scene) -> list[tuple[int, DeskState]]:
    """The desk's states with their times."""
    return [
        (one.ts_exchange, one.payload.state)
        for one in read_journal(scene.data)
        if isinstance(one.payload, StateChanged)
    ]


async def closed_since(scene: Scene, ns: int) -> None:
    """Wait until the desk has been closed for entries after a time."""

    def closed() -> bool:
        return any(at >= ns and state is not DeskState.ACTIVE for at, state in states(scene))

    await scene.told("closed for entries", closed, within_s=6)


@fault("N7", cases=("", "7"), sets=(ASKS_ONCE,))
async def test_n7_readings_too_many(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.rule("reject", {"role": "stop"}, text="no stops just now")
    headers = {"Retry-After": scene.case} if scene.case else {}
    for path in ("/api/*earch*", "/api/Order/v2/query"):
        await scene.gate.rule("status", {"path": path}, {"for_s": 20}, status=429, headers=headers)
    began = (await scene.gate.truth()).clock
    await scene.until("protected", scene.protected, within_s=10)
    await later(scene, began + 21 * SECOND_NS)

    def thinned(outcome: Outcome) -> None:
        refused = [one for one in outcome.truth.requests if one.status == 429]
        assert len(refused) <= 60
        ordinary = [one for one in refused if one.path.endswith("/api/Account/search")]
        assert len(ordinary) <= 20

    scene.checks.append(thinned)


@fault("N9", cases=(1, 60, 1800), sets=(ASKS_ONCE,))
async def test_n9_a_venue_that_is_down(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.play_to(59)
    await scene.gate.rule("status", EVERYTHING, {"for_s": scene.case}, status=503)
    began = scene.gate.broken_ns
    assert began is not None
    if scene.case > 10:
        await scene.message("venue_down", within_s=30)
        await scene.state("REDUCING", within_s=5)
    if scene.case > 60:
        await scene.gate.play(scene.case - 60)
    over = began + scene.case * SECOND_NS
    await later(scene, over)
    await scene.state("ACTIVE", within_s=BACK_S)
    truth = await scene.gate.truth()
    scene.back_s = (truth.clock - over) / SECOND_NS

    def never_sent_again(outcome: Outcome) -> None:
        sent = calls(outcome.truth, PLACE["path"])
        assert len(sent) <= 1
        if sent and sent[0].status == 503:
            known = [one.state for one in told_of(outcome, entry(outcome).tag)]
            assert OrderState.UNKNOWN in known
            assert known[-1] is OrderState.CANCELLED
        down = [one.ns for one in outcome.truth.requests if one.status == 503]
        seconds = (down[-1] - down[0]) / SECOND_NS if down else 0.0
        assert len(down) <= seconds + 15, f"{len(down)} requests in {seconds:.0f} s"

    scene.checks.append(never_sent_again)


@fault("N11", sets=(ASKS_ONCE,), dialect={"token_life_s": 120.0})
async def test_n11_a_token_grows_old_with_the_socket_open(scene: Scene) -> None:
    await ready(scene)
    await scene.entered()
    loop = asyncio.get_running_loop()
    last = dict.fromkeys(("user", "market"), loop.time())
    longest, ended = 0.0, loop.time() + 70 / scene.gate.speed
    while loop.time() < ended:
        for hub in last:
            if await hears(scene, hub):
                last[hub] = loop.time()
            longest = max(longest, (loop.time() - last[hub]) * scene.gate.speed)

    def renewed_in_time(outcome: Outcome) -> None:
        truth = outcome.truth
        assert calls(truth, "/api/Auth/validate"), "the token was never renewed"
        assert not [one for one in truth.requests if one.status == 401]
        assert longest <= 3.0, f"a hub was away for {longest:.1f} s"

    scene.checks.append(renewed_in_time)


@fault("N12", cases=(3, 9))
async def test_n12_a_login_refused_at_the_start(scene: Scene) -> None:
    body = {"token": None, "success": False, "errorCode": scene.case, "errorMessage": None}
    number = await scene.gate.rule("body", {"path": LOGIN}, json=body)
    await scene.start()
    assert await scene.bot.gone() == 3
    assert 1 <= len(calls(await scene.gate.truth(), LOGIN)) <= 3
    await scene.gate.drop_rule(number)


async def resumed(scene: Scene) -> None:
    """A person says that it is mended."""
    await asyncio.to_thread(ask, scene.data, "resume", reason="the subscription is paid")


@fault("N12", sets=(ASKS_ONCE,))
async def test_n12_a_login_refused_later(scene: Scene) -> None:
    await ready(scene)
    await scene.entered()
    began = (await scene.gate.truth()).clock
    body = {"token": None, "success": False, "errorCode": 9, "errorMessage": None}
    number = await scene.gate.rule("body", {"path": LOGIN}, json=body)
    await scene.gate.rule("expire_tokens")
    await scene.message("login_refused", within_s=60)
    await scene.state("HALTED", within_s=5)
    await scene.pass_s(20)
    truth = await scene.gate.truth()
    assert len(calls(truth, LOGIN, began)) <= 3
    assert scene.protected(truth), "the stop works on at the venue"
    before = len(calls(truth, LOGIN))
    await resumed(scene)  # too early: asked again, three times and no more
    await scene.pass_s(60)
    assert 1 <= len(calls(await scene.gate.truth(), LOGIN)) - before <= 3
    await scene.state("HALTED", within_s=5)
    await scene.gate.drop_rule(number)
    await resumed(scene)
    await scene.state("ACTIVE", within_s=90)


@fault("N13", sets=("strategies.pulse.first=931", "strategies.pulse.last=931"))
async def test_n13_the_venue_ends_the_session(scene: Scene) -> None:
    await ready(scene)
    began = (await scene.gate.truth()).clock
    await scene.gate.rule("logout")
    await closed_since(scene, began)
    await scene.state("ACTIVE", within_s=BACK_S)
    back = await scene.gate.truth()
    assert calls(back, "/api/Account/search", began), "reconciled before it may enter"
    assert len(calls(back, LOGIN, began)) == 1
    again = await scene.gate.now_ns()
    await scene.gate.rule("logout")
    await scene.message("other_login", within_s=10)
    await closed_since(scene, again)
    await scene.state("ACTIVE", within_s=BACK_S)
    for hub in ("user", "market"):
        await connected(scene, hub)
    await scene.gate.play_to(56)
    await scene.until("protected", scene.protected)


@fault("N18", sets=(ASKS_NEVER,), speed=60)
async def test_n18_a_storm_of_resets(scene: Scene) -> None:
    await ready(scene)
    began = (await scene.gate.truth()).clock
    await scene.gate.rule("reset", scope={"every_s": 2, "for_s": 600})
    await later(scene, began + 600 * SECOND_NS)
    await scene.state("ACTIVE", within_s=60)
    listed: Any = await scene.gate.sim("connections", method="GET")
    lives = max(one["number"] for one in listed)
    assert lives <= 2 * 60 + 2, f"{lives} connections"

    def one_line_a_minute(outcome: Outcome) -> None:
        for code in ("user_down", "market_down"):
            assert len([one for one in outcome.messages if one.code == code]) <= 12
        compared = calls(outcome.truth, "/api/Account/search", began)
        assert len(compared) <= lives + 30

    scene.checks.append(one_line_a_minute)


@fault("N19", sets=LIMIT)
async def test_n19_a_fill_during_the_outage(scene: Scene) -> None:
    await ready(scene)
    await scene.until("working", lambda truth: bool(working(truth, "entry")))
    scope = {"for_s": 20}
    await scene.gate.rule("refuse_connect", scope=scope, status=503)
    await scene.gate.rule("status", EVERYTHING, scope, status=503)
    await scene.gate.rule("reset", lines=True)
    began = (await scene.gate.truth()).clock
    ticks = [[5.0, 4997.5, 1], [12.0, 4992.0, 1]]  # through the entry, then through the stop
    await scene.gate.market("ticks", ticks=ticks)
    await later(scene, began + 20 * SECOND_NS)

    def booked() -> bool:
        return len({one.trade for one in journal(scene, Fill)}) == 2

    await scene.told("booked", booked, within_s=BACK_S)
    scene.back_s = (await scene.gate.now_ns() - began) / SECOND_NS - 20


@fault("N32", sets=(ASKS_ONCE,))
async def test_n32_every_socket_breaks_at_once(scene: Scene) -> None:
    await ready(scene)
    await scene.entered()
    await scene.pass_s(5)
    began = (await scene.gate.truth()).clock
    await scene.gate.rule("reset", lines=True)
    await closed_since(scene, began)
    await scene.state("ACTIVE", within_s=BACK_S)
    scene.back_s = (await scene.gate.now_ns() - began) / SECOND_NS
    await scene.pass_s(10)
    compared = calls(await scene.gate.truth(), "/api/Account/search", began)
    assert len(compared) <= 2, f"compared {len(compared)} times"
