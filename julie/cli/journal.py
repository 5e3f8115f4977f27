"""julie journal: whether the journal is whole, what stands in it, and a copy of it.

None of them disturbs a running bot. Exit code 5: the journal cannot be used; 9: `verify` found that
something in it does not agree.
"""

from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from julie.cli.options import BotFolder, Json, bot_folder

if TYPE_CHECKING:
    from julie.core.events import AuditRecord
    from julie.store.journal import RawRecord, Wanted
    from julie.store.journal.verify import Verified

app = typer.Typer(
    help="Check, show and copy the journal of a bot.",
    no_args_is_help=True,
    add_completion=False,
)

_WIDE = 120  # characters of a value in the list
_LISTED = 50  # records, where --last says nothing; the JSON has them all


@app.command()
def verify(data_dir: BotFolder = None, as_json: Json = False) -> int:
    """Look through the whole journal for what does not agree."""
    from dataclasses import asdict

    from julie.cli import talk
    from julie.core.errors import Exit
    from julie.store.journal import journal_of
    from julie.store.journal.verify import verify as look_through

    found = look_through(journal_of(bot_folder(data_dir)))
    if as_json:
        talk.result_json({**asdict(found), "sound": not found.faults})
    else:
        talk.result("\n".join(_verdict(found)))
    return Exit.DIFFERENCES if found.faults else Exit.DONE


@app.command()
def show(
    kind: Annotated[
        list[str] | None, typer.Option(help="Only this kind, such as Fill; give several.")
    ] = None,
    run: Annotated[str | None, typer.Option(help="Only this run.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="First time, UTC: 2025-06-02T13:30.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Up to this time, UTC.")] = None,
    inputs: Annotated[
        bool, typer.Option("--inputs", help="Only what the desk acted on, as a replay reads it.")
    ] = False,
    last: Annotated[
        int | None, typer.Option(min=1, help="Only the newest so many records.")
    ] = None,
    data_dir: BotFolder = None,
    as_json: Json = False,
) -> None:
    """List records in the order in which they were written."""
    from julie.cli import talk
    from julie.store.journal import JournalReader, Wanted

    wanted = Wanted(
        run,
        tuple(_kind(one) for one in kind or ()),
        _moment("--from", start),
        _moment("--to", end),
        inputs=inputs,
        last=last if last or as_json else _LISTED,
    )
    with JournalReader.of(bot_folder(data_dir)) as reader:
        if as_json:
            talk.result_json({"records": [_object(record) for record in reader.records(wanted)]})
            return
        for line in _lines(reader.records(wanted), wanted):
            talk.result(line)


@app.command()
def backup(
    out: Annotated[
        Path | None, typer.Option(help="The new file. Default: backups/ in the data folder.")
    ] = None,
    data_dir: BotFolder = None,
    as_json: Json = False,
) -> None:
    """Copy the journal as it is now; the bot may go on."""
    from julie.cli import talk
    from julie.core.clock import MachineClock
    from julie.store.journal import journal_of
    from julie.store.journal.backup import backup as copy

    stamp = _spelled(MachineClock().now_ns())[:19].replace("-", "").replace(":", "")
    folder = bot_folder(data_dir)
    place = out or folder / "backups" / f"journal-{stamp.replace(' ', '-')}.db"
    records = copy(journal_of(folder), place)
    if as_json:
        talk.result_json({"out": str(place), "records": records})
    else:
        talk.result(f"wrote {place}: {records:,} records")


def _verdict(found: "Verified") -> Iterator[str]:
    yield f"{found.path}: version {found.version}, {found.runs:,} runs, {found.records:,} records"
    yield from (f"  {count:>9,} {kind}" for kind, count in found.kinds.items())
    if found.unknown:
        yield f"{found.unknown:,} records are of a form that this program does not know"
    yield from (f"- {fault}" for fault in found.faults)
    yield "not whole" if found.faults else "whole"


def _kind(word: str) -> str:
    """The kind as it is spelled; one that only a newer program knows is taken as given."""
    from julie.store.journal.kinds import KINDS

    return {name.lower(): name for name in KINDS}.get(word.lower(), word)


def _moment(flag: str, text: str | None) -> int | None:
    from datetime import UTC, datetime

    from julie.core.errors import UsageError

    if text is None:
        return None
    try:
        said = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{flag} {text}: no such time", "write it as 2025-06-02T13:30") from error
    return int((said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp()) * 10**9


def _spelled(ns: int) -> str:
    from datetime import UTC, datetime

    seconds, rest = divmod(ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest // 1000:06d}"


def _lines(records: "Iterator[AuditRecord | RawRecord]", wanted: "Wanted") -> Iterator[str]:
    from julie.cli import talk
    from julie.store.journal.kinds import fields_of

    count = 0
    for record in records:
        count += 1
        told = " ".join(f"{name}={_short(value)}" for name, value in fields_of(record).items())
        when = _spelled(record.ts_exchange)
        yield f"{when}  {record.run} {record.seq:>6}  {record.kind:<15} {told}"
    if not count:
        talk.say("no such records")
    elif count == wanted.last == _LISTED:
        talk.say(f"only the newest {count} are shown; --last N or --json shows more")


def _short(value: object) -> str:
    """The value on one line, the rest of a long one left to --json."""
    text = str(_plain(value)).replace("\n", "\\n")
    return text if len(text) <= _WIDE else text[: _WIDE - 3] + "..."


def _object(record: "AuditRecord | RawRecord") -> dict[str, Any]:
    from julie.store.journal.kinds import fields_of

    return {
        "run": record.run,
        "seq": record.seq,
        "ts_exchange": record.ts_exchange,
        "ts_local": record.ts_local,
        "kind": record.kind,
        "payload": _plain(fields_of(record)),
    }


def _plain(value: Any) -> Any:
    """The value as JSON can say it: no NaN, no infinity, no bytes."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return value.hex()
    return None if isinstance(value, float) and not isfinite(value) else value
