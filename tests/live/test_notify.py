"""Messages to a person: never in the way, nothing secret, grave ones until they are through."""

import asyncio
import http.server
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from julie.core.clock import VirtualClock
from julie.core.events import Alarm, AuditRecord, Payload
from julie.core.operator_section import NotificationsSection
from julie.core.tasks import Tasks
from julie.execution.kill import Flattened
from julie.gateway.redact import Redactor
from julie.live import notify
from julie.live.commands import kill_switch
from julie.live.notify import Note, Notifier, NotifierUnusable, apprise_sender
from julie.live.occasions import Occasions
from julie.store.status import AccountNow, HubsNow, LimitNow, LimitsNow, Status
from tests.store.journal_parts import KINDS, record

LIMIT_S = 8.0


class Phone:
    """A sender that fails as often as told, and waits while it is held."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.free = threading.Event()
        self.free.set()
        self.tries: list[str] = []
        self.got: list[str] = []

    def __call__(self, title: str, text: str) -> bool:
        assert title == "Julie SIM"
        self.free.wait(LIMIT_S)
        self.tries.append(text)
        if len(self.tries) <= self.fails:
            raise ConnectionError("no network for " + text)
        self.got.append(text)
        return True


def started(phone: Callable[[str, str], bool] | None, **section: str) -> Notifier:
    """A notifier at work."""
    made = Notifier("sim", Redactor(("hunter22",)), NotificationsSection(**section), phone)  # type: ignore[arg-type]
    made.start()
    return made


def test_off_silent_and_on(caplog: pytest.LogCaptureFixture) -> None:
    phone = Phone()
    notifier = started(phone, entry="off", exit="silent")
    with caplog.at_level("INFO"):
        for kind in ("entry", "exit", "day"):
            notifier.tell(Note(kind, f"the {kind} of hunter22"))
    assert notifier.idle(LIMIT_S)
    notifier.stop()
    assert phone.got == ["Julie SIM: the day of ***"]
    assert [one.message.split(":")[0] for one in caplog.records] == ["exit", "day"]


def test_without_an_address_it_only_logs() -> None:
    notifier = started(None)
    notifier.tell(Note("halt", "halted", True))
    assert notifier.idle(0.0)
    notifier.stop()


def test_a_flood_is_dropped_with_its_count_and_holds_up_nobody() -> None:
    phone = Phone()
    phone.free.clear()
    notifier = started(phone)
    start = time.perf_counter()
    for n in range(5000):
        notifier.tell(Note("exit", f"exit {n}"))
    assert time.perf_counter() - start < 2.0
    assert notifier.dropped >= 5000 - notify.WAITING_MAX - 1
    phone.free.set()
    assert notifier.idle(LIMIT_S)
    notifier.stop()
    assert any("messages were dropped)" in text for text in phone.got)
    assert len(phone.got) <= notify.WAITING_MAX + 1


def test_a_grave_one_is_tried_until_it_is_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "PAUSES_S", (0.02, 0.05))
    phone = Phone(fails=4)
    notifier = started(phone)
    notifier.tell(Note("exit", "lost"))
    notifier.tell(Note("halt", "naked", True))
    assert notifier.idle(LIMIT_S)
    notifier.stop()
    assert phone.got == ["Julie SIM: naked"] or phone.got[-1] == "Julie SIM: naked"
    assert notifier.failed == 4


def test_leaving_does_not_wait_for_a_dead_network() -> None:
    phone = Phone(fails=10**6)
    notifier = started(phone)
    notifier.tell(Note("halt", "naked", True))
    start = time.perf_counter()
    notifier.stop()
    assert time.perf_counter() - start < 3.5


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the library
def test_apprise_sends_to_a_real_address() -> None:
    pytest.importorskip("apprise")
    got: list[dict[str, str]] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        notifier = started(apprise_sender(f"json://127.0.0.1:{server.server_address[1]}"))
        notifier.tell(Note("start", "hello"))
        assert notifier.idle(LIMIT_S)
        notifier.stop()
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
    assert (got[0]["title"], got[0]["message"]) == ("Julie SIM", "Julie SIM: hello")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the library
def test_an_address_that_is_none_is_not_shown() -> None:
    pytest.importorskip("apprise")
    with pytest.raises(NotifierUnusable) as found:
        apprise_sender("nonsense-hunter22")
    assert "hunter22" not in str(found.value)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(NotifierUnusable, match="pip install apprise"):
        apprise_sender("json://x")


def look(daily: float = 0.0, market: str = "live") -> Status:
    """A status with that share of the daily limit used."""
    limits = LimitsNow(daily=LimitNow(daily * 1000, 1000.0, "usd"))
    hubs = HubsNow(market, "live")
    return Status("t", True, "r", "sim", "ACTIVE", "", limits=limits, hubs=hubs)


def test_limits_are_told_once_each() -> None:
    occasions = Occasions(VirtualClock(0))
    told = [
        note.text
        for used in (0.1, 0.5, 0.6, 0.49, 0.55, 0.81, 1.0, 1.2)
        for note in occasions.of_status(look(used))
    ]
    assert [text.split("%")[0] for text in told] == ["50", "80", "100"]
    assert told[0] == "50% of the day's loss limit: 500.00 of 1,000.00 USD"


def test_a_stream_away_for_half_a_minute_and_back() -> None:
    clock = VirtualClock(0)
    occasions = Occasions(clock)
    told = []
    for _ in range(50):
        told += list(occasions.of_status(look(market="down")))
        clock.advance(1)
    told += list(occasions.of_status(look()))
    assert [note.text for note in told] == [
        "the market stream is down for 30 s",
        "the market stream is back",
    ]


def test_records_worth_a_message(tmp_path: Path) -> None:
    occasions = Occasions(VirtualClock(0))
    told = [note for n in range(1, KINDS + 1) for note in occasions.of_record(record(n))]
    assert {note.kind for note in told} == {"entry", "exit", "day"}
    assert any(note.text == "orb long 2 ES closed by target: +392.44 USD" for note in told)


def test_the_end_says_what_it_left() -> None:
    occasions = Occasions(VirtualClock(0))
    status = replace(look(), account=AccountNow(50_012.5, 12.5))
    assert occasions.of_end(status).text == "run r ends: flat; the day +12.50 USD"
    left = "long 1 CON.F.US.MES.M25 stays open under its stop at 4990"
    assert list(occasions.of_record(AuditRecord("r", 1, 0, 0, Alarm("left_open", left)))) == []
    assert occasions.of_end(status).text == f"run r ends: {left}; the day +12.50 USD"
    assert occasions.of_end(look()).text == f"run r ends before it traded: {left}"
    assert Occasions(VirtualClock(0)).of_end(look()).text == "run r ends before it traded"


def test_a_kill_switch_that_was_not_through_is_not_what_the_end_leaves() -> None:
    """It stays to be traded on; what is open when it ends, the end itself tells."""
    noted: list[Payload] = []
    left = Flattened(left=["+1 CON.F.US.MES.M25"], said=["the market is halted"])
    answers = [left, Flattened(flat=True)]

    async def flatten(reason: str) -> Flattened:
        return answers.pop(0)

    async def signalled() -> None:
        async with Tasks() as tasks:
            kill_switch(SimpleNamespace(flatten=flatten), scribe, tasks)()  # type: ignore[arg-type]

    scribe = SimpleNamespace(note=noted.append)
    for _ in range(2):
        asyncio.run(signalled())
    assert [one.kind for one in noted if isinstance(one, Alarm)] == ["not_flat", "flatten"]
    assert "left: +1 CON.F.US.MES.M25 the market is halted" in noted[0].text  # type: ignore[union-attr]
    occasions = Occasions(VirtualClock(0))
    for seq, one in enumerate(noted, 1):
        assert list(occasions.of_record(AuditRecord("r", seq, 0, 0, one))) == []
    status = replace(look(), account=AccountNow(50_012.5, 12.5))
    assert occasions.of_end(status).text == "run r ends: flat; the day +12.50 USD"
