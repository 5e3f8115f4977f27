"""julie config: what the configuration is, what is wrong with it, what it changes."""

from __future__ import annotations

from typing import Annotated

import typer

from julie.cli import talk
from julie.cli.options import ConfigFiles, Json, Sets, configuration

app = typer.Typer(help=__doc__, add_completion=False, no_args_is_help=True)

Overlaid = Annotated[
    bool, typer.Option("--backtest", help="With the overrides of the `backtest:` section.")
]


@app.command()
def show(
    config: ConfigFiles = None, set_: Sets = None, backtest: Overlaid = False, json: Json = False
) -> None:
    """Every key with its value and the place it comes from; secrets only as set or not set."""
    from julie.core.secrets import NAMES, read_secrets
    from julie.core.yaml_source import leaves

    loaded = configuration(config, set_, for_backtest=backtest)
    values = loaded.tree.model_dump(mode="json")
    if json:
        talk.result_json(values)
        return
    for key, value in leaves(values):
        if value is None and "defense" in key:  # an exception that nobody made
            continue
        talk.result(f"{'.'.join(key)} = {_shown(value)}  ({loaded.origin(key)})")
    secrets = read_secrets()
    for told in secrets.faults:
        talk.say(f"warning: {told}")
    for name in NAMES:
        talk.result(
            f"{name}: set in {secrets.sources[name]}" if secrets.get(name) else f"{name}: not set"
        )


@app.command()
def check(config: ConfigFiles = None, set_: Sets = None) -> None:
    """Every error of the configuration at once, with file and line."""
    loaded = configuration(config, set_)
    sources = sorted({origin.source for origin in loaded.origins.values()})
    talk.result(f"the configuration is good ({', '.join(sources) or 'defaults only'})")


@app.command()
def schema() -> None:
    """The JSON schema of config.yaml, for editors."""
    from julie.cli import config_text
    from julie.settings import default_tree

    talk.result_json(config_text.schema(default_tree()))


@app.command()
def diff(
    config: ConfigFiles = None, set_: Sets = None, backtest: Overlaid = False, json: Json = False
) -> None:
    """What differs from the defaults."""
    loaded = configuration(config, set_, for_backtest=backtest)
    changed = {".".join(key): (default, value) for key, default, value in loaded.changed()}
    if json:
        talk.result_json({key: {"default": a, "value": b} for key, (a, b) in changed.items()})
        return
    for key, (default, value) in changed.items():
        origin = loaded.origin(tuple(key.split(".")))
        talk.result(f"{key}: {_shown(default)} -> {_shown(value)}  ({origin})")
    if not changed:
        talk.say("nothing differs from the defaults")


def _shown(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
