"""What a person is told: one line, the same at most once a minute, with a counter."""

import ast
from collections.abc import Iterator
from pathlib import Path

from julie.core.alarms import ALARMS, operator_line
from julie.core.clock import VirtualClock
from julie.core.events import Alarm, AuditRecord, Payload, StateChanged
from julie.core.types import DeskState
from julie.live.operator import Operator, OperatorLine

JULIE = Path(__file__).resolve().parents[2] / "julie"
NOW = 1_750_080_600 * 10**9


def taken(operator: Operator, *payloads: Payload) -> None:
    """Hand it records of these payloads."""
    for seq, payload in enumerate(payloads):
        operator.take(AuditRecord("sim-1", seq, NOW, NOW, payload))


def test_the_line_says_all_four_things() -> None:
    line = operator_line("market_stale", "no quote of ESM5\nfor 5.2 s.")
    assert line == (
        "market_stale: no quote of ESM5 for 5.2 s. No entries; stops stay at the venue. "
        "-> It comes back by itself; `julie status` tells when."
    )


def test_every_alarm_has_one_line() -> None:
    for kind, advice in ALARMS.items():
        line = operator_line(kind, "it happened")
        assert "\n" not in line
        assert line.startswith(f"{kind}: it happened. {advice.desk} -> ")
        assert advice.desk.endswith(".")
        assert advice.person.endswith((".", "`."))


def test_every_alarm_that_is_raised_has_its_advice() -> None:
    raised = {kind for file in JULIE.rglob("*.py") for kind in raised_in(file)}
    assert len(raised) > 20
    assert raised <= set(ALARMS), sorted(raised - set(ALARMS))
    spelled = {text for file in JULIE.rglob("*.py") for text in texts_of(file)}
    promised = {one for one in ALARMS if not one.endswith("_off")}  # made of what is off
    assert promised <= spelled, f"nobody raises {sorted(promised - spelled)}"
    assert not any(ALARMS[one].critical for one in ("not_sent", "no_contract", "close"))


def raised_in(file: Path) -> Iterator[str]:
    """The codes that a file raises by name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func).rpartition(".")[2].lstrip("_").lower()
            if called in {"alarm", "surprise"} and isinstance(node.args[0].value, str):
                yield node.args[0].value


def texts_of(file: Path) -> Iterator[str]:
    """The texts of a file that stand anywhere but in the table itself."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        at_home = file.name == "alarms.py"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not at_home:
            yield node.value


def test_the_same_code_once_a_minute_with_its_count() -> None:
    clock = VirtualClock(NOW)
    seen: list[OperatorLine] = []
    operator = Operator("live", clock, (seen.append,))
    for _ in range(14):
        taken(operator, Alarm("market_stale", "no quote"))
        clock.advance(4)
    taken(operator, Alarm("user_down", "gone"))
    clock.advance(5)
    taken(operator, Alarm("market_stale", "no quote again"))
    assert [line.code for line in seen] == ["market_stale", "user_down", "market_stale"]
    assert seen[0].text.startswith("LIVE market_stale: no quote. ")
    assert seen[2].text.startswith("LIVE market_stale (x14): no quote again. ")
    assert operator.last is seen[2]


def test_a_halt_is_told_and_is_grave() -> None:
    seen: list[OperatorLine] = []
    operator = Operator("sim", VirtualClock(NOW), (seen.append,))
    taken(operator, StateChanged(DeskState.REDUCING, "stale"), Alarm("never heard of", "x"))
    taken(operator, StateChanged(DeskState.HALTED, "two desks on one account"))
    assert [(line.code, line.critical) for line in seen] == [
        ("never heard of", True),
        ("halted", True),
    ]


def test_a_halted_desk_is_told_by_what_halted_it() -> None:
    clock = VirtualClock(NOW)
    seen: list[OperatorLine] = []
    operator = Operator("sim", clock, (seen.append,))

    def changes(reason: str, *causes: str, state: DeskState = DeskState.HALTED) -> None:
        clock.advance(61)
        taken(operator, StateChanged(state, reason, causes))

    changes("unreconciled: over", "flatten")  # from an earlier run, not yet resumed
    changes("user_down: the user stream: silent", "flatten")
    changes("user_down: over", "flatten")
    changes("two_desks: order 7 bears a tag", "flatten", "two_desks")
    changes("resumed: seen", state=DeskState.ACTIVE)
    changes("flatten: a person", "flatten")
    told = [line.text.partition(". ")[0] for line in seen]
    assert told == [
        "SIM halted: flatten",
        "SIM halted: two_desks: order 7 bears a tag",
        "SIM halted: flatten: a person",
    ]
