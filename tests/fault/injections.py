"""What may go wrong while a bot trades, as deeds that can be laid over each other.

Each is over by itself within `LASTS_S` seconds of the market. The pairs and triples that go
together in life are drawn more often than others.
"""

import contextlib
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from julie.live.control_place import NobodyThere
from tests.fault.disks import Disk
from tests.fault.ending import begin_flatten
from tests.fault.frame import Scene
from tests.fault.gate import working

LASTS_S: Final = 25.0
ALL: Final = {"path": "/api/*"}


@dataclass(frozen=True, slots=True)
class Stage:
    """What a deed acts on."""

    scene: Scene
    chance: np.random.Generator
    disk: Disk  # of a bot in the test's own process

    def between(self, low: float, high: float) -> float:
        """A number of the seed."""
        return float(self.chance.uniform(low, high))


Deed = Callable[[Stage], Awaitable[None]]


async def outage(on: Stage) -> None:
    """Nobody answers."""
    status = int(on.chance.choice((500, 502, 503)))
    await on.scene.gate.rule("status", ALL, {"for_s": on.between(1, 12)}, status=status)


async def too_many(on: Stage) -> None:
    """Readings are refused for their number."""
    for path in ("/api/*earch*", "/api/Order/v2/query"):
        scope = {"for_s": on.between(2, 12)}
        await on.scene.gate.rule("status", {"path": path}, scope, status=429)


async def half_open(on: Stage) -> None:
    """The peer of a stream is gone, and says nothing."""
    await on.scene.gate.rule("half_open", hub=str(on.chance.choice(("user", "market"))))


async def reset(on: Stage) -> None:
    """All sockets break."""
    await on.scene.gate.rule("reset", lines=bool(on.chance.random() < 0.5))


async def expired(on: Stage) -> None:
    """The token is worth nothing from now on."""
    await on.scene.gate.rule("expire_tokens")


async def lost_answer(on: Stage) -> None:
    """An order, a move, a cancel or a close is lost, or its answer is."""
    path = str(on.chance.choice(("/api/Order/*", "/api/Position/*lose*")))
    deed = str(on.chance.choice(("drop_request", "drop_response")))
    await on.scene.gate.rule(deed, {"path": path}, {"count": 1, "for_s": LASTS_S})


async def slow(on: Stage) -> None:
    """Every call takes its time."""
    late = on.between(0.1, 0.9)
    await on.scene.gate.rule("delay", ALL, {"for_s": LASTS_S}, seconds=late, jitter=late)


async def doubled(on: Stage) -> None:
    """User events come several times."""
    times = int(on.chance.integers(1, 4))
    await on.scene.gate.rule("duplicate", {"hub": "user"}, {"for_s": LASTS_S}, times=times)


async def mixed_up(on: Stage) -> None:
    """User events come in another order."""
    window = int(on.chance.integers(2, 6))
    await on.scene.gate.rule(
        "reorder", {"hub": "user"}, {"for_s": LASTS_S}, window=window, seconds=1.0
    )


async def silent(on: Stage) -> None:
    """A stream goes on and tells nothing."""
    hub = str(on.chance.choice(("user", "market")))
    await on.scene.gate.rule("mute", {"hub": hub}, {"for_s": on.between(4, 18)})


async def in_parts(on: Stage) -> None:
    """An order fills in parts."""
    role = str(on.chance.choice(("entry", "stop", "target")))
    scope = {"count": 1, "for_s": LASTS_S}
    await on.scene.gate.rule("partial", {"role": role}, scope, size=1, seconds=on.between(1, 10))


async def no_stop(on: Stage) -> None:
    """The venue drops the stop of a bracket."""
    await on.scene.gate.rule("reject", {"role": "stop"}, {"count": 1, "for_s": LASTS_S})


async def gap(on: Stage) -> None:
    """The price leaps."""
    points = float(on.chance.choice((-20.0, -6.0, -2.0, 2.0, 6.0, 20.0)))
    await on.scene.gate.market("gap", points=points)


async def closed(on: Stage) -> None:
    """Somebody closes what we hold, or takes our stop off."""
    truth = await on.scene.gate.truth()
    stops = [one for one in working(truth, "stop") if one.status == 1]
    if stops and on.chance.random() < 0.4:
        await on.scene.gate.account("foreign_cancel", order=stops[0].id)
    elif on.scene.held(truth):
        await on.scene.gate.account("foreign_close", contract=on.scene.contract)


async def killed(on: Stage) -> None:
    """`kill -9`, and a start some time later."""
    await on.scene.kill()
    await on.scene.pass_s(on.between(0.0, 8.0))
    await on.scene.start()


async def slept(on: Stage) -> None:
    """The machine stands still for a while."""
    on.scene.process.send(signal.SIGSTOP)
    await on.scene.pass_s(on.between(4, 20))
    on.scene.process.send(signal.SIGCONT)


async def full_disk(on: Stage) -> None:
    """Nothing can be written for a while."""
    on.disk.full = True
    await on.scene.pass_s(on.between(1, 8))
    on.disk.full = False


async def slow_disk(on: Stage) -> None:
    """Every flush takes its time, for a while."""
    on.disk.slow_s = on.between(0.3, 2.0) / on.scene.gate.speed
    await on.scene.pass_s(on.between(2, 10))
    on.disk.slow_s = 0.0


async def thrown(on: Stage) -> None:
    """The kill switch."""
    if on.scene.bot.alive:
        with contextlib.suppress(NobodyThere, OSError):
            await begin_flatten(on.scene)


DEEDS: Final[tuple[Deed, ...]] = (
    outage, too_many, half_open, reset, expired, lost_answer, slow, doubled, mixed_up, silent,
    in_parts, no_stop, gap, closed, thrown, killed, slept, full_disk, slow_disk,
)  # fmt: skip
TOGETHER: Final[tuple[tuple[Deed, ...], ...]] = (
    (outage, killed),  # with a working entry
    (half_open, gap),
    (expired, no_stop),
    (in_parts, mixed_up, killed),
    (too_many, thrown),
    (silent, closed),
    (thrown, outage, gap),
    (slow, in_parts, gap),
    (lost_answer, gap),
    (killed, gap),
    (slept, expired),
    (full_disk, no_stop),
    (slow_disk, in_parts),
)
OF_A_PROCESS: Final = frozenset({killed, slept})
OF_OUR_OWN: Final = frozenset({full_disk, slow_disk})  # which a bot elsewhere would not meet
NAMED: Final = 0.5  # so many of the draws are of these


def overlaid(chance: np.random.Generator) -> tuple[Deed, ...]:
    """Two or three deeds of the seed."""
    if chance.random() < NAMED:
        return TOGETHER[int(chance.integers(len(TOGETHER)))]
    while True:
        count = int(chance.integers(2, 4))
        found = {DEEDS[int(k)] for k in chance.choice(len(DEEDS), count, replace=False)}
        if not (found & OF_A_PROCESS and found & OF_OUR_OWN):
            return tuple(one for one in DEEDS if one in found)
