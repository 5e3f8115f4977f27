"""The audit's own proof: planted leaks are caught, and judges without an occasion get one.

Both run over simulated sessions. The scenario holds a Thanksgiving week and an account with narrow
limits, so that the holiday, account and breaker judges have something to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from julie.backtest.audit.audit import Audited, audit
from julie.backtest.audit.planted import drifting_column, leaking_column, leaking_strategy
from julie.backtest.engine import Progress
from julie.backtest.runner import Request
from julie.core.instruments import instrument
from julie.defense.circuit_breaker import P as CircuitBreaker
from julie.settings import Settings
from julie.strategies.base import Strategy
from julie.strategies.catalogue import catalogue
from julie.synth import generate

PLANTED = ("leaking column", "leaking strategy", "drifting kernel")
SCENARIO_DAYS = 45
SCENARIO_START = date(2025, 10, 2)
SCENARIO_AUDITED = 6
PLANTED_DAYS = 2


@dataclass(frozen=True, slots=True)
class Planted:
    """A leak and how many differences it made; none = the audit is blind to it."""

    name: str
    differences: int
    first: str


def _sample(settings: Settings, strategies: Sequence[Strategy]) -> Request:
    made = generate(days=SCENARIO_DAYS, seed=11, start=SCENARIO_START, symbols=("MES",))
    return Request((made.bars["MES"],), (instrument("MES"),), tuple(strategies), settings)


def narrow(settings: Settings) -> Settings:
    """An account with limits so narrow that every judge of our own record has an occasion."""
    account = settings.account
    rules = account.rules.model_copy(update={"maximum_loss": 600.0, "daily_loss": 250.0})
    profiles = {**account.profiles, account.profile: rules}
    gate = settings.risk.gate.model_copy(update={"entries_a_day": 4})
    breaker = CircuitBreaker(strategy_losses=2)
    return settings.model_copy(
        update={
            "defense": settings.defense.model_copy(update={"circuit_breaker": breaker}),
            "account": account.model_copy(update={"profiles": profiles}),
            "risk": settings.risk.model_copy(update={"gate": gate}),
        }
    )


def scenario(
    settings: Settings, strategies: Sequence[Strategy], seed: int, progress: Progress
) -> Audited:
    """The same audit over the sessions that give every judge its occasion.

    What ships plays along: one rare rule leaves the judges of our own record nothing to say.
    """
    played = {one.name: one for one in (*catalogue().values(), *strategies)}
    request = _sample(narrow(settings), tuple(played.values()))
    return audit(request, SCENARIO_AUDITED, {}, seed, progress)


def plant(
    settings: Settings, strategies: Sequence[Strategy], seed: int, progress: Progress
) -> list[Planted]:
    """Run the audit with each leak in turn; returns what it found of each."""
    clean = _sample(settings, strategies[:1])
    found = []
    for name, request, extra in (
        (PLANTED[0], clean, {"MES": (leaking_column(),)}),
        (
            PLANTED[1],
            replace(
                clean, strategies=(leaking_strategy,), settings=_with(settings, leaking_strategy)
            ),
            {},
        ),
        (PLANTED[2], clean, {"MES": (drifting_column(),)}),
    ):
        findings = audit(request, PLANTED_DAYS, extra, seed, progress).findings
        mine = [d for d in findings.differences if _names(name, d)]
        found.append(Planted(name, findings.total if mine else 0, mine[0] if mine else ""))
    return found


def _names(name: str, words: str) -> bool:
    marks: Mapping[str, tuple[str, ...]] = {
        PLANTED[0]: ("tomorrow",),
        PLANTED[1]: ("decisions", "leaking_strategy", "tomorrow"),
        PLANTED[2]: ("drifting",),
    }
    return any(mark in words for mark in marks[name])


def _with(settings: Settings, one: Strategy) -> Settings:
    """The settings of a tree that also knows this strategy."""
    from julie.settings import default_tree

    tree = default_tree({one.name: one})
    return tree.model_validate(settings.model_dump(exclude={"strategies"}))
