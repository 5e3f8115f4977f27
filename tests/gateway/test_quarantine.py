"""Everything dropped is counted, told once a kind, and never with a secret."""

import logging
from string import ascii_lowercase

import pytest

from julie.gateway.quarantine import KINDS, OTHER, Quarantine
from julie.gateway.redact import Redactor
from julie.gateway.wire import Misfit

KEY = "sentinel-key-0123456789"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2lnbmF0dXJl"  # noqa: S105 - not a secret


def misfit(path: str, reason: str, raw: bytes = b"{}") -> Misfit:
    return Misfit("GatewayUserOrder", path, reason, raw)


def test_a_kind_is_told_once_and_counted_always(caplog: pytest.LogCaptureFixture) -> None:
    quarantine = Quarantine(Redactor())
    with caplog.at_level(logging.WARNING):
        for number in range(50):
            quarantine.put(misfit(f"$.orders[{number}].status", f"Invalid enum value {number}"))
        quarantine.put(misfit("$.orders[0].side", "Invalid enum value 7"))
    assert len(caplog.records) == 2
    assert quarantine.total == 51
    assert sorted(quarantine.counts().values()) == [1, 50]


def test_the_kinds_themselves_are_bounded() -> None:
    quarantine = Quarantine(Redactor())
    for first in ascii_lowercase:
        for second in ascii_lowercase:
            quarantine.put(misfit(f"$.{first}{second}", "made up"))
    assert len(quarantine.counts()) <= KINDS + 1
    assert quarantine.counts()[OTHER] == 26 * 26 - KINDS


@pytest.mark.parametrize(
    "raw",
    [
        f'{{"userName": "trader", "apiKey": "{KEY}"}}',
        f'{{"x": "{KEY}"}}',
        f'{{"token":"{TOKEN}","success":true}}',
        f'{{"newToken" : "{TOKEN}',
        f"wss://rtc/hubs/user?access_token={TOKEN}&x=1",
        f"Authorization: Bearer {TOKEN}",
        '{"data":{"name":"PRAC-V2-645601-1","balance":1}}',
        '{"id":1,"accountId": 26282486,"size":2}',
        "x" * 590 + KEY,
    ],
)
def test_no_secret_is_ever_shown(raw: str, caplog: pytest.LogCaptureFixture) -> None:
    quarantine = Quarantine(Redactor([KEY, "trader"]))
    with caplog.at_level(logging.WARNING):
        quarantine.put(misfit("$", "odd", raw.encode()))
    for secret in (KEY, KEY[:9], TOKEN, TOKEN.rpartition(".")[2], "PRAC-V2", "trader", "26282486"):
        assert secret not in caplog.text
    assert "***" in caplog.text or "x" * 590 in caplog.text


def test_bytes_that_are_no_text_are_shown_as_such(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        Quarantine(Redactor()).put(misfit("$", "garbage", b"\xff\x00"))
    assert r"\xff" in caplog.text
