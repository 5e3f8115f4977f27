"""A market and people that act by chance, beside the bot: M18, H12."""

from typing import Any, Final

import numpy as np

from julie.core.events import Asked, Intent
from julie.simgate.exchange.bodies import Truth
from tests.fault.flat_market import OPEN_MINUTE, PRICE, TICK
from tests.fault.frame import Scene
from tests.fault.gate import flat, working
from tests.fault.kills import taken_up
from tests.fault.outcome import Outcome
from tests.fault.rows import fault

SWING: Final = 40.0  # points
SWING_S: Final = 10.0
STEPS: Final = 50
DEEDS: Final = 14  # of a person, in an hour
BETWEEN_S: Final = (120.0, 400.0)
AWAY: Final = -4.0  # points, of a long's stop
NEARER: Final = 2.0
NEAREST: Final = 1.0  # from the price; a stop that was moved nearer stays there


@fault("M18", nightly=True, sets=("strategies.pulse.contracts=3", "strategies.pulse.near=16"))
async def test_m18_forty_points_in_ten_seconds(scene: Scene) -> None:
    chance = np.random.default_rng(scene.seed)
    down = chance.random() < 0.5
    await scene.ready(sets=(f"strategies.pulse.side={1 if down else -1}",))
    slow = float(chance.uniform(0.2, 1.0))
    await scene.gate.rule("delay", {"path": "/api/*"}, {"for_s": 25}, seconds=slow, jitter=slow)
    for role in ("entry", "stop", "target"):
        if chance.random() < 0.6:
            late, scope = float(chance.uniform(1, 6)), {"count": 1, "for_s": 25}
            await scene.gate.rule("partial", {"role": role}, scope, size=1, seconds=late)
    first = float(chance.uniform(2.0, 7.0))  # before, while and after the entry leaves
    at = np.sort(chance.uniform(first, first + SWING_S, STEPS))
    way = np.cumsum(chance.normal(0.0, 1.5, STEPS)) + np.linspace(0.0, SWING, STEPS)
    last = 5000.0 + (-1 if down else 1) * way
    ticks = [[float(s), round(float(p) / TICK) * TICK, 5] for s, p in zip(at, last, strict=True)]
    await scene.gate.market("ticks", ticks=ticks)
    await scene.pass_s(first + SWING_S + 15)
    await scene.until("flat or protected", lambda truth: flat(truth) or scene.protected(truth))


def _stops(truth: Truth) -> list[Any]:
    return [one for one in working(truth, "stop") if not one.foreign and one.status == 1]


async def meddled(scene: Scene, chance: np.random.Generator) -> str:
    """One deed of a person at the platform; its name."""
    truth = await scene.gate.truth()
    held, stops, contract = scene.held(truth), _stops(truth), scene.contract
    if not held:
        side = str(chance.choice(("buy", "sell")))
        await scene.gate.account("foreign", contract=contract, side=side, size=1)
        return "opened"
    choices = ["closed", "added"]
    choices += ["moved", "taken off"] if stops else []
    choices += ["cut"] if abs(held) > 1 else []
    deed = str(chance.choice(choices))
    if deed == "closed":
        await scene.gate.account("foreign_close", contract=contract)
    elif deed == "cut":
        await scene.gate.account("foreign_close", contract=contract, size=1)
    elif deed == "added":
        side = "buy" if held > 0 else "sell"
        await scene.gate.account("foreign", contract=contract, side=side, size=1)
    elif deed == "moved":
        one = stops[int(chance.integers(len(stops)))]
        moved = one.price + float(chance.choice((AWAY, NEARER))) * (1 if held > 0 else -1)
        if (PRICE - moved) * held < NEAREST * abs(held):  # the venue takes no stop beyond the price
            moved = one.price + AWAY * (1 if held > 0 else -1)
        await scene.gate.account("foreign_modify", order=one.id, price=moved)
    else:
        await scene.gate.account("foreign_cancel", order=stops[0].id)
    return deed


@fault(
    "H12",
    nightly=True,
    foreign=True,
    sets=(
        "strategies.pulse.contracts=2",
        "defense.order=[session]",
        f"strategies.pulse.first={OPEN_MINUTE}",
    ),
)
async def test_h12_somebody_trades_beside_the_desk(scene: Scene) -> None:
    chance = np.random.default_rng(scene.seed)
    await scene.ready()
    done: list[str] = []
    for _ in range(DEEDS):
        done.append(await meddled(scene, chance))
        await scene.pass_s(6)
        await scene.until("flat or covered", lambda truth: flat(truth) or scene.protected(truth))
        await scene.gate.play(float(chance.uniform(*BETWEEN_S)))
        assert await taken_up(scene, "flatten", "stop_touched")
        await scene.gate.play_to(57)
        await scene.pass_s(float(chance.uniform(0.0, 5.0)))
    scene.told_at_end.append(f"{len(done)} deeds")

    def never_fought(outcome: Outcome) -> None:
        touched = sum(one in ("moved", "taken off") for one in done)
        restored = [one for one in outcome.of(Asked) if one.reason == "restored"]
        laid = [one for one in outcome.of(Intent) if one.role == "stop"]
        given = touched + sum(one in ("opened", "added") for one in done)
        assert len(restored) + len(laid) <= given, (done, restored, laid)

    scene.checks.append(never_fought)
