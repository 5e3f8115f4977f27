"""julie flatten: no entries, everything cancelled, everything closed, flat verified; at once.

Asks the running bot; when it does not answer within a second, writes the file STOP, acts by REST
itself and leaves flatten-<time>.json. It works without a bot. Exit code 0: flat; 8: not flat.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from julie.cli.asked import Json

if TYPE_CHECKING:
    from julie.execution.kill import Flattened

app = typer.Typer(help=__doc__, add_completion=False)

ANSWER_S = 20.0


@app.command()
def flatten(
    reason: Annotated[str, typer.Option(help="Why; it stands in the record.")] = "by hand",
    sim: Annotated[
        Path | None, typer.Option(help="The line of a simulated gateway, as for `julie run`.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what is open.")] = False,
    data_dir: Annotated[Path, typer.Option(help="The bot's folder.")] = Path("data"),
    as_json: Json = False,
) -> int:
    """Close everything now."""
    from julie.cli import talk
    from julie.core.errors import Exit

    if dry_run:
        return _show(sim, as_json=as_json)
    answer = _asked(data_dir, reason)
    if answer is not None:
        talk.result_json({"by": "bot", "flat": True, "text": answer}) if as_json else talk.result(
            answer
        )
        return Exit.DONE
    found = _by_rest(data_dir, reason, sim)
    if as_json:
        from dataclasses import asdict

        talk.result_json({"by": "rest", **asdict(found)})
    else:
        talk.result("\n".join([found.words, *found.said]))
    return Exit.DONE if found.flat else Exit.HALTED


def _asked(data_dir: Path, reason: str) -> str | None:
    """What the bot answered; None where it must be done without it."""
    from julie.cli import talk
    from julie.live.control_client import NoAnswer, ask
    from julie.live.control_place import NobodyThere

    try:
        answer = ask(data_dir, "flatten", answer_s=ANSWER_S, reason=reason)
    except (NobodyThere, NoAnswer) as error:
        talk.say(f"{error.message}: going to the venue myself")
        return None
    if not answer.ok:
        talk.say(f"the bot could not: {answer.text}: going to the venue myself")
        return None
    return answer.text


def _by_rest(data_dir: Path, reason: str, sim: Path | None) -> "Flattened":
    import asyncio
    import json
    from dataclasses import asdict

    from julie.core.clock import MachineClock
    from julie.core.zones import eastern_iso
    from julie.execution.kill import flatten as flatten_account
    from julie.gateway.errors import GatewayError
    from julie.live.stop_file import write_stop
    from julie.live.venue_door import find_login, opened
    from julie.store.atomic import write_text

    clock = MachineClock()
    began = clock.now_ns()
    write_stop(data_dir, f"julie flatten: {reason}", clock)
    login = find_login(sim)

    async def act() -> "Flattened":
        async with opened(login) as door:
            try:
                await door.client.session.for_acting()
            except GatewayError as error:
                if not error.transient:  # a wrong key gets no better by trying on
                    raise
            return await flatten_account(door.venue(), clock)

    found = asyncio.run(act())
    told = {"at": eastern_iso(began), "reason": reason, "words": found.words, **asdict(found)}
    stamp = eastern_iso(began)[:19].replace("-", "").replace(":", "").replace("T", "-")
    write_text(data_dir / f"flatten-{stamp}.json", json.dumps(told, indent=2) + "\n")
    return found


def _show(sim: Path | None, *, as_json: bool) -> int:
    import asyncio

    from julie.cli import talk
    from julie.core.errors import Exit
    from julie.live.venue_door import find_login, opened

    async def look() -> tuple[list[str], list[str]]:
        async with opened(find_login(sim)) as door:
            venue = door.venue()
            positions = [f"{one.net:+d} {one.contract}" for one in await venue.positions()]
            orders = [
                f"order {one.id}: {one.kind} {one.side.name.lower()} {one.qty} {one.contract}"
                for one in await venue.open_orders()
            ]
            return positions, orders

    positions, orders = asyncio.run(look())
    if as_json:
        talk.result_json({"positions": positions, "orders": orders})
    else:
        talk.result("\n".join(["would be closed and cancelled:", *positions, *orders]))
    return Exit.DONE
