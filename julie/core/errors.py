"""What can go wrong in front of a person: what was tried, what was found, what to do, which exit
code.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    LOGIN = 3
    ANOTHER_INSTANCE = 4
    JOURNAL = 5
    ENVIRONMENT = 6
    STOPPED = 7
    HALTED = 8
    DIFFERENCES = 9
    INTERRUPTED = 130
    TERMINATED = 143


class JulieError(Exception):
    """An error with a cure: `message` says what was found, `cure` what to do next."""

    exit_code = Exit.UNEXPECTED

    def __init__(self, message: str, cure: str = "", unchanged: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.unchanged = unchanged

    def __str__(self) -> str:
        parts = [self.message]
        if self.unchanged:
            parts.append(self.unchanged)
        if self.cure:
            parts.append(f"-> {self.cure}")
        return "\n".join(parts)


class UsageError(JulieError):
    """A flag, a config key or an argument that cannot be used."""

    exit_code = Exit.USAGE


class ConfigError(UsageError):
    """One or several faults of the configuration, all reported at once."""


class NotFlat(JulieError):
    """What was to be closed could not be reached."""

    exit_code = Exit.HALTED


class DataError(JulieError):
    """A data file that cannot be used."""

    exit_code = Exit.USAGE


class StrategyError(JulieError):
    """A strategy that raised, or answered in the wrong shape."""

    exit_code = Exit.USAGE


class ModelError(JulieError):
    """A table, model or environment that cannot be used."""

    exit_code = Exit.ENVIRONMENT


class Interrupted(JulieError):
    """Ctrl-C ended a command that kept what it had done."""

    exit_code = Exit.INTERRUPTED


class Ended(Interrupted):
    """SIGTERM did."""

    exit_code = Exit.TERMINATED
