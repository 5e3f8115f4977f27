"""Silence is a fault in liquid hours, and none in the break, before the open, or on a holiday."""

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from julie.core.calendar import load_calendar
from julie.core.clock import VirtualClock
from julie.core.market_events import HubState
from julie.core.zones import SECOND_NS
from julie.gateway.config import FreshnessSection
from julie.gateway.freshness import Allowed, Freshness
from julie.gateway.market_watch import MarketWatch

ET = ZoneInfo("America/New_York")
MES, NQ = "CON.F.US.MES.Z26", "CON.F.US.ENQ.Z26"
LIQUID, THIN = Allowed(5, 15), Allowed(30, 90)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ET).timestamp()) * SECOND_NS


@pytest.mark.parametrize(
    ("when", "allowed"),
    [
        ("2025-06-18T10:00:00", LIQUID),
        ("2025-06-18T08:00:00", LIQUID),
        ("2025-06-18T07:59:59", THIN),
        ("2025-06-18T16:30:00", THIN),
        ("2025-06-18T17:00:00", None),
        ("2025-06-18T17:59:59", None),
        ("2025-06-18T18:00:30", None),
        ("2025-06-18T18:01:00", THIN),
        ("2025-06-19T13:30:00", None),  # Juneteenth: closed at 13:00
        ("2025-06-21T12:00:00", None),  # Saturday
        ("2025-06-22T17:59:00", None),  # Sunday before the open
        ("2025-06-22T18:02:00", THIN),
        ("2025-03-09T18:00:30", None),  # the Sunday on which summer time begins
        ("2025-11-02T18:01:30", THIN),
        ("2025-04-18T10:00:00", None),  # Good Friday
    ],
)
def test_what_silence_is_allowed(when: str, allowed: Allowed | None) -> None:
    assert Freshness(load_calendar(), FreshnessSection()).allowed(at(when)) == allowed


class Hub:
    """What the watch asks of a hub."""

    def __init__(self, live_ns: int) -> None:
        self.state = HubState.LIVE
        self.live_ns = live_ns
        self.lives = 1
        self.told: list[str] = []

    def stale(self, reason: str) -> None:
        if self.state is HubState.LIVE:
            self.state = HubState.STALE
            self.told.append(reason)

    def fresh(self) -> None:
        if self.state is HubState.STALE:
            self.told.append("fresh")
        self.state = HubState.LIVE

    def rebuild(self, reason: str) -> None:
        self.told.append(reason)


class Intake:
    def __init__(self) -> None:
        self.heard_ns: dict[str, int] = {}
        self.market_events = 0
        self.handing = ""


class Watched:
    """A watch on a clock of the test."""

    def __init__(self, when: str, wall: bool = False) -> None:
        self.clock = VirtualClock(at(when))
        self.hub, self.intake = Hub(self.clock.mono_ns()), Intake()
        hub: Any = self.hub
        intake: Any = self.intake
        self.watch = MarketWatch(
            hub,
            intake,
            Freshness(load_calendar(), FreshnessSection()),
            self.clock,
            lambda: (MES, NQ),
            wall,
        )

    def hears(self, *contracts: str) -> None:
        for contract in contracts:
            self.intake.heard_ns[contract] = self.clock.mono_ns()
            self.intake.market_events += 1

    def passes(self, seconds: float, *heard: str) -> None:
        for _ in range(round(seconds * 2)):
            self.clock.advance(0.5)
            self.hears(*heard)
            self.watch.look()


def test_five_seconds_make_it_stale_and_fifteen_a_new_connection() -> None:
    it = Watched("2025-06-18T10:00:00")
    it.passes(60, MES, NQ)
    assert it.hub.told == []
    it.passes(4.5)
    assert it.hub.told == []
    it.passes(0.5)
    assert len(it.hub.told) == 1
    assert it.watch.stale(MES)
    it.passes(10)
    assert it.hub.told == ["the market is silent for 5 s", "the market was silent for 15 s"]
    it.hears(MES, NQ)
    it.watch.look()
    assert it.hub.told[-1] == "fresh"
    assert not it.watch.stale(MES)


def test_who_asks_between_two_looks_hears_of_the_silence() -> None:
    it = Watched("2025-06-18T10:00:00")
    it.hears(MES, NQ)
    it.clock.advance(4.9)
    assert not it.watch.stale(MES)
    it.clock.advance(0.2)
    assert it.hub.told == []
    assert it.watch.stale(MES)


def test_what_is_being_handed_on_is_not_silent() -> None:
    it = Watched("2025-06-18T10:00:00")
    it.hears(MES, NQ)
    it.clock.advance(20)
    it.intake.handing = MES
    assert not it.watch.stale(MES)
    assert it.watch.stale(NQ)


def test_an_unplanned_closure_costs_one_connection_in_five_minutes() -> None:
    it = Watched("2025-06-18T10:00:00")
    it.passes(1800)
    assert it.watch.rebuilds == 6


@pytest.mark.parametrize("when", ["2025-06-18T16:59:00", "2025-06-22T17:00:00"])
def test_the_break_and_the_open_raise_no_alarm(when: str) -> None:
    it = Watched(when)
    it.passes(50, MES, NQ)
    it.passes(3600 if when.endswith("17:00:00") else 3640)
    assert it.hub.told == []
    it.passes(40, MES, NQ)
    it.passes(2 * 3600, MES, NQ)
    assert it.hub.told == []


def test_one_lost_subscription_among_others_is_noticed() -> None:
    it = Watched("2025-06-18T10:00:00")
    it.passes(5, MES, NQ)
    it.passes(29.5, MES)
    assert it.hub.told == []
    assert it.watch.stale(NQ)
    assert not it.watch.stale(MES)
    it.passes(1, MES)
    assert it.hub.told == [f"{NQ} was silent for 30 s, others were not"]


def test_a_hub_that_is_not_live_is_stale_and_left_alone() -> None:
    it = Watched("2025-06-18T10:00:00")
    it.hub.state = HubState.DOWN
    it.passes(60)
    assert it.hub.told == []
    assert it.watch.stale(MES)


def test_a_clock_that_stands_still_does_not_hide_the_silence() -> None:
    it = Watched("2025-06-18T10:00:00", wall=True)
    section = FreshnessSection(stale_s=0.05, rebuild_s=0.1)
    it.watch._freshness = Freshness(load_calendar(), section)
    it.hears(MES, NQ)

    async def wait() -> None:
        it.watch.look()
        async with asyncio.timeout(8):
            while not it.watch.rebuilds:
                await asyncio.sleep(0.01)
                it.watch.look()

    asyncio.run(wait())
    assert it.hub.told[0].startswith("the market is silent")
