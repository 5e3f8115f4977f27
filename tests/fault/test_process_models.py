"""A table beside the program that is damaged: P21."""

from pathlib import Path

from julie.store.artifacts import Manifest, write_artifact
from tests.fault.frame import Scene
from tests.fault.gate import calls
from tests.fault.rows import fault

NAME = "brackets"


def table(folder: Path) -> Path:
    """A whole table with its manifest."""
    rows = [{"style": "trend", "stop": 1.5, "target": 2.0}] * 4
    made = Manifest(NAME, "a table of a test", (), {"rows": 4}, None, 1, {}, {})
    written = write_artifact(folder, made, table={"rows": rows})
    return folder / written.payload


def damage(case: str, payload: Path) -> None:
    """One of the ways in which a file goes bad."""
    content = payload.read_bytes()
    if case == "a byte":
        payload.write_bytes(content[:40] + bytes([content[40] ^ 1]) + content[41:])
    elif case == "another row":
        payload.write_bytes(content.replace(b'"trend"', b'"trend_"', 1))
    else:
        payload.write_bytes(content.replace(b"1.5", b"NaN", 1))


@fault("P21", cases=("a byte", "another row", "not a number"))
async def test_p21_a_damaged_table_is_named_and_the_rest_trades(scene: Scene) -> None:
    folder = scene.folder / "models"
    damage(scene.case, table(folder))
    await scene.ready(sets=(f"models.folder={folder}",))
    message = await scene.message("model_refused", within_s=5)
    assert NAME in message.text
    assert "manifest" in message.text
    await scene.until("the rest trades", scene.protected)


@fault("P21", flatten=False)
async def test_p21_what_is_required_and_damaged_starts_nothing(scene: Scene) -> None:
    folder = scene.folder / "models"
    damage("a byte", table(folder))
    await scene.start(sets=(f"models.folder={folder}", "models.required=true"))
    assert await scene.bot.gone() == 6
    assert NAME in str(getattr(scene.bot, "error", ""))
    assert calls(await scene.gate.truth(), "/api/Order/place") == []


@fault("P21")
async def test_p21_a_whole_table_is_no_matter(scene: Scene) -> None:
    folder = scene.folder / "models"
    table(folder)
    await scene.ready(sets=(f"models.folder={folder}", "models.required=true"))
    await scene.until("it trades", scene.protected)
