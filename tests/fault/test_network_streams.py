"""The two streams: dead, silent, half alive, and what comes over them twice, late or turned."""

from typing import Any

from julie.core.events import Fill, Health, OrderState, OrderUpdate, StateChanged
from julie.core.taken import MinuteTaken
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS, SECOND_NS
from tests.fault.asking import ASKS_NEVER, ASKS_ONCE
from tests.fault.frame import Scene
from tests.fault.gate import calls
from tests.fault.network_seen import connected, entry, hears, journal, ready, told_of
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault

ORDERS = "GatewayUserOrder"
READS = ("/search", "/searchOpen", "/query")  # of orders, positions and trades


async def connected_anew(scene: Scene, hub: str, old: int, within_s: float) -> float:
    """Wait for another connection of a hub; after how many seconds it came."""
    began = await scene.gate.now_ns()
    numbers: list[int] = []
    while not [one for one in numbers if one > old]:
        assert await scene.gate.now_ns() - began < within_s * SECOND_NS, f"no new {hub} hub"
        await scene.pass_s(0.2)
        numbers = await hears(scene, hub)
    return (await scene.gate.now_ns() - began) / SECOND_NS


def changes(scene: Scene, since: int) -> list[tuple[int, StateChanged]]:
    """The desk's states from a time on, with their times."""
    return [
        (one.ts_exchange, one.payload)
        for one in read_journal(scene.data)
        if isinstance(one.payload, StateChanged) and one.ts_exchange >= since
    ]


def was(scene: Scene, since: int, cause: str) -> bool:
    """Whether a cause has changed the desk's state since a time."""
    return any(cause in one.reason for _, one in changes(scene, since))


@fault("N14", cases=("user", "market"), sets=(ASKS_NEVER,))
async def test_n14_a_peer_that_is_gone_without_a_word(scene: Scene) -> None:
    await ready(scene)
    old = await connected(scene, scene.case)
    await scene.gate.rule("half_open", {"hub": scene.case})
    await scene.message(f"{scene.case}_down", within_s=31)
    await connected_anew(scene, scene.case, old, within_s=15)
    await scene.state("ACTIVE", within_s=15)
    scene.back_s = (await scene.gate.now_ns() - (scene.gate.broken_ns or 0)) / SECOND_NS


@fault("N15", sets=("strategies.pulse.first=931",))
async def test_n15_a_market_that_is_silent_though_connected(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.play_to(48)  # the minute ends, and asks for an entry, between 5 and 15 s
    old = await connected(scene, "market")
    await scene.gate.rule("mute", {"hub": "market"}, {"for_s": 22})
    began = scene.gate.broken_ns
    assert began is not None
    await scene.told("stale", lambda: was(scene, began, "market_stale"), within_s=8)
    stale_ns = next(at for at, one in changes(scene, began) if "market_stale" in one.reason)
    assert 4.0 <= (stale_ns - began) / SECOND_NS <= 7.5
    await scene.told("down", lambda: was(scene, began, "market_down"), within_s=14)
    down_ns = next(at for at, one in changes(scene, began) if "market_down" in one.reason)
    assert 14.0 <= (down_ns - began) / SECOND_NS <= 17.5
    await connected_anew(scene, "market", old, within_s=15)
    await scene.state("ACTIVE", within_s=20)

    def nothing_was_asked_for_in_the_silence(outcome: Outcome) -> None:
        (shut,) = [one for one in outcome.of(MinuteTaken) if 0 < one.ts + MINUTE_NS - began < 20e9]
        assert shut.gates == (int(Reason.STALE_DATA),)
        sent = [one.created_ns for one in outcome.truth.orders if one.role == "entry"]
        assert not [at for at in sent if began < at < down_ns + 5 * SECOND_NS]

    scene.checks.append(nothing_was_asked_for_in_the_silence)


@fault("N16", cases=("user", "market"), sets=(ASKS_ONCE,))
async def test_n16_one_hub_alive_and_one_dead(scene: Scene) -> None:
    await ready(scene)
    held = await scene.entered()
    scope = {"for_s": 20}
    await scene.gate.rule("refuse_connect", {"hub": scene.case}, scope, status=503)
    await scene.gate.rule("reset", {"hub": scene.case})
    await scene.state("REDUCING", within_s=5)
    began = await scene.gate.now_ns()
    truth = await scene.until("10 s later", lambda t: t.clock >= began + 10 * SECOND_NS)
    assert scene.protected(truth)
    if scene.case == "user":
        reads = [one for one in truth.requests if one.ns >= began and one.path.endswith(READS)]
        assert len(reads) >= 8, "a position is read each second while its hub is down"
    await scene.state("ACTIVE", within_s=40)

    def nothing_was_touched(outcome: Outcome) -> None:
        orders = [one.id for one in outcome.truth.orders if one.role in ("entry", "stop", "target")]
        assert orders == [one.id for one in held.orders]

    scene.checks.append(nothing_was_touched)


IGNORED = {"market": 2, "market twice": 4, "user": 4}  # calls of one subscription, or of two


@fault("N17", cases=tuple(IGNORED), sets=("strategies.pulse.first=931",))
async def test_n17_a_subscription_that_nobody_served(scene: Scene) -> None:
    await ready(scene)
    hub, _, _ = scene.case.partition(" ")
    old = await connected(scene, hub)
    await scene.gate.rule("ignore_subscribe", {"hub": hub}, {"count": IGNORED[scene.case]})
    before = len(changes(scene, 0))
    await scene.gate.rule("reset", {"hub": hub})
    await scene.told("noticed", lambda: len(changes(scene, 0)) > before, within_s=20)
    if hub == "market":
        await connected_anew(scene, hub, old, within_s=40)  # one that is served
    await scene.state("ACTIVE", within_s=30)
    await scene.gate.play_to(56)
    await scene.until("protected", scene.protected)
    await scene.pass_s(6)


@fault("N20", sets=(ASKS_ONCE,))
async def test_n20_every_event_four_times(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.rule("duplicate", {"hub": "user"}, times=3)
    await scene.entered()
    await scene.gate.market("gap", points=12.0)
    await scene.until("out", lambda truth: not truth.positions and len(truth.fills) == 2)

    def each_once(outcome: Outcome) -> None:
        fills = outcome.of(Fill)
        assert len(fills) == len({one.trade for one in fills}) == 2

    scene.checks.append(each_once)


@fault("N21", cases=(3, 5), sets=(ASKS_ONCE,))
async def test_n21_events_in_the_wrong_order(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.rule("reorder", {"hub": "user"}, {"for_s": 30}, window=scene.case, seconds=1.5)
    await scene.until("protected", scene.protected, within_s=10)
    await scene.pass_s(4)
    await scene.gate.market("gap", points=12.0)
    await scene.until("out", lambda truth: not truth.positions)
    await scene.pass_s(4)
    scene.checks.append(forwards)


RANK = {
    OrderState.PLANNED: 0,
    OrderState.SENT: 1,
    OrderState.UNKNOWN: 2,
    OrderState.WORKING: 3,
    OrderState.PARTLY_FILLED: 4,
}


def forwards(outcome: Outcome) -> None:
    """No order goes back to what it was."""
    known: dict[str, int] = {}
    for one in outcome.of(OrderUpdate):
        rank = RANK.get(one.state, 5)
        assert rank >= known.get(one.tag, 0), f"{one} goes back"
        known[one.tag] = rank


@fault("N22", sets=(ASKS_ONCE,))
async def test_n22_an_event_older_than_what_was_read(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.rule("hold", {"event": ORDERS}, {"for_s": 10}, seconds=30)
    truth = await scene.until("protected", scene.protected, within_s=10)
    held_ns = truth.clock
    await scene.gate.market("gap", points=12.0)
    await scene.until("out", lambda truth: not truth.positions)
    await scene.pass_s(25)
    truth = await scene.gate.truth()
    assert calls(truth, "/api/Account/search", held_ns), "no comparison lay in between"
    assert older_rows(scene) == 0
    await scene.told("dropped by its time, and counted", lambda: older_rows(scene) >= 2)
    scene.checks.append(forwards)


def older_rows(scene: Scene) -> float:
    """Rows of orders that told of the past, as the program last counted them."""
    counts = journal(scene, Health)
    return dict(counts[-1].values).get("rows order, older", 0.0) if counts else 0.0


BROKEN: dict[str, dict[str, Any]] = {
    "truncated": {"do": "truncate", "keep": 60},
    "random": {"do": "garbage", "size": 200},
    "split": {"do": "split"},
    "text": {"do": "body", "text": "<html>Welcome to Hotel Wi-Fi</html>"},
    "ten megabytes": {"do": "grow", "size": 10_000_000},
}


@fault("N23", cases=tuple(BROKEN), sets=(ASKS_ONCE,))
async def test_n23_a_frame_that_is_none(scene: Scene) -> None:
    await ready(scene)
    action = dict(BROKEN[scene.case])
    await scene.gate.rule(action.pop("do"), {"event": ORDERS}, {"count": 2}, **action)
    await scene.until("protected", scene.protected, within_s=10)
    await scene.pass_s(8)


@fault("N23", sets=(ASKS_NEVER,))
async def test_n23_more_than_three_in_a_minute_cost_the_connection(scene: Scene) -> None:
    await ready(scene)
    old = await connected(scene, "market")
    await scene.gate.rule("garbage", {"hub": "market"}, {"count": 4}, size=50)
    await scene.message("bad_frames", within_s=20)
    await connected_anew(scene, "market", old, within_s=15)
    await scene.state("ACTIVE", within_s=15)


UNKNOWN_VALUES: dict[str, tuple[str, dict[str, Any]]] = {
    "status 0": (ORDERS, {"status": 0}),
    "status 99": (ORDERS, {"status": 99}),
    "type 42": (ORDERS, {"type": 42}),
    "side 7": (ORDERS, {"side": 7}),
    "position type 0": ("GatewayUserPosition", {"type": 0}),
    "position type 3": ("GatewayUserPosition", {"type": 3}),
}


@fault("N24", cases=tuple(UNKNOWN_VALUES), sets=(ASKS_ONCE,))
async def test_n24_a_value_that_nobody_knows(scene: Scene) -> None:
    await ready(scene)
    event, values = UNKNOWN_VALUES[scene.case]
    await scene.gate.rule("edit", {"event": event}, {"for_s": 8}, set=values)
    await scene.until("protected", scene.protected, within_s=10)
    await scene.message("unreadable", within_s=10)
    await scene.state("HALTED", within_s=10)  # it touches what is open
    await scene.pass_s(5)

    def never_taken_for_another(outcome: Outcome) -> None:
        roles = [one.role for one in outcome.truth.orders if one.role != "close"]
        assert sorted(roles) == ["entry", "stop", "target"], "an order was sent on it"
        told = " ".join(outcome.alarms("unreadable"))  # as the journal has it
        name, _, value = scene.case.rpartition(" ")
        assert "as it came" in told, "the raw row is kept"
        assert f'"{name.split()[-1]}":{value}' in told

    scene.checks.append(never_taken_for_another)


MISSHAPEN: dict[str, dict[str, Any]] = {
    "missing": {"drop": ["fillVolume"]},
    "null": {"set": {"size": None}},
    "price as text, a new field": {"set": {"stopPrice": "4995.25", "colour": "blue"}},
}


@fault("N25", cases=tuple(MISSHAPEN), sets=(ASKS_ONCE,))
async def test_n25_a_field_missing_null_new_or_of_another_type(scene: Scene) -> None:
    await ready(scene)
    shape = MISSHAPEN[scene.case]
    await scene.gate.rule("edit", {"event": ORDERS}, {"for_s": 8}, **shape)
    await scene.until("protected", scene.protected, within_s=10)
    await scene.pass_s(10)

    def strict_on_what_is_needed(outcome: Outcome) -> None:
        refused = " ".join(outcome.alarms("unreadable"))
        paths = {"missing": "fillVolume", "null": "size"}
        if scene.case in paths:
            assert paths[scene.case] in refused, "the refusal names the field"
        else:
            assert refused == ""

    scene.checks.append(strict_on_what_is_needed)


@fault("N26", cases=("flat", "list"), sets=(ASKS_ONCE,))
async def test_n26_the_wrapping_changes_in_the_middle(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.dialect(user_events=scene.case)
    await scene.entered()
    await scene.gate.dialect(user_events="wrapped")
    await scene.gate.market("gap", points=12.0)
    await scene.until("out", lambda truth: not truth.positions and len(truth.fills) == 2)

    def read_alike(outcome: Outcome) -> None:
        assert outcome.alarms("unreadable") == []
        filled = [one.state for one in told_of(outcome, entry(outcome).tag)]
        assert filled[-1] is OrderState.FILLED

    scene.checks.append(read_alike)


@fault("N30", cases=(2, 10), sets=(ASKS_ONCE,))
async def test_n30_everything_is_slow(scene: Scene) -> None:
    await ready(scene)
    path = "/api/*" if scene.case == 2 else "/api/Order/place"
    await scene.gate.rule("delay", {"path": path}, {"for_s": 25}, seconds=scene.case, after=True)
    await scene.until("protected", scene.protected, within_s=20)
    await scene.pass_s(25)

    def one_stop_and_one_target(outcome: Outcome) -> None:
        working = [one for one in outcome.truth.orders if one.role in ("stop", "target")]
        assert [one.role for one in working if one.status == 1] in ([], ["stop", "target"])
        (sent,) = calls(outcome.truth, "/api/Order/place")
        assert sent.success

    scene.checks.append(one_stop_and_one_target)


@fault("N30", sets=(ASKS_ONCE, "execution.max_signal_age_s=5"))
async def test_n30_an_entry_that_grew_old_is_dropped(scene: Scene) -> None:
    await ready(scene)
    # the close's own minute was heard in part: it is read by REST, and that takes too long
    await scene.gate.rule("mute", {"event": "GatewayTrade"}, {"for_s": 3})
    await scene.gate.rule("delay", {"path": "/api/History/*"}, {"for_s": 30}, seconds=12)
    await scene.pass_s(30)

    def never_sent(outcome: Outcome) -> None:
        assert journal(scene, Fill) == []
        assert not [one for one in outcome.truth.orders if one.role == "entry"]

    scene.checks.append(never_sent)
