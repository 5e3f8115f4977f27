"""julie contract: the month the venue trades of each product, and whether our table agrees."""

from pathlib import Path
from typing import Annotated, Any

import typer

from julie.cli.asked import Json

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def contract(
    symbols: Annotated[
        list[str] | None, typer.Argument(help="Products; default ES and MES.")
    ] = None,
    sim: Annotated[Path | None, typer.Option(help="The line of a simulated gateway.")] = None,
    as_json: Json = False,
) -> int:
    """Show the active contracts. Exit code 6: one cannot be traded as the table says."""
    import asyncio

    from julie.cli import talk
    from julie.core.errors import Exit
    from julie.core.instruments import instrument
    from julie.gateway.errors import ContractDisagrees
    from julie.live.venue_door import find_login, opened

    wanted = [instrument(name.upper()) for name in symbols or ("ES", "MES")]

    async def look() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async with opened(find_login(sim)) as door:
            for one in wanted:
                try:
                    row = await door.client.contracts.active(one)
                except ContractDisagrees as error:
                    found.append({"symbol": one.symbol, "fault": str(error)})
                    continue
                found.append(
                    {
                        "symbol": one.symbol,
                        "id": row.id,
                        "name": row.name,
                        "tick": float(row.tick_size),
                        "tick_usd": float(row.tick_value),
                    }
                )
        return found

    found = asyncio.run(look())
    if as_json:
        talk.result_json({"contracts": found})
    else:
        talk.result("\n".join(_line(one) for one in found))
    return Exit.ENVIRONMENT if any("fault" in one for one in found) else Exit.DONE


def _line(one: dict[str, Any]) -> str:
    if "fault" in one:
        return f"{one['symbol']:<5} {one['fault']}"
    tick = f"tick {one['tick']:g} = {one['tick_usd']:g} USD"
    return f"{one['symbol']:<5} {one['id']}  {one['name']}  {tick}"
