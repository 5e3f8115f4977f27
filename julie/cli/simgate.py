"""julie simgate: a gateway on this machine that speaks the venue's protocol, market included.

Prints one JSON line when clients may come. Everything about its market is simulated or recorded.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from julie.cli.asked import Data, Map, Symbol

Dialect: TypeAlias = Annotated[
    str, typer.Option(help="Switches as JSON, as of POST /_sim/dialect.")
]
Parent: TypeAlias = Annotated[
    int | None, typer.Option(metavar="PID", help="End when that process is gone.")
]
IdleExit: TypeAlias = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="End when nobody came for so long.")
]
Named: TypeAlias = Annotated[
    str | None, typer.Option(help="A named run: sample, busy, four, outage, roll.")
]

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def simgate(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    data: Data = None,
    symbol: Symbol = None,
    columns: Map = None,
    serve: Annotated[
        str, typer.Option(help="Products to serve the data as: MES,ES. Default: its own and micro.")
    ] = "",
    scenario: Named = None,
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First trading day. Default: the data's last."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Trading days. Default: one.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Start on the first day, Eastern: 09:30.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="End on the last day, Eastern: 16:10.")] = None,
    speed: Annotated[
        str, typer.Option(help="A multiple of life such as 60, or max, or lockstep.")
    ] = "1",
    state: Annotated[
        Path | None, typer.Option(help="Folder to go on from, and to write the state to.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same run.")] = 1,
    username: Annotated[str, typer.Option(help="Name that may log in.")] = "",
    api_key: Annotated[str, typer.Option(help="Its key.")] = "",
    dialect: Dialect = "{}",
    with_parent: Parent = None,
    idle_exit: IdleExit = None,
) -> None:
    """Serve a simulated gateway until Ctrl-C or SIGTERM."""
    from julie.cli import talk
    from julie.cli.asked import mapping_of, pairs_of
    from julie.simgate.serving import serve as serve_gateway
    from julie.simgate.wanted import Asked, switches_of, wanted

    asked = Asked(
        files=pairs_of(data, symbol) if data else (),
        mapping=mapping_of(columns),
        serve=[word.strip().upper() for word in serve.split(",") if word.strip()],
        scenario=scenario,
        day=date.date() if date else None,
        days=days,
        start=start,
        until=until,
        speed=speed,
        seed=seed,
        port=port,
        state=state,
        username=username,
        api_key=api_key,
        dialect=switches_of(dialect),
        parent=with_parent,
        idle_exit_s=idle_exit,
    )
    serve_gateway(wanted(asked), talk.result)
