"""People and machines before the first order: H1, H2, H5, H6, H9, H15, H19, H20."""

import asyncio
import shutil
import subprocess
import threading
from importlib.metadata import version
from pathlib import Path

import pytest

from julie.core.errors import Exit
from julie.core.operator_section import NotificationsSection
from julie.gateway.redact import Redactor
from julie.live.notify import Note, Notifier
from tests.fault.bots import ROOT
from tests.fault.rows import row
from tests.fault.terminal import Said, bot, julie

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(120)]
SENTINEL = "sentinel-key-of-a-config-5511"


def said(*words: str, folder: Path, **environ: str) -> Said:
    """A start of the bot, or another command, to its end."""
    run = bot if words and words[0].startswith("--") else julie
    return asyncio.run(run(*words, folder=folder, environ=environ))


def nothing_there(folder: Path) -> None:
    """Refused before anything was made or sent."""
    assert not (folder / "data").exists()


BAD = f"""\
risk:
  max_contract: 3
  per_trade_pct: lots
gateway:
  api_key: {SENTINEL}
execution:
  max_signal_age_s: -4
  "fees ": venue
"""


@row("H1")
def test_h1_all_errors_of_a_configuration_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD, encoding="utf-8")
    found = said("--sim", "nowhere.json", "--config", "bad.yaml", folder=tmp_path)
    assert found.code == Exit.USAGE
    assert "has 5 errors" in found.err
    for told in (
        "bad.yaml:2: risk.max_contract: unknown key",
        "bad.yaml:3: risk.per_trade_pct: expected a number, found 'lots'",
        "bad.yaml:7: execution.max_signal_age_s: expected a number above 0, found -4",
        "bad.yaml:8: execution.fees : unknown key; did you mean fees?",
    ):
        assert told in found.err
    assert "nowhere.json" not in found.err  # the network was never thought of
    nothing_there(tmp_path)


@row("H2")
def test_h2_pairs_that_contradict_each_other(tmp_path: Path) -> None:
    found = said(
        "--sim", "nowhere.json", "--set", "defense.circuit_breaker.day_loss_usd=5000",
        "--set", "management.times.flat=16:30", folder=tmp_path,
    )  # fmt: skip
    assert found.code == Exit.USAGE
    assert "day_loss_usd (5000) is above the loss limit of account.profile" in found.err
    assert "management.times.flat (16:30 CT) is after 15:08 CT" in found.err
    nothing_there(tmp_path)


@row("H5")
def test_h5_a_secret_in_the_configuration_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD, encoding="utf-8")
    found = said("-vv", "config", "check", "--config", "bad.yaml", folder=tmp_path)
    assert found.code == Exit.USAGE
    assert "gateway.api_key: unknown key" in found.err
    assert SENTINEL not in found.err + found.out


@row("H6")
def test_h6_keys_that_others_can_read(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("PROJECTX_USERNAME=\n", encoding="utf-8")
    env.chmod(0o644)
    git = shutil.which("git") or "git"
    for words in (["init", "-q"], ["add", ".env"]):
        subprocess.run([git, *words], cwd=tmp_path, check=True, capture_output=True)
    mild = said("doctor", "--offline", folder=tmp_path)
    assert mild.code == Exit.DONE
    assert "-> chmod 600 .env" in mild.out
    assert "git rm --cached .env" in mild.out
    strict = said("doctor", "--offline", "--strict", folder=tmp_path)
    assert strict.code == Exit.ENVIRONMENT
    bot = said("--sim", "--strict", "--data-dir", "bot", folder=tmp_path)
    assert bot.code == Exit.ENVIRONMENT
    assert "-> chmod 600 .env" in bot.err
    assert "no request was sent" in bot.err
    assert not (tmp_path / "bot").exists()
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "STOP").touch()  # so that it ends at once
    warned = said("--sim", "--data-dir", "bot", folder=tmp_path)
    assert warned.code == Exit.STOPPED
    assert "warning: .env can be read by other users of this machine" in warned.err


@row("H9")
def test_h9_a_stop_file_left_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "STOP").write_text('{"who": "ann", "when": "yesterday", "why": "storm"}')
    found = said("--sim", "--until", "09:31", "--data-dir", str(data), folder=tmp_path)
    assert found.code == Exit.STOPPED
    assert "made by ann at yesterday (storm)" in found.err
    assert f"delete {data / 'STOP'} and start again" in found.err
    assert "no request was sent" in found.err
    assert not (data / "journal.db").exists()


@row("H15")
def test_h15_a_notifier_that_hangs_is_never_waited_for() -> None:
    free, got = threading.Event(), []
    fails = [ConnectionError("401")] * 2

    def send(title: str, text: str) -> bool:
        free.wait(20)
        if "grave" in text and fails:
            raise fails.pop()
        got.append(text)
        return True

    notifier = Notifier("sim", Redactor(), NotificationsSection(entry="on"), send)
    notifier.start()
    notifier.tell(Note("halt", "a grave one", True))

    def pour() -> None:
        for n in range(5_000):
            notifier.tell(Note("entry", f"number {n}"))

    flood = threading.Thread(target=pour)
    flood.start()
    flood.join(5)
    assert not flood.is_alive()  # nobody was held up although nothing went out
    assert notifier.dropped > 0
    free.set()
    assert notifier.idle(15)
    notifier.stop()
    assert any("a grave one" in one for one in got)  # kept, and tried again
    assert len(got) < 5_000


@row("H19")
def test_h19_folders_of_other_platforms(tmp_path: Path) -> None:
    name = f"mit Leerzeichen und Ümlaut/{'x' * 120}"
    (tmp_path / "crlf.yaml").write_bytes(b"\xef\xbb\xbfrisk:\r\n  per_trade_pct: 0.3\r\n")
    data = tmp_path / name
    found = said(
        "--sim", "--until", "09:32", "--speed", "max", "--headless", "--config", "crlf.yaml",
        "--data-dir", str(data), folder=tmp_path,
    )  # fmt: skip
    assert found.code == Exit.DONE, found
    assert (data / "journal.db").is_file()
    whole = said("journal", "verify", "--data-dir", str(data), folder=tmp_path)
    assert whole.code == Exit.DONE, whole


@row("H19")
def test_h19_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "data"
    found = said("--sim", "--until", "09:31", "--data-dir", str(data), folder=tmp_path)
    assert found.code == Exit.ENVIRONMENT, found
    assert f"cannot write {data}" in found.err
    assert "Traceback" not in found.err


STUB = """\
import sys
class Torn:
    def find_spec(self, name, path=None, target=None):
        if name == "websockets":
            raise ImportError("cannot import name 'x' from 'websockets'", name=name)
sys.meta_path.insert(0, Torn())
import importlib.metadata as metadata
before = metadata.version
metadata.version = lambda name: "1.9" if name == "websockets" else before(name)
"""


@row("H20")
def test_h20_a_torn_installation_is_named(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(STUB, encoding="utf-8")
    path = f"{tmp_path}:{ROOT}"
    examined = said("doctor", "--offline", folder=tmp_path, PYTHONPATH=path)
    assert examined.code == Exit.ENVIRONMENT, examined
    assert "websockets is 1.9, 15.0 is needed" in examined.out
    started = said("--sim", "--until", "09:31", folder=tmp_path, PYTHONPATH=path)
    assert started.code == Exit.ENVIRONMENT, started
    for told in (examined, started):
        assert "websockets" in told.out + told.err
        assert "Traceback" not in told.err


@row("H20")
def test_h20_an_old_package_and_an_old_python(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from julie.live import examine
    from julie.settings import default_tree, load_settings

    monkeypatch.setattr("sys.version_info", (3, 9, 2))
    monkeypatch.setattr(
        "julie.live.examine.version", lambda name: "1.20" if name == "numpy" else version(name)
    )
    settings = load_settings(default_tree(), [], []).tree
    found = {one.what: one for one in examine.here(settings, tmp_path)}
    assert found["Python"].code == Exit.ENVIRONMENT
    assert "3.11 or 3.12 is needed" in found["Python"].text
    assert "numpy is 1.20, 2.0 is needed" in found["packages"].text
