"""Many parameter sets over the same bars; what they do not touch is computed once.

A set gives numbers to rules, by strategy. All sets go through one graph, where equal columns are
one column; then each is judged and walked by a desk of its own. The runs equal single ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from julie.backtest.engine import market_of
from julie.backtest.runner import Request, Run, search_each, sound, trade
from julie.core.errors import ConfigError
from julie.defense.overrides import near
from julie.settings import Settings

ParamSet = Mapping[str, Mapping[str, Any]]  # strategy -> its numbers


def sweep(request: Request, param_sets: Sequence[ParamSet]) -> list[Run]:
    """One run for each set, in their order."""
    if not param_sets:
        return []
    settings = [with_params(request.settings, one) for one in param_sets]
    found = search_each([replace(request, settings=one) for one in settings])
    first = found[0]
    market = market_of(first.request.series, request.traded, first.line, first.swept.kept)
    return [sound(trade(one, market._replace(exits=one.swept.kept.exits))) for one in found]


def with_params(settings: Settings, numbers: ParamSet) -> Settings:
    """The settings with other numbers for some rules."""
    sections = {name: _changed(settings, name, values) for name, values in numbers.items()}
    strategies = settings.strategies.model_copy(update=sections)
    return settings.model_copy(update={"strategies": strategies})


def _changed(settings: Settings, name: str, values: Mapping[str, Any]) -> Any:
    known = tuple(settings.strategies.names())
    if name not in known:
        raise ConfigError(
            f"a parameter set names strategy {name!r}, which is not there{near(name, known)}",
            "name strategies of the run",
        )
    section = settings.strategies[name]
    try:
        params = section.params_class(**(section.params.model_dump() | dict(values)))
    except ValidationError as error:
        faults = "; ".join(
            f"{name}.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        fields = ", ".join(section.params_class.model_fields)
        raise ConfigError(f"a parameter set is wrong: {faults}", f"{name} has {fields}") from error
    return section.model_copy(update=params.model_dump())
