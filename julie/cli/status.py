"""julie status: how the running bot is; from its socket, else from the last status it wrote.

Exit code 0: it runs; 2: nobody runs and nothing was ever written; 8: it does not run or is halted.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from julie.cli.options import BotFolder, Json, bot_folder

if TYPE_CHECKING:
    from rich.console import RenderableType

    from julie.live.control_client import SocketClient
    from julie.store.status import HeldNow, LimitNow, Status, StrangeNow

app = typer.Typer(help=__doc__, add_completion=False)

LOOK_S = 1.5  # for the first status of a bot that just began
REDRAW_S = 0.5
NEWS = 12  # lines of what happened
LAST_HEARD = (
    "          below is how it was when it last wrote: stops at the venue work on without it; "
    "start it again, or `julie flatten`"
)
UNCOMPARED = "not compared with the venue yet"


@app.command()
def status(
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Stay and show what happens; Ctrl-C leaves.")
    ] = False,
    data_dir: BotFolder = None,
    as_json: Json = False,
) -> int:
    """Show how the bot is."""
    from julie.cli import talk
    from julie.core.errors import Exit

    if watch and not as_json:
        return _watch(bot_folder(data_dir))
    found, source = _look(bot_folder(data_dir))
    if as_json:
        import msgspec

        talk.result_json({"source": source, **msgspec.to_builtins(found)})
    else:
        talk.result("\n".join(lines(found, source)))
    halted = found.desk_state == "HALTED"
    return Exit.HALTED if halted or source != "socket" else Exit.DONE


def _look(data_dir: Path) -> "tuple[Status, str]":
    """The newest status and where it is from."""
    from julie.core.errors import UsageError
    from julie.live.control_client import SocketClient
    from julie.live.control_place import NobodyThere
    from julie.store.status import read_status

    try:
        with SocketClient(data_dir, ("status",)) as client:
            if client.status() is None:
                client.wait(LOOK_S)
            found = client.status()
            if found is not None:
                return found, "socket"
    except NobodyThere:
        pass
    written, starts = read_status(data_dir), _starting(data_dir)
    if written is None and starts:
        raise UsageError(
            f"a bot starts in {data_dir} (run {starts}) and does not answer yet",
            "ask again in a moment; the first start after an update compiles for a minute or two",
        )
    if written is None:
        raise UsageError(
            f"no bot runs in {data_dir}, and none ever wrote its status there",
            "name the bot's folder with --data-dir, or start it with `julie run`",
        )
    return written, f"file, {_age(written)} old"


def _starting(data_dir: Path) -> str:
    """The run of a bot that holds its account for this folder; empty = none does."""
    from julie.live.whereabouts import running

    here = data_dir.resolve()
    return next((one.run for one in running() if one.folder.resolve() == here), "")


def _age(status: "Status") -> str:
    from datetime import datetime

    from julie.core.clock import MachineClock

    then = datetime.fromisoformat(status.timestamp).timestamp()
    seconds = max(0.0, MachineClock().now_ns() / 1e9 - then)
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def lines(status: "Status", source: str) -> list[str]:
    """The status as text, the most important first."""
    alive = "does not answer" if status.is_alive else "has ended"
    if status.is_alive and source == "socket":
        alive = "runs"
    found = [
        f"{status.mode.upper()}  {status.run}  {alive}  ({source})",
        f"desk      {status.desk_state}" + (f": {status.reason}" if status.reason else ""),
    ]
    if status.is_alive and source != "socket":
        found.insert(1, LAST_HEARD)
    if status.paused:
        found.append(f"paused    {status.paused}")
    found.append(
        f"account   {_money(status.account.balance)}, day {_money(status.account.daily_pnl)}"
    )
    if not status.trading.positions:
        found.append(f"position  {_nothing(status)}")
    found += [_position(one, status) for one in status.trading.positions]
    found += [_strange(one) for one in status.trading.not_ours]
    if not status.trading.active_contract:  # no session yet: nobody has looked at the rest
        return [*found, f"as of     {status.timestamp} ET"]
    found.append(f"streams   market {status.hubs.market}, user {status.hubs.user}{_ages(status)}")
    for name in ("daily", "trailing", "contracts", "entries"):
        limit = getattr(status.limits, name)
        if limit is not None:
            found.append(f"limit     {name:<9} {_gauge(limit)}")
    states = ", ".join(f"{name} {state}" for name, state in status.strategies.items())
    found.append(f"strategies {states or 'none'}")
    if status.message:
        found.append(f"last      {status.message}")
    found.append(f"as of     {status.timestamp} ET")
    return found


def _nothing(status: "Status") -> str:
    """A status that knows of no position; one that knows no account never looked for any."""
    if status.trading.not_ours:
        return "none of ours"
    if status.reconciled_ts is None:
        return f"unknown, {UNCOMPARED}"
    return "unknown" if status.account.balance is None else "flat"


def _position(one: "HeldNow", status: "Status") -> str:
    from julie.core.ticks import price_words

    target = "" if one.target_price is None else f", target {price_words(one.target_price)}"
    entry = "an unknown price" if one.entry_price is None else price_words(one.entry_price)
    return (
        f"position  {one.side} {one.quantity} {one.contract} at {entry}"
        f", {_stop(one)}{target}, open {_money(one.unrealized_pnl)}"
        f"{f' (by the journal; {UNCOMPARED})' if status.reconciled_ts is None else ''}"
    )


def _stop(one: "HeldNow") -> str:
    """What protects it. That nothing does is said only where the venue was read for it."""
    from julie.core.ticks import price_words

    if one.stop_price is None:
        return "NO STOP" if one.stop_known else "stop not seen yet"
    covers = one.quantity if one.stop_quantity is None else one.stop_quantity
    rest = f" for {covers} of {one.quantity}" if covers < one.quantity else ""
    rest += (" only" if one.stop_known else ", the rest not seen yet") if rest else ""
    return f"stop {price_words(one.stop_price)}{rest}"


def _strange(one: "StrangeNow") -> str:
    from julie.core.ticks import price_words

    price = "" if one.average is None else f" at {price_words(one.average)}"
    return f"not ours  {one.side} {one.quantity} {one.contract}{price}: {one.fate}"


def _ages(status: "Status") -> str:
    age = f", data {status.data_age_s:.1f} s old" if status.data_age_s is not None else ""
    skew = f", clock {status.clock_skew_ms:+.0f} ms" if status.clock_skew_ms is not None else ""
    return age + skew


def _money(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.2f} USD"


def _gauge(limit: "LimitNow") -> str:
    filled = min(20, max(0, round(20 * limit.share)))
    bar = "#" * filled + "." * (20 - filled)
    return f"[{bar}] {limit.used:,.2f} of {limit.limit:,.2f} {limit.unit}"


def _watch(data_dir: Path) -> int:
    """A dashboard in the terminal until Ctrl-C; without a terminal, one block a change."""
    from rich.console import Console
    from rich.live import Live

    from julie.cli import talk
    from julie.core.errors import Exit

    console = Console(no_color=not talk.wants_colour())
    watcher = _Watcher(data_dir)
    try:
        with Live(console=console, refresh_per_second=4, screen=console.is_terminal) as shown:
            while True:
                shown.update(watcher.view())
                watcher.wait()
    except KeyboardInterrupt:
        return Exit.DONE
    finally:
        watcher.close()


class _Watcher:
    """Follows a bot over its restarts."""

    def __init__(self, data_dir: Path) -> None:
        from collections import deque

        self._data_dir = data_dir
        self._client: SocketClient | None = None
        self._news: deque[str] = deque(maxlen=NEWS)
        self._why = ""

    def view(self) -> "RenderableType":
        """What stands on the screen now."""
        from rich.console import Group
        from rich.panel import Panel
        from rich.text import Text

        status, source = self._now()
        body = lines(status, source) if status is not None else [self._why]
        live = status is not None and source == "socket" and status.desk_state == "ACTIVE"
        told = Text("\n".join(body))
        news = Text("\n".join(self._news) or "nothing yet")
        return Group(
            Panel(told, title="Julie", border_style="green" if live else "red"),
            Panel(news, title="what happened"),
        )

    def wait(self) -> None:
        """Until something happened, or a moment."""
        import threading

        if self._client is not None:
            self._client.wait(REDRAW_S)
        else:
            threading.Event().wait(REDRAW_S)

    def close(self) -> None:
        """Leave."""
        if self._client is not None:
            self._client.close()

    def _now(self) -> "tuple[Status | None, str]":
        from julie.live.control_client import SocketClient
        from julie.live.control_place import NobodyThere
        from julie.store.status import read_status

        if self._client is not None and self._client.ended:
            self._client.close()
            self._client = None
        if self._client is None:
            try:
                self._client = SocketClient(self._data_dir)
            except NobodyThere as error:
                self._why = error.message
        if self._client is not None:
            self._hear(self._client)
            if (status := self._client.status()) is not None:
                return status, "socket"
        written = read_status(self._data_dir)
        return written, f"file, {_age(written)} old" if written is not None else ""

    def _hear(self, client: "SocketClient") -> None:
        from julie.live.story import story

        for record in client.poll():
            told: list[Any] = story(record, {})
            self._news.extend(one.text for one in told if one.topic in {"bot", "trade", "order"})
