"""Whoever lives beside trading for a session: logs, messages, the local socket, files for people.

They read what happens and carry a person's words in; none of them is waited for by trading.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from julie.core.bus import Bus
from julie.core.clock import MachineClock
from julie.core.secrets import Secrets
from julie.core.tasks import Tasks
from julie.gateway.redact import Redactor
from julie.live.account_lock import AccountLock
from julie.live.commands import Commands
from julie.live.control import ControlSocket
from julie.live.day_book import Kept
from julie.live.ground import Ground
from julie.live.keeper import Keeper, Ways
from julie.live.logs import Logs
from julie.live.notify import Notifier, apprise_sender
from julie.live.operator import OperatorLine
from julie.live.place import Place
from julie.live.recall import Past
from julie.live.said import unsaid
from julie.live.stop_file import Stop, watch
from julie.live.terminal import Terminal
from julie.live.wanted import Wanted
from julie.store.status import Status


@dataclass(frozen=True, slots=True)
class Hosts:
    """What is there before the session, so that its making is logged too."""

    logs: Logs
    notifier: Notifier
    lock: AccountLock


@contextmanager
def hosting(wanted: Wanted, place: Place, secrets: Secrets) -> Iterator[Hosts]:
    """The account's lock, the logs and the messages, until the session is over."""
    redact = place.client.redact
    for text in secrets.hidden():
        redact.learn(text)
    with ExitStack() as open_:
        api, account = place.addresses.api, str(place.account_id)
        lock = AccountLock(api, account, wanted.run, wanted.folder)
        open_.callback(_let_go, lock, place)
        logs = open_.enter_context(Logs(wanted.folder, wanted.mode, redact, wanted.settings.logs))
        if lock.took_over:  # found before there was a log
            logs.tell("bot", "WARNING", lock.took_over, MachineClock().now_ns())
        notifier = _notifier(wanted, redact, secrets)
        notifier.start()
        open_.callback(notifier.stop)
        yield Hosts(logs, notifier, lock)


def _let_go(lock: AccountLock, place: Place) -> None:
    lock.release()
    if place.simulated:  # its address is never used again
        lock.path.unlink(missing_ok=True)


def _notifier(wanted: Wanted, redact: Redactor, secrets: Secrets) -> Notifier:
    address = secrets.get("JULIE_NOTIFY_URL")
    send = apprise_sender(address.get_secret_value()) if address is not None else None
    return Notifier(wanted.mode, redact, wanted.settings.notifications, send)


def move_in(
    tasks: Tasks,
    ground: Ground,
    hosts: Hosts,
    bus: Bus,
    past: Past,
    commands: Commands,
    look: Callable[[], Status],
    stopped: Callable[[Stop], None],
) -> None:
    """Start them: before the orders are taken up, so that nothing of that is missed."""
    wanted, place, lines = ground.wanted, ground.place, ground.lines
    door = ControlSocket(wanted.folder, bus, wanted.run, place.mode, commands.obey)
    kept = Kept(wanted.folder, wanted.run, place.mode, lines.symbols, lines.ticks, place.simulated)

    def show(line: OperatorLine) -> None:
        wanted.tell(line.text)

    ways = Ways(hosts.logs, hosts.notifier, door, (show,))
    keeper = Keeper(kept, bus, place.clock, ground.calendar, ways, look)
    keeper.recall(past.today, past.closed)
    keeper.make_good(unsaid(wanted.folder, past.runs))
    if wanted.shows:
        tasks.start("terminal", Terminal(bus, ground).run())
    tasks.start("local socket", door.run())
    tasks.start("keeper", keeper.run())
    tasks.start("account lock", hosts.lock.run())
    tasks.start("STOP file", watch(wanted.folder, stopped))
