"""What can be wrong with a journal, in words, with the cure and the exit code."""

from pathlib import Path

from julie.core.errors import Exit, JulieError

_PUT_BACK = (
    "put back the last file that `julie journal backup` made; or, when the account is flat, move "
    "journal.db with the files whose names begin like it aside and start with an empty journal"
)


class JournalError(JulieError):
    """A journal that cannot be used."""

    exit_code = Exit.JOURNAL


class JournalDamaged(JournalError):
    """A journal that is not what was written."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(f"the journal {path} is damaged: {found}", _PUT_BACK, "it was left as is")


class JournalNewer(JournalError):
    """A journal that a newer program wrote."""

    def __init__(self, path: Path, found: str, known: str) -> None:
        super().__init__(
            f"the journal {path} has version {found}; this program knows {known}",
            "start the newer julie, or name another folder with --data-dir",
            "it was left as is",
        )


class JournalUnwritable(JournalError):
    """The disk takes no more; what was appended stays in memory and is tried again."""

    def __init__(self, path: Path, found: str, free_mb: int) -> None:
        super().__init__(
            f"journal not writable, {free_mb} MB free: {found}",
            f"make room on the disk that holds {path.parent}; writing goes on by itself then",
            "what was acknowledged is on the disk, the rest is kept in memory in its order",
        )


class JournalBehind(JournalError):
    """More was appended than may wait in memory; the record was not taken."""

    def __init__(self, path: Path, waiting: int) -> None:
        super().__init__(
            f"{waiting:,} records wait to be written to {path}, and no more may",
            "make room on the disk, or find out what slows it down",
            "this record was not taken",
        )


class JournalHeld(JournalError):
    """Somebody else writes into this folder."""

    exit_code = Exit.ANOTHER_INSTANCE

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(
            f"the folder {folder} belongs to a running bot: {holder}",
            "stop that one, or name another folder with --data-dir",
            "nothing was changed",
        )
