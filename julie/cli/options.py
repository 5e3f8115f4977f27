"""The flags that several commands share, and the configuration they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from julie.core.config import Loaded
    from julie.settings import Settings, StrategyFacts

ConfigFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--config", help="A config file; give several, the later wins. Default: config.yaml."
    ),
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="a.b=c", help="Set one key; give several, they win over files."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def configuration(
    files: Sequence[Path] | None,
    sets: Sequence[str] | None,
    *,
    for_backtest: bool = False,
    strategy_files: Mapping[str, StrategyFacts] | None = None,
) -> Loaded[Settings]:
    """The configuration of a command; without `--config` the config.yaml of this folder, if any."""
    from julie.settings import default_tree, load_settings

    here = Path("config.yaml")
    chosen = list(files) if files else [here] if here.is_file() else []
    return load_settings(default_tree(strategy_files), chosen, list(sets or ()), for_backtest)
