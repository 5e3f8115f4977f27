"""julie fetch: history from the venue as parquet under data/bars, month by month."""

from pathlib import Path
from typing import Annotated

import typer

from julie.cli.asked import Json

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def fetch(
    symbol: Annotated[list[str] | None, typer.Option(help="A product such as ES; several.")] = None,
    start: Annotated[str, typer.Option("--from", help="First day, UTC: 2025-06-02.")] = "",
    end: Annotated[str, typer.Option("--to", help="Last day. Default: up to now.")] = "",
    sim: Annotated[Path | None, typer.Option(help="The line of a simulated gateway.")] = None,
    data_dir: Annotated[Path, typer.Option(help="The folder of the bars.")] = Path("data"),
    as_json: Json = False,
) -> None:
    """Bring history from the venue into the dataset."""
    import asyncio

    from julie.cli import talk
    from julie.core.clock import MachineClock
    from julie.core.errors import UsageError
    from julie.core.instruments import instrument
    from julie.core.zones import DAY_NS, MINUTE_NS
    from julie.live.fetching import Fetched
    from julie.live.fetching import fetch as fetch_bars
    from julie.live.sim import read_ready
    from julie.live.venue_door import find_login, opened

    now_ns = read_ready(sim).clock if sim else MachineClock().now_ns()
    last = _day("--to", end) + DAY_NS if end else now_ns // MINUTE_NS * MINUTE_NS
    first = _day("--from", start) if start else last - 5 * DAY_NS
    if first >= last:
        raise UsageError(f"--from {start} lies behind {end or 'now'}", "turn the two days round")

    async def bring() -> list[Fetched]:
        found = []
        async with opened(find_login(sim)) as door:
            for name in symbol or ("ES",):
                one = instrument(name.upper())
                talk.say(f"fetching {one.symbol}")
                row = await door.client.contracts.active(one)
                found += await fetch_bars(
                    door.client, one, row.id, first, last, data_dir, simulated=sim is not None
                )
        return found

    found = asyncio.run(bring())
    if as_json:
        talk.result_json({"files": [one._asdict() for one in found]})
    elif not found:
        talk.result("the venue has no bars of that time")
    for one in found if not as_json else ():
        talk.result(f"{one.contract}: {one.rows:,} bars, {one.new:,} of them new -> {one.file}")


def _day(flag: str, text: str) -> int:
    from datetime import UTC, datetime

    from julie.core.errors import UsageError

    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise UsageError(f"{flag} {text}: no date", "write it as 2025-01-31") from error
    return int(day.timestamp()) * 10**9
