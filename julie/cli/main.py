"""The command `julie`: finds the file of a command, runs it, turns every error into words and code.

Nothing but the named command is imported, so `julie -h` answers at once. `-q`, `-v`, `-vv` and
`--no-color` are understood at any place of the line.
"""

import difflib
import importlib
import logging
import os
import sys
import traceback
from typing import Any, Final, NamedTuple

from julie import __version__
from julie.core.errors import Exit, Interrupted, JulieError, UsageError
from julie.core.interruption import Terminated, heed_termination


class Command(NamedTuple):
    """One row of the command table; hidden ones are not listed."""

    help: str
    hidden: bool = False


# Each command is the file of the same name in this folder and exports `app`, a typer application.
COMMANDS: Final[dict[str, Command]] = {
    "audit": Command("Prove that nothing looks ahead and live decides as batch does."),
    "backtest": Command("Run the portfolio over bars and write its report."),
    "report": Command("Show a finished run again, or compare two."),
    "trades": Command("List the trades of a run, or draw them."),
    "export": Command("Write records of a run as CSV."),
    "data": Command("Bring bars in, look at them, check them, hand them out."),
    "strategies": Command("List the strategies, or explain one."),
    "defense": Command("List the judges in their order, or explain one."),
    "simgate": Command("Serve a simulated gateway on this machine."),
    "synth": Command("Make simulated sessions and measure how real they look."),
    "journal": Command("Check, show and copy the journal of a bot."),
    "columns": Command("List the columns, explain one, or export some over bars."),
    "config": Command("Show, check and compare the configuration."),
    "why": Command("Explain the decisions of one minute."),
    "contract": Command("Show the months the venue trades, and whether our table agrees."),
    "doctor": Command("Look at everything that trading needs; each fault with its cure."),
    "fetch": Command("Bring history from the venue into the dataset."),
    "flatten": Command("Cancel and close everything now, with the bot or without it."),
    "notify": Command("Try out the messages to your phone or mail."),
    "pause": Command("Hold entries back; positions are managed."),
    "place-test-order": Command("Send one small bracketed order in and out again."),
    "replay": Command("Run a bot's day once more from its journal, and compare."),
    "resume": Command("Let entries through again."),
    "run": Command("Trade: the session of a simulated gateway, without credentials."),
    "status": Command("Show how the running bot is, once or all the time."),
    "stop": Command("End the running bot, now or after its trade."),
    "warm": Command("Compile everything once.", hidden=True),
}

_LOUDNESS: Final = {"-q": logging.ERROR, "-v": logging.DEBUG, "-vv": 5}
_FLAGS: Final = """\
Everywhere:
  -q, -v, -vv   less talk, more talk, stack traces
  --no-color    no colour (also NO_COLOR, also when the output is not a terminal)
  -h, --help    help of the program or of a command
  --version     version of the program
"""


def main(argv: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    heed_termination()
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def run(argv: list[str]) -> int:
    """Run one command line; returns the exit code."""
    words = _take_loudness(argv)
    try:
        return _dispatch(words)
    except KeyboardInterrupt:
        _tell("interrupted")
        return Exit.INTERRUPTED
    except Terminated:
        _tell("ended by SIGTERM")
        return Exit.TERMINATED
    except Interrupted as error:
        _tell(f"interrupted: {error}")
        return error.exit_code
    except JulieError as error:
        if _traces():
            _tell(_without_secrets(traceback.format_exc()))
        _tell(f"error: {error}")
        return error.exit_code
    except BrokenPipeError:  # the reader of our output went away: nothing more to say to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except ImportError as error:
        return _missing(error)
    except Exception as error:  # noqa: BLE001 - the top: whatever nobody foresaw still gets words
        return _unexpected(error)


def _take_loudness(argv: list[str]) -> list[str]:
    """Set loudness and colour from the flags that may stand anywhere; returns the other words."""
    level, words = logging.INFO, []
    for word in argv:
        if word in _LOUDNESS:
            level = _LOUDNESS[word]
        elif word == "--no-color":
            os.environ["NO_COLOR"] = "1"
        else:
            words.append(word)
    logging.getLogger("julie").setLevel(level)
    return words


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help"}:
        sys.stdout.write(help_text())
        return Exit.DONE
    if words[0] == "--version":
        sys.stdout.write(f"julie {__version__}\n")
        return Exit.DONE
    if words[0] not in COMMANDS:
        near = difflib.get_close_matches(words[0], COMMANDS, n=1)
        hint = f"did you mean `julie {near[0]}`?" if near else "`julie -h` lists the commands"
        raise UsageError(f"there is no command {words[0]!r}", hint)
    return _run_command(words[0], words[1:])


def _run_command(name: str, words: list[str]) -> int:
    import typer

    command = command_of(name)
    words = ["--help" if word == "-h" else word for word in words]
    try:
        code = command.main(args=words, prog_name=f"julie {name}", standalone_mode=False)
    except typer.TyperException as error:
        _tell(f"error: {error.format_message()}\n-> `julie {name} -h` shows how it is used")
        return Exit.USAGE
    except typer.Abort:
        code = Exit.INTERRUPTED
    if code == Exit.INTERRUPTED:
        _tell("interrupted")
    return code if isinstance(code, int) else Exit.DONE


def command_of(name: str) -> Any:
    """The command itself, made from the `app` of its file."""
    import typer.main

    module = importlib.import_module(f"julie.cli.{name.replace('-', '_')}")
    return typer.main.get_command(module.app)


def help_text() -> str:
    """The commands, one line each."""
    listed = {name: row.help for name, row in COMMANDS.items() if not row.hidden}
    width = max(map(len, listed), default=0)
    rows = "".join(f"  {name:<{width}}  {text}\n" for name, text in sorted(listed.items()))
    return f"Usage: julie COMMAND [FLAGS]\n\nCommands:\n{rows}\n{_FLAGS}"


def _missing(error: ImportError) -> int:
    """A package is not there, or its installation is torn: that is the machine's fault."""
    if _traces():
        _tell(_without_secrets(traceback.format_exc()))
    named = f"the package {error.name}" if error.name else "a package"
    _tell(f"error: {named} cannot be loaded: {error}\n-> `make venv` installs what is needed; "
          "`julie doctor` tells what is missing")  # fmt: skip
    return Exit.ENVIRONMENT


def _unexpected(error: Exception) -> int:
    trace = _without_secrets(traceback.format_exc())
    kept = _keep(trace)
    if _traces():
        _tell(trace)
    where = f"the stack trace is in {kept}" if kept else "run it again with -vv for the stack trace"
    _tell(_without_secrets(f"unexpected error: {type(error).__name__}: {error}\n-> {where}"))
    return Exit.UNEXPECTED


def _without_secrets(text: str) -> str:
    from julie.core.secrets import read_secrets
    from julie.gateway.redact import Redactor

    return Redactor(read_secrets().hidden())(text)


def _keep(trace: str) -> str:
    import platformdirs

    file = platformdirs.user_log_path("julie") / "last-error.txt"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(trace, encoding="utf-8")
    except OSError:  # a read-only home must not hide the error itself
        return ""
    return str(file)


def _traces() -> bool:
    return logging.getLogger("julie").isEnabledFor(_LOUDNESS["-vv"])


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
