"""What a session came to: told in the terminal, and kept as text, JSON and a page."""

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Final

from julie.core.bookings import EquityMarked
from julie.core.errors import JulieError
from julie.core.events import AuditRecord
from julie.live.closing_down import Left
from julie.live.figures import KINDS, Figures, add_up, words_of
from julie.live.report import page_of, write_live_report
from julie.live.wanted import Wanted
from julie.store.atomic import write_text
from julie.store.journal import JournalReader
from julie.store.journal import Wanted as Asked

LOG: Final = logging.getLogger(__name__)


def make_report(
    wanted: Wanted, left: Left, reconnects: int, balance_cents: int, *, simulated: bool
) -> Figures:
    """Read the run in the journal."""
    made = Figures(wanted.run, wanted.mode, simulated, reconnects=reconnects)
    with JournalReader.of(wanted.folder) as reader:
        records = reader.records(Asked(run=wanted.run, kinds=KINDS))
        add_up(made, records, _marked_before(reader, wanted.run))
    made.balance = balance_cents / 100.0
    made.differences, made.flat, made.left, made.ended = (
        left.differences, left.flat, left.words, left.why,
    )  # fmt: skip
    return made


def _marked_before(reader: JournalReader, run: str) -> int | None:
    """Our balance at the end of the run before; None where there was none."""
    names = reader.run_names()
    for name in reversed(names[: names.index(run)] if run in names else ()):
        for record in reader.records(Asked(run=name, kinds=("EquityMarked",), last=1)):
            if isinstance(record, AuditRecord) and isinstance(record.payload, EquityMarked):
                return record.payload.balance_cents
    return None


def write_report(wanted: Wanted, made: Figures) -> Path:
    """Keep it beside the page of the run; returns the text's place."""
    try:
        write_live_report(wanted.folder, wanted.settings, run=wanted.run)
        made.page = str(page_of(wanted.folder, wanted.run))
    except (JulieError, OSError) as error:  # the figures below are kept in any case
        LOG.warning("the page of the session was not written: %s", error)
    folder = page_of(wanted.folder, wanted.run).parent
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "session.json", json.dumps(asdict(made), indent=2) + "\n")
    place = folder / "session.txt"
    write_text(place, "\n".join(words_of(made)) + "\n")
    return place
