"""Which account a person trades, and what is told of it: H3, H4, H5."""

import json
import signal
from collections.abc import Mapping

from julie.core.errors import Exit
from tests.fault import gate as gates
from tests.fault.asking import ASKS_NEVER, ASKS_ONCE
from tests.fault.bots import RULES, settings_of
from tests.fault.frame import Scene
from tests.fault.gate import KEY, USER
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault
from tests.fault.terminal import Said, forked, ready_file

OF_THE_GATE = ("READY.json", "gate-ready.json", "gate.txt")


def login(scene: Scene, **more: str) -> dict[str, str]:
    """The environment of a bot that trades the row's gateway as if it were the venue."""
    ready = scene.gate.ready
    return {
        "PROJECTX_API_URL": ready.url, "PROJECTX_USER_HUB": ready.user_hub,
        "PROJECTX_MARKET_HUB": ready.market_hub, "PROJECTX_USERNAME": USER,
        "PROJECTX_API_KEY": KEY, "PROJECTX_ACCOUNT_ID": str(ready.account_id), **more,
        "XDG_STATE_HOME": str(scene.folder / "state"),
    }  # fmt: skip


async def asked_live(
    scene: Scene, environ: Mapping[str, str], *sets: str, mode: str = "--live"
) -> Said:
    """A start that means the venue."""
    words = [word for one in ("live.enabled=true", *sets) for word in ("--set", one)]
    return await forked(
        "run", mode, "--headless", "--data-dir", str(scene.data), *words,
        folder=scene.folder, environ=environ,
    )  # fmt: skip


@fault("H3", sets=(ASKS_NEVER,), flatten=False)
async def test_h3_the_wrong_account(scene: Scene) -> None:
    name = str(scene.gate.ready.accounts[0]["name"])
    right = f"live.account_name={name}"
    told = [
        await asked_live(scene, login(scene), "live.account_name=SOMEBODY-ELSE"),
        await asked_live(scene, login(scene, PROJECTX_ACCOUNT_ID="99999"), right),
        await asked_live(scene, login(scene), right),  # never confirmed, and nobody to be asked
    ]
    for one in told:
        assert one.code == Exit.LOGIN, one
        assert "Traceback" not in one.err
        assert name not in one.err
        assert KEY not in one.err + one.out
    assert "was never confirmed on this machine" in told[2].err
    locked = await asked_live(scene, login(scene), "live.enabled=false")
    assert locked.code == Exit.USAGE, locked
    truth = await scene.gate.truth()
    assert gates.calls(truth, "/Order/place") == []


@fault("H4", sets=(ASKS_NEVER,), flatten=False, speed=30)
async def test_h4_paper_and_live_are_told_apart_in_every_output(scene: Scene) -> None:
    paper = scene.folder / "paper"
    sets = [word for one in settings_of(("pulse",), (ASKS_NEVER,)) for word in ("--set", one)]
    found = await forked(
        "run", "--paper", "--sim", str(ready_file(scene)), "--headless", "--data-dir", str(paper),
        "--until", "09:31", "--strategies", f"{RULES}:pulse", *sets,
        folder=scene.folder,
    )  # fmt: skip
    assert found.code == Exit.DONE, found
    assert "PAPER" in found.err
    assert "PAPER" in found.out
    log = (paper / "logs" / "bot.log").read_text(encoding="utf-8")
    assert all(" PAPER " in line or line.startswith(" ") for line in log.splitlines() if line)
    assert json.loads((paper / "logs" / "status.json").read_text())["mode"] == "paper"
    (run,) = {one.run for one in read_journal(paper)}
    assert "paper" in run
    other = await forked(
        "run",
        "--sim",
        str(ready_file(scene)),
        "--headless",
        "--data-dir",
        str(paper),
        folder=scene.folder,
    )
    assert other.code == Exit.JOURNAL, other
    assert "belongs to paper, not to sim" in other.err


@fault("H5", process=True, sets=(ASKS_ONCE,))
async def test_h5_no_secret_in_any_byte_whatever_fails(scene: Scene) -> None:
    state = {"XDG_STATE_HOME": str(scene.folder / "state")}  # where the last error is kept
    await scene.ready(words=("-vv",), environ=state)  # the loudest, with stack traces
    await scene.entered()
    told = f"{KEY} of {USER}"
    echo = {"success": False, "errorCode": 1, "errorMessage": told}
    await scene.gate.rule("body", {"path": "/api/Position/searchOpen"}, {"count": 2}, json=echo)
    loud = {"status": 500, "text": told, "headers": {"WWW-Authenticate": told, "Location": told}}
    await scene.gate.rule("status", {"path": "/api/Trade/search"}, {"count": 2}, **loud)
    await scene.gate.rule("truncate", {"path": "/api/Account/search"}, {"count": 1}, keep=9)
    await scene.gate.rule("refuse_connect", {"hub": "market"}, {"count": 1}, status=500)
    await scene.gate.rule("refuse_connect", {"hub": "user"}, {"count": 1})  # the URL has the token
    await scene.gate.rule("expire_tokens")
    await scene.gate.rule("reset", lines=True)
    await scene.pass_s(20)
    scene.process.send(signal.SIGTERM)
    await scene.process.gone()

    def nowhere(outcome: Outcome) -> None:
        for path in sorted(scene.folder.rglob("*")):
            if path.is_file() and path.name not in OF_THE_GATE:
                content = path.read_bytes()
                assert KEY.encode() not in content, path
                assert USER.encode() not in content, path
                assert b"eyJhbGciOi" not in content, f"a token in {path}"
        assert outcome.log

    scene.checks.append(nowhere)
