"""julie place-test-order: one small bracketed order in and out again, through the running bot.

The bot places it like every order: gate, journal, executor. It waits until stop and target are seen
working at the venue, then takes the position off. Outside the simulator a typed confirmation at a
terminal is needed. Exit code 0: done and flat; 8: refused, or not all went well.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from julie.cli.options import BotFolder, bot_folder

if TYPE_CHECKING:
    from julie.live.control_client import SocketClient

app = typer.Typer(help=__doc__, add_completion=False)

ANSWER_S = 60.0  # beside the time that it is held


@app.command()
def place_test_order(
    symbol: Annotated[str, typer.Option(help="What the bot trades: MES.")] = "MES",
    side: Annotated[str, typer.Option(help="buy or sell.")] = "buy",
    qty: Annotated[int, typer.Option(min=1, max=3, help="Contracts.")] = 1,
    stop_ticks: Annotated[int, typer.Option(min=4, max=400, help="From the fill.")] = 40,
    target_ticks: Annotated[int, typer.Option(min=4, max=400, help="From the fill.")] = 40,
    cancel_after: Annotated[
        float, typer.Option(min=0, max=120, help="Seconds after which it is taken off.")
    ] = 3.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be sent.")
    ] = False,
    data_dir: BotFolder = None,
) -> int:
    """Try the way of an order."""
    from julie.cli import talk
    from julie.core.errors import Exit, UsageError
    from julie.live.control_client import SocketClient, new_command

    if side not in {"buy", "sell"}:
        raise UsageError(f"--side {side}: no side", "write buy or sell")
    words = (
        f"{side} {qty} {symbol.upper()} at market, stop {stop_ticks}, target {target_ticks} ticks, "
        f"off after {cancel_after:g} s"
    )
    with SocketClient(bot_folder(data_dir), ()) as client:
        mode = client.welcome.mode.upper()
        if dry_run:
            talk.result(f"{mode} would {words}")
            return Exit.DONE
        _confirmed(client, f"{mode} {symbol.upper()}", words)
        talk.say(f"{mode}: {words}")
        answer = client.ask(
            new_command(
                "place-test-order", symbol=symbol, side=side, qty=str(qty),
                stop_ticks=str(stop_ticks), target_ticks=str(target_ticks),
                hold_s=str(cancel_after),
            ),
            ANSWER_S + cancel_after,
        )  # fmt: skip
    if answer.ok:
        talk.result(f"{mode} {answer.text}")
        return Exit.DONE
    talk.say(f"{mode} {answer.text}")
    return Exit.HALTED


def _confirmed(client: "SocketClient", wanted: str, words: str) -> None:
    """A person at a terminal types what is at stake; in the simulator nothing is."""
    import sys

    from julie.core.errors import UsageError

    if client.welcome.mode == "sim":
        return
    if not sys.stdin.isatty():
        raise UsageError(
            f"a test order outside the simulator is confirmed by hand ({words})",
            "run it in a terminal",
        )
    typed = typer.prompt(f"This sends a real order: {words}.\nType {wanted!r} to go on", err=True)
    if typed.strip() != wanted:
        raise UsageError(f"{typed!r} is not {wanted!r}: nothing was sent", "type it as shown")
