"""The command line: fast help, words for every error, and the exit codes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from julie.cli import main
from julie.core.errors import DataError, Exit, JulieError

HEAVY = ("numpy", "pandas", "numba", "pydantic", "pyarrow", "scipy", "rich")
COMMAND = [sys.executable, "-m", "julie.cli.main"]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


def times() -> float:
    """Seconds of processor time that children of this process have used."""
    used = os.times()
    return used.children_user + used.children_system


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_answers_within_half_a_second(flag: str) -> None:
    before = times()
    shown = run(flag)
    assert shown.returncode == 0
    assert "config" in shown.stdout
    assert "warm" not in shown.stdout
    assert times() - before < 0.5


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from julie.cli.main import run; run(['-h']);"
        f"print('loaded:', [name for name in {HEAVY} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "loaded: []"


@pytest.mark.parametrize("name", sorted(main.COMMANDS))
def test_no_command_imports_anything_heavy_before_it_runs(name: str) -> None:
    module = f"julie.cli.{name.replace('-', '_')}"
    code = (
        f"import sys; import {module} as m; assert m.app;"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (shown.stdout.strip(), shown.stderr) == ("[]", "")


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["confg"]) == Exit.USAGE
    assert "did you mean `julie config`?" in capsys.readouterr().err


def test_an_unknown_flag_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["config", "check", "--fast"]) == Exit.USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "--fast" in shown.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("julie 0.")


Raising = Callable[..., int]


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Raising:
    """Runs a command that raises what it is given."""

    def go(error: BaseException, *flags: str) -> int:
        app = typer.Typer()

        @app.command()
        def fail() -> None:
            raise error

        module: Any = ModuleType("julie.cli.fail")
        module.app = app
        monkeypatch.setitem(sys.modules, "julie.cli.fail", module)
        monkeypatch.setattr(main, "COMMANDS", {"fail": main.Command("fails")})
        return main.run(["fail", *flags])

    return go


class Halted(JulieError):
    exit_code = Exit.HALTED


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (DataError("bars.csv is empty", "give a file with bars"), 2, "-> give a file with bars"),
        (Halted("the maximum loss is touched"), 8, "the maximum loss is touched"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (RuntimeError("odd"), 1, "unexpected error: RuntimeError: odd"),
        (typer.Exit(9), 9, ""),
        (typer.Abort(), 130, "interrupted"),
    ],
)
def test_errors_have_words_a_code_and_no_trace(
    raising: Raising,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    words: str,
) -> None:
    assert raising(error) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert words in shown.err
    assert "Traceback" not in shown.err


def test_very_loud_shows_the_trace(raising: Raising, capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(RuntimeError("odd"), "-vv") == 1
    assert "Traceback" in capsys.readouterr().err


def test_the_trace_of_a_surprise_is_kept(
    raising: Raising,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    raising(RuntimeError("odd"))
    shown = capsys.readouterr().err
    if str(state) in shown:  # only where the log folder follows XDG
        (kept,) = state.rglob("last-error.txt")
        assert "RuntimeError: odd" in kept.read_text()
    else:
        assert "last-error.txt" in shown


def test_loudness_may_stand_anywhere(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main.run(["config", "diff", "-q"]) == 0
    assert capsys.readouterr().err == ""
    assert main.run(["-v", "config", "diff"]) == 0
    assert "nothing differs" in capsys.readouterr().err


def test_no_color_reaches_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    main.run(["--no-color", "--version"])
    assert os.environ["NO_COLOR"] == "1"


def test_every_scenario_of_the_simulated_gateway_is_named_in_its_help() -> None:
    from julie.simgate.scenarios.catalogue import names

    told = {one.name: one.help for one in main.command_of("simgate").params}["scenario"]
    assert sorted(told.rstrip(".").rpartition(": ")[2].split(", ")) == list(names())
