"""The operator's page names what there is: commands, states, lights, exit codes."""

from pathlib import Path

from julie.cli.main import COMMANDS
from julie.core.errors import Exit
from julie.core.market_events import HubState
from julie.core.types import DeskState

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operate.md").read_text(encoding="utf-8")


def test_every_state_light_and_code_is_explained() -> None:
    for state in DeskState:
        assert f"| {state.name} |" in PAGE
    for light in HubState:
        assert light.value in PAGE
    for code in Exit:
        assert (
            f"| {code.value} |" in PAGE or f" {code.value} |" in PAGE or f"| {code.value}," in PAGE
        )


def test_every_command_it_names_exists() -> None:
    named = {word.split()[0] for word in PAGE.split("julie ")[1:]}
    words = {word.strip("`.,:;") for word in named}
    assert {"doctor", "status", "pause", "stop", "flatten", "notify"} <= words & set(COMMANDS)
