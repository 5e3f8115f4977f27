"""The log: topics, rotation, a ceiling, and no secret in any line or trace."""

import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from julie.core.clock import VirtualClock
from julie.core.events import Fill
from julie.core.operator_section import LogsSection
from julie.core.taken import MinuteTaken, TakenBar
from julie.core.types import Side
from julie.core.zones import DAY_NS
from julie.gateway.redact import Redactor
from julie.live.log_files import LogFile, files_of, prune
from julie.live.logs import Logs, topic_of
from julie.live.story import story
from tests.live.secrets import leaks
from tests.store.journal_parts import KINDS, record

KEY, TOKEN, NAME = "sentinelKEY42xyz==", "eyJhbGciOi.sentinelTOKEN.sig77", "PRAC-SENTINEL-9"
NOW = 1_750_080_600 * 10**9


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Logs]:
    """The log of a bot in a folder of its own."""
    with Logs(tmp_path, "sim", Redactor((KEY, NAME))) as made:
        yield made


def text(logs: Logs, topic: str) -> str:
    """What stands in the file of a topic."""
    logs.flush()
    file = logs.folder / f"{topic}.log"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def test_each_topic_has_its_file(logs: Logs) -> None:
    logging.getLogger("julie.gateway.hub_transport").warning("silent for %s s", 5)
    logging.getLogger("julie.execution.executor").warning("refused")
    logging.getLogger("julie.strategies.orb").warning("raised")
    logging.getLogger("somebody.else").warning("hm")
    assert "SIM WARNING silent for 5 s" in text(logs, "stream")
    assert "refused" in text(logs, "order")
    assert "raised" in text(logs, "pattern")
    assert "hm" in text(logs, "bot")
    assert topic_of("julie.gateway.client") == "order"
    assert text(logs, "bot")[4] == "-"
    assert " ET SIM WARNING hm\n" in text(logs, "bot")


def test_no_secret_in_lines_traces_and_chains(logs: Logs, tmp_path: Path) -> None:
    log = logging.getLogger("julie.live.run")
    try:
        try:
            raise ConnectionError(f"wss://rtc.example.com/hubs/user?access_token={TOKEN}")
        except ConnectionError as error:
            raise RuntimeError(f'{{"userName":"me","apiKey":"{KEY}","name":"{NAME}"}}') from error
    except RuntimeError:
        log.exception("headers: %s", {"Authorization": f"Bearer {TOKEN}"})
    log.warning(
        "%s", httpx.Request("POST", "https://x", headers={"Authorization": f"Bearer {KEY}"})
    )
    log.warning("name %s", NAME, extra={"more": KEY}, stack_info=True)
    written = text(logs, "bot")
    assert "Traceback" in written
    assert "access_token=***" in written
    assert leaks(tmp_path, (KEY, TOKEN, NAME, "sentinel")) == []


def test_a_line_that_cannot_be_formatted_is_told(logs: Logs) -> None:
    bad = logging.LogRecord("julie", logging.WARNING, "x.py", 1, "%d", ("no number",), None)
    logs.handle(bad)
    assert "could not be formatted: TypeError" in text(logs, "bot")


def test_libraries_that_log_addresses_are_quiet(logs: Logs) -> None:
    logging.getLogger("httpx").info("GET https://x?access_token=%s", TOKEN)
    assert "GET" not in text(logs, "bot")


def test_every_record_has_its_line_or_none(logs: Logs) -> None:
    told = [line for n in range(KINDS * 3) for line in story(record(n + 1), {"ESM5": 0.25})]
    assert {line.topic for line in told} == {"bot", "trade", "pattern", "stream", "order"}
    assert any(" 1 ESM5 at 60" in line.text and "fee 0.61" in line.text for line in told)
    for line in told:
        assert "\n" not in line.text
        logs.tell(line.topic, line.level, line.text, NOW)
    assert "News: too near a high-impact event" in text(logs, "pattern")


def test_prices_are_told_to_their_last_digit() -> None:
    filled = replace(record(0), payload=Fill("9", "MNQM5", Side.LONG, 4, 81_419, 61))
    (line,) = story(filled, {"MNQM5": 0.25})
    assert "bought 4 MNQM5 at 20354.75, fee 0.61" in line.text
    bar = TakenBar("MNQM5", 0, 20354.75, 20360.25, 20350.0, 20351.5, 1_234_567.0)
    heard = MinuteTaken(0, (bar,), ((),), (0,), (0,), (0,))
    (line,) = story(replace(record(0), payload=heard), {})
    assert line.text.endswith("MNQM5 20354.75 20360.25 20350 20351.5 v1234567")


def test_a_full_file_is_put_aside_and_the_ceiling_holds(tmp_path: Path) -> None:
    section = LogsSection(file_mb=0.02, ceiling_mb=0.1)
    with Logs(tmp_path, "sim", str, section) as logs:
        for n in range(6000):
            logs.tell("bot", "INFO", f"{n:05d} " + "x" * 100, NOW)
            if n % 500 == 0:
                logs.flush()
        logs.flush()
        files = files_of(logs.folder)
        assert len(files) > 2
        assert sum(file.stat().st_size for file in files) <= 0.1 * 2**20 + 0.02 * 2**20
        assert "05999" in (logs.folder / "bot.log").read_text(encoding="utf-8")


def test_a_new_day_begins_a_new_file_and_old_ones_go(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    file = LogFile(tmp_path, "bot", LogsSection(), clock)
    file.write(b"monday\n")
    clock.advance_to(NOW + DAY_NS)
    file.write(b"tuesday\n")
    file.close()
    first, now = files_of(tmp_path)
    assert (first.name, first.read_bytes()) == ("bot-20250617-133000.log", b"monday\n")
    assert (now.name, now.read_bytes()) == ("bot.log", b"tuesday\n")
    os.utime(first, ns=(NOW, NOW))
    section = LogsSection(keep_days=10)
    assert prune(tmp_path, section, NOW + 9 * DAY_NS) == 0
    assert prune(tmp_path, section, NOW + 11 * DAY_NS) == 1
    assert files_of(tmp_path) == [now]


def test_a_flood_is_bounded_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("julie.live.logs.WAITING_MAX", 100)
    held = threading.Event()

    def slow(line: str) -> str:
        held.wait(5)
        return line

    logs = Logs(tmp_path, "sim", slow)
    for n in range(500):
        logs.tell("bot", "INFO", str(n), NOW)
    assert logs.dropped >= 300
    held.set()
    logs.close()
    kept = (logs.folder / "bot.log").read_text(encoding="utf-8").splitlines()
    assert len(kept) + logs.dropped == 500


def test_a_disk_without_room_ends_nothing(tmp_path: Path) -> None:
    logs = Logs(tmp_path, "sim", str)
    (logs.folder / "bot.log").mkdir()
    logs.tell("bot", "INFO", "nowhere to write", NOW)
    logs.tell("order", "INFO", "here", NOW)
    logs.close()
    assert logs.dropped == 1
    assert "here" in (logs.folder / "order.log").read_text(encoding="utf-8")


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    import base64

    for n, content in enumerate(
        (KEY.encode(), base64.b64encode(b"a:" + KEY.encode()), KEY.encode().hex().encode())
    ):
        (tmp_path / f"{n}.bin").write_bytes(b"..." + content + b"...")
    assert {leak.file.name for leak in leaks(tmp_path, (KEY,))} == {"0.bin", "1.bin", "2.bin"}
