"""Sections `logs` and `notifications`: what is kept of the story, and what is sent to a person."""

from typing import Literal

from pydantic import model_validator

from julie.core.section import Section, key

TOPIC_FILES = ("bot", "trade", "pattern", "stream", "order")

Told = Literal["off", "silent", "on"]


class LogsSection(Section):
    """The log files, one a topic."""

    level: Literal["debug", "info", "warning"] = key("info", "least of what is kept")
    file_mb: float = key(10.0, "a larger file is put aside and begun anew", "MB", gt=0.0)
    keep_days: int = key(30, "files put aside are deleted after", "days", ge=1)
    ceiling_mb: float = key(200.0, "all log files together; the oldest go first", "MB", gt=0.0)

    @model_validator(mode="after")
    def _fits(self) -> "LogsSection":
        least = self.file_mb * len(TOPIC_FILES)
        if self.ceiling_mb < least:
            raise ValueError(
                f"ceiling_mb {self.ceiling_mb:g} holds less than {len(TOPIC_FILES)} files of "
                f"file_mb {self.file_mb:g}; at least {least:g}"
            )
        return self


class NotificationsSection(Section):
    """What is told where: off, silent = log only, on = sent too, if JULIE_NOTIFY_URL is set."""

    start: Told = key("on", "the bot began")
    stop: Told = key("on", "the bot ended, and what it left")
    entry: Told = key("on", "a position was opened")
    exit: Told = key("on", "a leg was closed, with its result")
    halt: Told = key("on", "the desk halted, or an alarm that needs a person")
    limit: Told = key("on", "50, 80 and 100 % of a limit are used")
    disconnect: Told = key("on", "a stream is away for over 30 s, and is back")
    reconcile: Told = key("on", "our books and the venue's differed")
    day: Told = key("on", "the trading day in figures")
