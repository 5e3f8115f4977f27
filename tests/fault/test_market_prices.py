"""Prices that leap, lie or do not come: M1, M2, M4, M5, M6, M7."""

from itertools import pairwise

from julie.core.bookings import TradeClosed
from julie.core.events import Decision, Health, Intent
from julie.core.taken import MinuteTaken, TakenBar
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS, SECOND_NS
from tests.fault.asking import ASKS_NEVER, ASKS_ONCE
from tests.fault.flat_market import PRICE, TICK
from tests.fault.frame import Scene
from tests.fault.gate import working
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault


def minutes(scene: Scene) -> list[MinuteTaken]:
    """What the desk was told so far."""
    found = [one.payload for one in read_journal(scene.data, "MinuteTaken")]
    return [one for one in found if isinstance(one, MinuteTaken)]


def bars(outcome: Outcome) -> list[TakenBar]:
    """The desk's bars, in their order."""
    return [bar for one in outcome.of(MinuteTaken) for bar in one.bars if bar is not None]


async def heard(scene: Scene, count: int) -> None:
    """Until so many minutes more were decided; what lies before their ends is played at once."""
    for _ in range(count):
        before = len(minutes(scene))
        await scene.gate.play_to(57.0)
        await scene.told("a minute on", lambda known=before: len(minutes(scene)) > known)  # type: ignore[misc]


def as_quiet(outcome: Outcome) -> None:
    """The bars of a market in which nothing happened."""
    for bar in bars(outcome):
        assert (bar.open, bar.close) == (PRICE, PRICE), bar
        assert (bar.high, bar.low) == (PRICE + TICK, PRICE - TICK), bar


@fault("M1", sets=("defense.circuit_breaker.day_loss_usd=50",))
async def test_m1_a_gap_through_the_stop_counts_as_it_was_filled(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.market("gap", points=-20.0)
    await scene.until("out", lambda truth: not scene.held(truth))
    await heard(scene, 2)

    def booked(outcome: Outcome) -> None:
        (trade,) = outcome.of(TradeClosed)
        assert trade.exit_price < trade.stop_price - 10
        assert trade.slippage_ticks > 40  # entry's and exit's, against the stop's own price
        assert trade.net < -50
        later = [d for d in outcome.of(Decision) if d.ts >= trade.exit_ts]
        said = {one.outcome for d in later for one in d.candidates}
        assert later
        assert Reason.NONE not in said
        assert Reason.DAY_LOSS in said, said

    scene.checks.append(booked)


@fault("M2", sets=(ASKS_ONCE, "strategies.pulse.below=8"))
async def test_m2_a_limit_that_was_jumped_over(scene: Scene) -> None:
    await scene.ready()
    await scene.until("at work", lambda truth: bool(working(truth, "entry")))
    await scene.gate.market("gap", points=-6.0)
    truth = await scene.until("protected", scene.protected)
    (fill,) = truth.fills
    (intent,) = [
        one.payload for one in read_journal(scene.data, "Intent") if isinstance(one.payload, Intent)
    ]
    assert intent.price_tick is not None
    assert fill.tick < intent.price_tick - 8  # at the better price, not at its own
    (stop,) = working(truth, "stop")
    assert abs(fill.tick - round(stop.price / TICK) - intent.stop_ticks) <= 1


KEPT_OUT = ("prints off the grid", "prints not positive", "prints unconfirmed")


def kept_out(scene: Scene) -> float:
    """Prints that were not believed, as the program last counted them."""
    counts = [one.payload for one in read_journal(scene.data, "Health")]
    last = dict(counts[-1].values) if counts and isinstance(counts[-1], Health) else {}
    return sum(last.get(name, 0.0) for name in KEPT_OUT)


@fault("M4", sets=(ASKS_NEVER,), cases=(10 * PRICE, -1.0, 0.0, PRICE + 0.1))
async def test_m4_a_print_that_no_market_made(scene: Scene) -> None:
    await scene.ready()
    await scene.gate.market("bad_tick", price=scene.case)
    await heard(scene, 1)
    await scene.told("counted", lambda: kept_out(scene) == 1)
    scene.checks.append(as_quiet)

    def as_without_it(outcome: Outcome) -> None:
        shapes = {(b.open, b.high, b.low, b.close, b.volume) for b in bars(outcome)}
        assert len(shapes) == 1, "every minute of this market is the same, volume too"

    scene.checks.append(as_without_it)


@fault("M5", cases=("crossed", "no_ask"))
async def test_m5_no_entry_on_a_quote_that_nobody_can_trade(scene: Scene) -> None:
    await scene.start()
    await scene.reconciled()
    await scene.gate.play_to(50.0)
    if scene.case == "crossed":
        await scene.gate.market("crossed", seconds=20.0)
    else:
        await scene.gate.market("halt", seconds=20.0, limit="up")
    await heard(scene, 1)
    shut = minutes(scene)[-1]
    assert shut.gates == (int(Reason.CROSSED_QUOTE),)
    assert not (await scene.gate.truth()).orders
    await scene.pass_s(12)  # until quotes are as they should be
    await scene.gate.play_to(56.0)
    await scene.until("in again", scene.protected)


@fault("M6", sets=(ASKS_NEVER,))
async def test_m6_minutes_in_which_nobody_trades(scene: Scene) -> None:
    await scene.ready()
    await heard(scene, 1)
    first = minutes(scene)[-1].ts
    await scene.gate.play_to(5.0)
    await scene.gate.market("silent", seconds=4 * 60.0)
    await scene.gate.play(4 * 60.0)
    await heard(scene, 2)

    def unheard(outcome: Outcome) -> None:
        told = [one.ts for one in outcome.of(MinuteTaken) if one.ts >= first]
        apart = [b - a for a, b in pairwise(told)]
        assert max(apart) >= 4 * MINUTE_NS, apart  # no bar was made up for what lies between
        assert not any(bar.backfilled for bar in bars(outcome) if bar.ts > first)
        assert {bar.open for bar in bars(outcome)} == {PRICE}

    scene.checks.append(unheard)


@fault("M7", sets=(ASKS_NEVER,), cases=(1.5, 30.0))
async def test_m7_a_print_that_comes_after_its_minute(scene: Scene) -> None:
    await scene.ready()
    await heard(scene, 1)
    await scene.gate.pause()
    await scene.gate.play_to(1.0 if scene.case < 2 else 20.0)
    await scene.gate.market("late_tick", seconds=scene.case, price=PRICE + 3.0)
    await scene.gate.pause(paused=False)
    await heard(scene, 2)
    scene.checks.append(as_quiet)

    def once(outcome: Outcome) -> None:
        told = [one.ts for one in outcome.of(MinuteTaken)]
        assert len(told) == len(set(told)), "a minute was decided twice"
        assert all(ts % MINUTE_NS == 0 for ts in told)
        late = [one for one in outcome.journal if isinstance(one.payload, MinuteTaken)]
        waited = [one.ts_exchange - one.payload.ts - MINUTE_NS for one in late]  # type: ignore[union-attr]
        assert min(waited) >= 0
        assert sorted(waited)[len(waited) // 2] <= 2 * SECOND_NS

    scene.checks.append(once)
