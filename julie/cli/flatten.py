"""julie flatten: no entries, everything cancelled, everything closed, flat verified; at once.

Asks the running bot, wherever its folder is; when it does not answer within a second, writes the
file STOP, acts by REST itself and leaves flatten-<time>.json. It works without a bot. Exit code 0:
flat; 8: not flat.

Where bots run and no --data-dir is named, the account of the login is closed by REST, too, unless
its live bot answered: if a live bot of that account died, or the last live run did not end flat.
Else it is left alone, and that is said: who practises on a simulated account may hold a trade of
his own there.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from julie.cli.options import Json

if TYPE_CHECKING:
    from julie.live.flatten_scope import Meant

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def flatten(
    reason: Annotated[str, typer.Option(help="Why; it stands in the record.")] = "by hand",
    sim: Annotated[
        Path | None, typer.Option(help="The line of a simulated gateway, as for `julie run`.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what is open.")] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="The bot's folder. Default: every bot of yours that runs here."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Close everything now."""
    from dataclasses import asdict

    from julie.cli import talk
    from julie.cli.options import data_root
    from julie.core.errors import Exit
    from julie.live.flatten_by_hand import flatten_by_hand
    from julie.live.flatten_scope import Meant

    meant = Meant(data_dir, sim, data_root)
    if dry_run:
        return _show(meant, as_json=as_json)
    done = flatten_by_hand(meant, reason, talk.say)
    if not as_json:
        talk.result(done.text)
    elif done.found is None:
        talk.result_json({"by": "bot", "flat": done.flat, "text": done.text})
    else:
        talk.result_json({"by": "rest", **asdict(done.found), "flat": done.flat})
    return Exit.DONE if done.flat else Exit.HALTED


def _show(meant: "Meant", *, as_json: bool) -> int:
    from julie.cli import talk
    from julie.core.errors import Exit
    from julie.live.flatten_by_hand import would_close

    found = would_close(meant, talk.say)
    if as_json:
        talk.result_json(found._asdict())
    else:
        rows = [*found.positions, *found.orders] or ["nothing: no position and no order is there"]
        talk.result("\n".join(["would be closed and cancelled:", *rows]))
    return Exit.DONE
