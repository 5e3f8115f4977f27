"""A hub is kept: it comes back from whatever ends it, and says how far it can be relied on."""

import asyncio
import gc
import json
import warnings
from http import HTTPStatus
from typing import Any

import pytest

from julie.core.clock import Clock
from julie.core.market_events import Hub, HubState, Print, QuoteNow
from julie.gateway import hub as hub_module
from julie.gateway.backoff import Backoff
from julie.gateway.hub import HubLimits
from julie.gateway.hub_transport import WebSocketHub
from tests.gateway.hub_scene import MES, Scene, play, short_pauses
from tests.gateway.hub_server import END, Life, event, quote, trade, until
from tests.gateway.venue import LOGIN, VALIDATE, ok, token

pytestmark = pytest.mark.tier1
HALF_DAY_S = 43_200


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    short_pauses(monkeypatch)


async def ended(s: Scene, life: int) -> None:
    await until(lambda: s.hub.lives > life)


async def first_data(life: Life, method: str, _: list[Any]) -> None:
    if method == "SubscribeContractTrades":
        await life.say(quote(MES, bestBid=6335.0, bestAsk=6335.25, lastPrice=6335.0))


def test_it_subscribes_waits_for_data_and_is_then_live() -> None:
    async def scene(s: Scene) -> None:
        s.server.on_invoked = first_data
        await s.live()
        assert [method for method, _ in s.server.life.invoked] == [
            "SubscribeContractQuotes", "SubscribeContractTrades",
        ]  # fmt: skip
        assert s.server.life.path.endswith(f"?access_token={token(1)}")
        await s.server.life.say(trade(MES, 6335.25, qty=3))
        await until(lambda: len(s.heard.all) == 2)
        assert s.intake.seen(Hub.MARKET) == 2

    heard = play(scene, expects_data=lambda: True)
    assert [one.state for one in heard.states] == [
        HubState.OPENING, HubState.WAITING, HubState.LIVE, HubState.STOPPED,
    ]  # fmt: skip
    first, second = heard.all
    assert isinstance(first, QuoteNow)
    assert (first.bid, first.ask, first.last, first.sound) == (6335.0, 6335.25, 6335.0, True)
    assert isinstance(second, Print)
    assert (second.price, second.qty) == (6335.25, 3)


def test_every_life_is_a_new_connection_that_subscribes_again() -> None:
    async def scene(s: Scene) -> None:
        for life in range(1, 6):
            await s.live(life)
            s.server.life.drop()
        await s.live(6)
        assert [len(life.invoked) for life in s.server.lives] == [2] * 6

    assert play(scene).reasons() == ["the connection broke"] * 5


def test_a_handshake_without_data_does_not_count() -> None:
    async def scene(s: Scene) -> None:
        await until(lambda: len(s.server.lives) == 2)
        s.server.on_invoked = first_data
        await s.live(2)

    heard = play(scene, expects_data=lambda: True, limits=HubLimits(data_s=0.1))
    assert heard.reasons()[0] == "subscribed twice, and no data in 0.2 s"


def test_a_refused_subscription_is_another_try() -> None:
    async def scene(s: Scene) -> None:
        s.server.method_error = "HubException: Method does not exist."
        await until(lambda: len(s.server.lives) == 2)
        s.server.method_error = None
        await s.live(2)

    assert "Method does not exist" in play(scene).reasons()[0]


def test_a_peer_that_says_nothing_is_left() -> None:
    async def scene(s: Scene) -> None:
        await s.live()
        await until(lambda: s.hub.lives == 2)
        await s.live(2)

    heard = play(scene, limits=HubLimits(silent_s=0.2))
    assert heard.reasons()[0] == "nothing heard for 0.2 s, not even a ping"


def test_a_handshake_that_never_ends_is_left_and_counted() -> None:
    async def scene(s: Scene) -> None:
        s.server.mute_handshake = True
        await until(lambda: len(s.server.lives) == 2)
        s.server.mute_handshake = False
        await s.live(2)
        assert s.hub.left_behind >= 1

    assert "start took more than 0.2 s" in play(scene, limits=HubLimits(open_s=0.2)).reasons()[0]


class Hangs(WebSocketHub):
    """A connection whose end never comes."""

    async def stop(self) -> None:
        await asyncio.Event().wait()


def test_a_connection_whose_stop_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "STOP_S", 0.05)

    async def scene(s: Scene) -> None:
        for life in range(1, 6):
            await s.live(life)
            s.hub.rebuild("asked for")
        await s.live(6)
        assert s.hub.left_behind == 5
        old, new = s.server.lives[0], s.server.life
        await old.say(trade(MES, 1.0))
        await new.say(trade(MES, 6335.0))
        await until(lambda: bool(s.heard.all))
        assert [one.price for one in s.heard.all] == [6335.0]

    play(scene, make=Hangs)


def test_work_that_is_cut_off_before_its_first_step_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(s: Scene) -> None:
        start = s.hub._tasks.start

        def cut_off(name: str, work: Any) -> asyncio.Task[Any]:
            task = start(name, work)
            if name.endswith("subscribe"):
                task.cancel()
            return task

        monkeypatch.setattr(s.hub._tasks, "start", cut_off)
        await until(lambda: s.heard.state is HubState.STOPPED)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        play(scene)
        gc.collect()
    assert [one for one in told if "never awaited" in str(one.message)] == []


def test_the_fourth_unreadable_frame_within_a_minute_ends_the_life() -> None:
    async def scene(s: Scene) -> None:
        await s.live()
        for _ in range(3):
            await s.server.life.say("junk" + END)
        await until(lambda: s.hub.bad_frames == 3)
        s.clock.advance(61)
        await s.server.life.say("junk" + END)
        await until(lambda: s.hub.bad_frames == 4)
        assert s.hub.lives == 1
        await s.server.life.say(*["junk" + END] * 3)
        await s.live(2)
        assert s.client.quarantine.total == 7

    assert play(scene).reasons() == ["4 unreadable frames within a minute"]


def test_a_logout_is_a_new_login_and_the_second_one_an_alarm() -> None:
    async def scene(s: Scene) -> None:
        for life in (1, 2):
            await s.live(life)
            await s.server.life.say(event("GatewayLogout"))
        await s.live(3)
        assert s.venue.count(LOGIN) == 3
        assert s.server.life.path.endswith(token(3))

    heard = play(scene)
    assert heard.reasons() == ["the venue ended the session"] * 2
    assert [alarm.kind for alarm in heard.alarms] == ["other_login"]


def test_a_newer_token_takes_over_in_a_quiet_moment() -> None:
    busy = [True]

    async def scene(s: Scene) -> None:
        s.venue.says(VALIDATE, ok(newToken=token(77)))
        await s.live()
        s.clock.advance(HALF_DAY_S)
        await until(lambda: s.venue.count(VALIDATE) == 1)
        await asyncio.sleep(0.1)
        assert s.hub.lives == 1
        busy[0] = False
        await s.live(2)
        assert s.server.life.path.endswith(token(77))

    heard = play(scene, quiet=lambda: not busy[0])
    assert heard.reasons() == []


def test_a_token_near_its_end_is_handed_over_quiet_or_not() -> None:
    async def scene(s: Scene) -> None:
        s.venue.says(VALIDATE, ok(newToken=token(77)))
        await s.live()
        s.clock.advance(0.91 * 86_400)
        await s.live(2)

    play(scene, quiet=lambda: False)


def test_a_refused_token_is_renewed_by_login() -> None:
    async def scene(s: Scene) -> None:
        s.server.status = HTTPStatus.UNAUTHORIZED
        await until(lambda: s.venue.count(LOGIN) >= 2)
        s.server.status = None
        await s.live(2)

    assert play(scene).reasons()[0] == "the hub refused the token (401)"


def test_a_handler_that_raises_costs_one_connection() -> None:
    async def scene(s: Scene) -> None:
        await s.live()
        put, times = s.intake.put, iter(range(9))

        def raising(hub: Hub, record: Any) -> None:
            if next(times) == 0:
                raise ZeroDivisionError
            put(hub, record)

        s.intake.put = raising  # type: ignore[method-assign]
        await s.server.life.say(trade(MES, 6335.0))
        await s.live(2)
        await s.server.life.say(trade(MES, 6336.0))
        await until(lambda: bool(s.heard.all))

    assert play(scene).reasons() == ["a handler of ours failed"]


def test_a_storm_of_resets_meets_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def scene(s: Scene) -> None:
        async def pause(clock: Clock, seconds: float) -> None:
            pauses.append(seconds)
            s.clock.advance(seconds)
            await asyncio.sleep(0)

        monkeypatch.setattr(hub_module, "pause", pause)
        began = s.clock.mono_ns()
        life = 0
        while s.clock.mono_ns() - began < 600e9:
            life = max(life + 1, s.hub.lives)
            await s.live(life)
            s.clock.advance(2)
            s.server.life.drop()
            await ended(s, life)
        assert s.hub.lives <= 60
        await s.live()
        s.clock.advance(61)
        s.server.life.drop()
        lives = s.hub.lives
        await until(lambda: s.hub.lives > lives)

    monkeypatch.setattr(hub_module, "PAUSES", Backoff(first_s=1.0, cap_s=30.0))
    play(scene)
    assert max(pauses) <= 30.0
    assert min(pauses[6:-1]) >= 15.0
    assert pauses[-1] <= 1.0


def test_the_venues_close_is_told_in_its_words() -> None:
    async def scene(s: Scene) -> None:
        await s.live()
        await s.server.life.say(json.dumps({"type": 7, "error": "Server shutting down."}) + END)
        await s.live(2)

    assert play(scene).reasons() == ["the venue closed the hub: Server shutting down."]
