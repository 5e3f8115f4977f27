"""Messages to a person's phone or mail, by apprise behind the one key JULIE_NOTIFY_URL.

They have a queue and a thread of their own and never touch trading. What does not fit into the
queue is dropped and counted; critical ones are kept and tried again until they are through. No
account number and no key stands in any text.
"""

import importlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from julie.core.clock import Clock, MachineClock
from julie.core.errors import Exit, JulieError
from julie.core.operator_section import NotificationsSection
from julie.core.zones import SECOND_NS

LOG: Final = logging.getLogger(__name__)

WAITING_MAX: Final = 100
KEPT_MAX: Final = 50  # critical ones; the oldest goes when there are more
PAUSES_S: Final = (5.0, 15.0, 60.0, 300.0)  # between tries, the last one over and over

Send = Callable[[str, str], bool]  # title and text; whether it was delivered
Redact = Callable[[str], str]


class NotifierUnusable(JulieError):
    """Messages were asked for and cannot be sent."""

    exit_code = Exit.ENVIRONMENT


@dataclass(frozen=True, slots=True)
class Note:
    """One message; `kind` is its key in the section `notifications`."""

    kind: str
    text: str
    critical: bool = False


class Notifier:
    """Sends notes, from `start` to `stop`; without a sender it only logs them."""

    def __init__(
        self,
        mode: str,
        redact: Redact,
        section: NotificationsSection | None = None,
        send: Send | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._title = f"Julie {mode.upper()}"
        self._redact = redact
        self._section = section or NotificationsSection()
        self._send = send
        self._clock = clock or MachineClock()  # tries go by the wall, whatever the stream's speed
        self._waiting: deque[Note] = deque()
        self._kept: deque[Note] = deque(maxlen=KEPT_MAX)
        self._news = threading.Condition()
        self._ends = False
        self._tries = 0
        self._again_ns = 0
        self._busy = False
        self.sent = self.dropped = self.failed = 0
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        if self._send is not None:
            self._thread.start()

    def stop(self, seconds: float = 3.0) -> None:
        """Send what waits, for at most so long, and end."""
        with self._news:
            self._ends = True
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=seconds)

    def tell(self, note: Note) -> None:
        """Take a note; returns at once."""
        wanted = getattr(self._section, note.kind)
        if wanted == "off":
            return
        LOG.info("%s: %s", note.kind, note.text)
        if wanted == "silent" or self._send is None:
            return
        with self._news:
            if note.critical:
                if len(self._kept) == KEPT_MAX:
                    self.dropped += 1
                self._kept.append(note)
            elif len(self._waiting) >= WAITING_MAX:
                self.dropped += 1
                return
            else:
                self._waiting.append(note)
            self._news.notify_all()

    def idle(self, seconds: float) -> bool:
        """Wait until nothing waits any more; False when it still does."""
        with self._news:
            return self._news.wait_for(lambda: not self._pending() and not self._busy, seconds)

    def _pending(self) -> bool:
        return bool(self._waiting or self._kept)

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(self._due, self._patience_s())
                if self._ends and not self._waiting and (not self._kept or self._tries):
                    return
                note = self._next()
                self._busy = note is not None
            if note is not None:
                self._deliver(note)
                with self._news:
                    self._busy = False
                    self._news.notify_all()

    def _due(self) -> bool:
        return bool(self._ends or self._waiting or (self._kept and self._retry_due()))

    def _patience_s(self) -> float | None:
        if not self._kept:
            return None
        return max(0.05, (self._again_ns - self._clock.mono_ns()) / SECOND_NS)

    def _retry_due(self) -> bool:
        return self._clock.mono_ns() >= self._again_ns

    def _next(self) -> Note | None:
        if self._kept and (self._retry_due() or (self._ends and not self._tries)):
            return self._kept[0]
        return self._waiting.popleft() if self._waiting else None

    def _deliver(self, note: Note) -> None:
        count = self.dropped
        more = f" ({count} messages were dropped)" if count else ""
        through = self._tried(self._redact(f"{self._title}: {note.text}{more}"))
        with self._news:
            if through:
                self.sent += 1
                self._tries = 0
                self.dropped -= count
                if self._kept and self._kept[0] is note:
                    self._kept.popleft()
                return
            self.failed += 1
            if note.critical:
                pause_s = PAUSES_S[min(self._tries, len(PAUSES_S) - 1)]
                self._tries += 1
                self._again_ns = self._clock.mono_ns() + round(pause_s * SECOND_NS)

    def _tried(self, text: str) -> bool:
        if self._send is None:
            return False
        try:
            return self._send(self._title, text)
        except Exception as error:  # noqa: BLE001 - libraries of senders raise whatever they like
            LOG.warning("a message was not sent: %s", type(error).__name__)
            return False


def apprise_sender(address: str) -> Send:
    """A sender for one apprise address; imports apprise only now."""
    try:
        apprise: Any = importlib.import_module("apprise")  # by name: it is not a dependency
    except ImportError as error:
        raise NotifierUnusable(
            "JULIE_NOTIFY_URL is set, but the package apprise is not installed",
            "pip install apprise, or remove JULIE_NOTIFY_URL",
        ) from error
    target = apprise.Apprise()
    if not target.add(address):
        raise NotifierUnusable(
            "JULIE_NOTIFY_URL is no address that apprise knows",
            "see github.com/caronc/apprise for the form of yours; the key itself is not shown",
        )
    return lambda title, text: bool(target.notify(title=title, body=text))
