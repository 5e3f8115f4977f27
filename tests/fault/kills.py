"""What random kills are made of: when a life ends, what the market and people do meanwhile.

A life is ended from outside at any instant, or at a failpoint that was drawn, or a drawn number of
milliseconds behind it. The trail of the failpoints that the life passed tells where it fell.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from julie.core.failpoints import TRAIL
from julie.core.types import DeskState
from julie.live.control_client import NoAnswer, ask
from julie.live.control_place import NobodyThere
from julie.simgate.exchange.bodies import Truth
from tests.fault.ending import begin_flatten
from tests.fault.frame import START_S, Scene
from tests.fault.gate import working

FROM_OUTSIDE: Final = 0.25  # so many of the kills have no failpoint
AIMS: Final = (  # failpoint, its weight, passings of it in a life at most
    *(("K1", 1.0, 1), ("K2", 1.0, 2), ("K3", 1.5, 2), ("K4", 1.0, 2), ("K5", 1.0, 2)),
    *(("K6", 1.5, 4), ("K7", 1.5, 3), ("K8", 1.5, 1), ("K9", 1.5, 2), ("K10", 1.5, 3)),
    *(("K11", 1.5, 1), ("K12", 1.5, 1), ("K13", 0.5, 9), ("K15", 0.75, 1)),
)
TRAFFIC: Final = (  # what a life meets, its weight, the failpoints for which it is drawn
    ("nothing", 1.0, ()),
    ("gap", 2.0, ("K6", "K7", "K9", "K15")),
    ("flatten", 1.5, ("K10", "K11", "K12")),
    ("stop refused", 1.0, ("K8",)),
    ("stop taken off", 0.5, ("K8",)),
    ("in parts", 1.0, ("K6",)),
)
ENTERS: Final = ("K1", "K2", "K3", "K4", "K5", "K8")  # on the way of an entry: nothing may be held
AIMED_S: Final = 7.0  # of the market: by then a drawn failpoint was passed, or will not be
GAPS: Final = (-3.5, -1.0, 1.0, 2.0, 3.0, 4.5)


class Death(NamedTuple):
    """How a life ends."""

    at: str  # a failpoint, or nothing
    failpoint: str  # as the environment says it
    latest_s: float  # of the market: then it is killed from outside


class Life(NamedTuple):
    """All that is drawn for a life."""

    death: Death
    traffic: str
    gap: float
    first_s: float  # of the market, from the close of a minute until something happens
    dead_s: float  # how long nobody is there afterwards
    dead_gap: float  # and what the market does then


def _one(chance: np.random.Generator, weighed: Sequence[tuple[Any, float]]) -> Any:
    weights = np.array([weight for _, weight in weighed])
    return weighed[int(chance.choice(len(weighed), p=weights / weights.sum()))][0]


def drawn(chance: np.random.Generator) -> Life:
    """A life of the seed."""
    aim = "" if chance.random() < FROM_OUTSIDE else _one(chance, [(k, w) for k, w, _ in AIMS])
    most = next((count for name, _, count in AIMS if name == aim), 1)
    act = "kill" if chance.random() < 0.4 else f"kill={10 ** chance.uniform(0, 2):.0f}"
    latest = chance.uniform(2.0, 12.0) if not aim else AIMED_S
    meant = [(name, weight) for name, weight, aims in TRAFFIC if aim in aims]
    traffic = _one(chance, meant or [(name, weight) for name, weight, _ in TRAFFIC])
    failpoint = f"{aim}:{chance.integers(1, most + 1)}:{act}" if aim else ""
    return Life(
        Death(aim, failpoint, float(latest)),
        traffic,
        float(chance.choice(GAPS)),
        float(chance.uniform(0.2, 3.0)),
        float(chance.choice([0.0, 0.5, 3.0, 25.0], p=[0.5, 0.2, 0.2, 0.1])),
        float(chance.choice([0.0, -3.0, 2.0], p=[0.8, 0.1, 0.1])),
    )


async def taken_up(scene: Scene, *seen: str) -> bool:
    """Wait until a life may trade, which after a kill switch, and what else is named, it is told by
    a person; whether it came so far.
    """
    known = {"flatten", *seen}

    def over() -> bool:
        last = scene.standing()
        return not scene.bot.alive or (last is not None and set(last.causes) <= known)

    while True:
        await scene.told("taken up or killed", over, START_S)
        last = scene.standing()
        if not scene.bot.alive or last is None:
            return False
        if last.state is DeskState.ACTIVE:
            return True
        if last.causes:
            with contextlib.suppress(NobodyThere, NoAnswer, OSError):
                await asyncio.to_thread(ask, scene.data, "resume", reason="seen by a test")
        await scene.wait()


async def cleared(scene: Scene, life: Life) -> bool:
    """What happens before a life begins, for the sake of its end: a life that is to enter finds
    nothing held, one that is to reconcile finds a stop gone. Whether a bracket was run into.
    """
    truth = await scene.gate.truth()
    if life.death.at in ENTERS and truth.positions:
        await scene.gate.market("gap", points=-5.0 if life.gap < 0 else 6.0)
        await scene.gate.play(2)
        return True
    if life.death.at == "K15":
        for one in working(truth, "stop")[:1]:
            await scene.gate.taken_off(one.id)
    return False


async def prepared(scene: Scene, life: Life, *, twice: bool) -> None:
    """Up to the close of a minute, and what must stand before an entry leaves. The desk books what
    was closed with one minute, and enters with the next.
    """

    def covered(truth: Truth) -> bool:
        left = working(truth, "stop", "target") and not working(truth, "entry")
        return scene.protected(truth) if scene.held(truth) else not left

    await scene.until(
        "covered, before time leaps", lambda truth: not scene.bot.alive or covered(truth)
    )
    if twice:
        await scene.gate.play_to(57)
        await scene.pass_s(4.5)
    if life.traffic == "stop refused":
        await scene.gate.rule("reject", {"role": "stop"}, {"count": 1, "for_s": 15}, code=2)
    if life.traffic == "in parts":
        scope = {"count": 1, "for_s": 15}
        await scene.gate.rule("partial", {"role": "entry"}, scope, size=1, seconds=3)
    await scene.gate.play_to(57)


async def met(scene: Scene, life: Life) -> None:
    """What happens in the middle of a life."""
    if life.traffic == "flatten":
        with contextlib.suppress(NobodyThere, OSError):  # it was killed just now
            await begin_flatten(scene)
    elif life.traffic == "stop taken off":
        for one in working(await scene.gate.truth(), "stop")[:1]:
            await scene.gate.taken_off(one.id)
    elif life.death.at == "K9":  # a stop moves at a minute's end, where the price went our way
        await scene.gate.market("gap", points=1.0)
        await scene.gate.play_to(57)
    elif life.traffic != "nothing":
        await scene.gate.market("gap", points=life.gap)


async def lived(scene: Scene, life: Life) -> None:
    """From the close of a minute until the life ended."""
    wall = asyncio.get_running_loop().time
    began, done = wall(), False
    while scene.bot.alive:
        past = (wall() - began) * scene.gate.speed
        if past > 3.0 + life.first_s and not done:
            done = True
            await met(scene, life)
        elif past > 3.0 + life.death.latest_s:
            break
        await scene.wait()
    await scene.kill()
    while await scene.gate.sim("connections", method="GET"):
        await scene.wait()
    await scene.pass_light(2.0)  # time may leap once the venue has noticed that its calls broke


def trail_of(scene: Scene, number: int) -> Path:
    """Where a life leaves the failpoints that it passed."""
    return scene.folder / f"trail-{number}.txt"


def trailing(scene: Scene, number: int) -> dict[str, str]:
    """What makes a life leave its trail."""
    return {TRAIL: str(trail_of(scene, number))}


def fell(trail: Path, death: Death) -> str:
    """The failpoint behind which a life ended; writing the status counts where it was aimed at,
    because each second passes it.
    """
    passed = trail.read_text("ascii").split() if trail.exists() else []
    if death.at == "K13" and passed[-1:] == ["K13"]:
        return "K13"
    ordered = [name for name in passed if name != "K13"]
    return ordered[-1] if ordered else "none"
