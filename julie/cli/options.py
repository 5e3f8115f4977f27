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
BotFolder = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="The bot's folder. Default: of the bot that runs, else the one used last.",
    ),
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


def bot_folder(named: Path | None) -> Path:
    """The folder of the bot that a command is for."""
    from julie.live.whereabouts import folder_meant

    return named or folder_meant(named, data_root())


def data_root() -> Path:
    """What the modes' folders lie below; a faulty configuration must not keep a command from a bot
    that runs.
    """
    from julie.core.errors import JulieError

    try:
        return Path(configuration(None, None).tree.data.folder)
    except JulieError:
        return Path("data")
