"""julie audit: nothing looks ahead, live decides as batch does, to the last bit."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from julie.cli.asked import (
    Data,
    Json,
    Map,
    OwnAdjust,
    Symbol,
    Zone,
    adjust_of,
    mapping_of,
    sources_of,
)
from julie.cli.options import ConfigFiles, Sets, configuration

if TYPE_CHECKING:
    from julie.backtest.audit.audit import Audited
    from julie.backtest.audit.selftest import Planted

app = typer.Typer(help=__doc__, add_completion=False)

Days = Annotated[
    int, typer.Option("--days", min=0, help="Last trading days to audit; 0 = all of them.")
]
Names = Annotated[
    list[str] | None,
    typer.Option("--strategies", help="Only these; path/to/mine.py:name from a file."),
]
SelfTest = Annotated[
    bool, typer.Option("--self-test", help="Also plant leaks that must be caught.")
]
Seed = Annotated[int, typer.Option("--seed", help="Of the rows that are cut and changed.")]


@app.command()
def audit(
    data: Data = None,
    symbol: Symbol = None,
    map_: Map = None,
    adjust: OwnAdjust = None,
    zone: Zone = None,
    days: Days = 40,
    strategies: Names = None,
    config: ConfigFiles = None,
    sets: Sets = None,
    self_test: SelfTest = False,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Step, cut and change the series; exit code 9 on any difference or anything untested."""
    from pathlib import Path

    from julie.backtest.audit.audit import audit as run_audit
    from julie.backtest.audit.columns import all_columns
    from julie.backtest.audit.selftest import plant, scenario
    from julie.backtest.request import Asked, make_request, outside
    from julie.cli import talk
    from julie.strategies.catalogue import catalogue

    words = tuple(word for words in strategies or () for word in words.split(",")) or tuple(
        catalogue()
    )
    asked = Asked(
        sources=sources_of(data, symbol),
        mapping=mapping_of(map_),
        adjust=adjust_of(adjust),
        tz=zone,
        strategies=words,
    )
    settings = configuration(
        config, sets, strategy_files=outside(words)
    ).tree  # the live tree, no backtest overrides
    request = make_request(asked, settings, Path(settings.data.folder))
    told = _Told()
    audited = run_audit(request, days, all_columns(request.series), seed, told.step)
    untested = audited.coverage.untested_judges
    played = (
        scenario(settings, request.strategies, seed, told.step) if untested or self_test else None
    )
    planted = plant(settings, request.strategies, seed, told.step) if self_test else []
    facts = _facts(audited, played, planted)
    talk.result_json(facts) if as_json else talk.result(_words(facts))
    if not facts["clean"]:
        raise typer.Exit(9)


class _Told:
    """Progress of stepping, a line now and then."""

    def __init__(self) -> None:
        self._last = -1

    def step(self, done: int, total: int) -> None:
        """So many rows are stepped."""
        from julie.cli import talk

        tenth = 10 * done // max(total, 1)
        if tenth != self._last:
            self._last = tenth
            talk.say(f"stepping: {done:,} of {total:,} rows ({10 * tenth} %)")


def _facts(
    audited: "Audited", played: "Audited | None", planted: "list[Planted]"
) -> dict[str, Any]:
    cover = audited.coverage
    by_scenario = {
        name: played.coverage.judges.get(name, 0) if played else 0 for name in cover.untested_judges
    }
    differences = [*audited.findings.differences, *(played.findings.differences if played else [])]
    total = audited.findings.total + (played.findings.total if played else 0)
    untested = [*cover.untested_strategies, *(name for name, n in by_scenario.items() if n == 0)]
    blind = [one.name for one in planted if one.differences == 0]
    return {
        "clean": total == 0 and not untested and not blind,
        "first": str(audited.first),
        "last": str(audited.last),
        "differences": total,
        "shown": differences,
        "compared": audited.findings.counts,
        "strategies": dict(cover.strategies),
        "silent": dict(cover.silent),
        "judges": dict(cover.judges),
        "judges_by_scenario": by_scenario,
        "untested": untested,
        "scenario_compared": played.findings.counts if played else {},
        "planted": {one.name: one.differences for one in planted},
        "planted_first": {one.name: one.first for one in planted},
        "blind_to": blind,
    }


def _words(facts: dict[str, Any]) -> str:
    lines = [f"AUDIT {facts['first']} to {facts['last']}: {facts['differences']} differences"]
    lines += [f"  compared {what}: {n:,}" for what, n in facts["compared"].items()]
    lines += [f"  strategy {name}: {n:,} candidates" for name, n in facts["strategies"].items()]
    lines += [f"  silent {name}: {why}" for name, why in facts["silent"].items()]
    for name, n in facts["judges"].items():
        played = facts["judges_by_scenario"].get(name)
        lines.append(
            f"  judge {name}: {n:,} verdicts"
            + (f", {played:,} in the scenario" if played is not None else "")
        )
    lines += [
        f"  planted {name}: caught, {n:,} differences" for name, n in facts["planted"].items() if n
    ]
    lines += [f"  NOT CAUGHT: {name}" for name in facts["blind_to"]]
    lines += [f"  UNTESTED: {name}" for name in facts["untested"]]
    lines += [f"  DIFFERENCE {words}" for words in facts["shown"]]
    return "\n".join([*lines, "clean" if facts["clean"] else "NOT CLEAN"])
