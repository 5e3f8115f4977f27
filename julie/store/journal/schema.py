"""The tables of the journal and the steps that lead from one version to the next.

`records` is the story: every line of every run, numbered without gaps. The other tables hold the
same facts spread out for queries, written in the same transaction. A step is one transaction: a
kill in the middle leaves the version before it. 101 is version 1.1: a newer minor version adds and
can still be read; a newer major one cannot.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

APPLICATION: Final = 0x4A554C45  # "JULE", in the header of the file
_MAJOR: Final = 100


class Step(NamedTuple):
    """What brings a journal to `version` from the one before."""

    version: int
    statements: tuple[str, ...]


_FIRST: Final = (
    "CREATE TABLE about (epoch TEXT NOT NULL)",
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, started_ns INTEGER NOT NULL,
        program TEXT NOT NULL)""",
    """CREATE TABLE records (
        id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (id), seq INTEGER NOT NULL,
        ts_exchange INTEGER NOT NULL, ts_local INTEGER NOT NULL, kind TEXT NOT NULL,
        heard INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL, UNIQUE (run, seq))""",
    "CREATE INDEX records_by_time ON records (ts_exchange)",
    "CREATE VIEW inputs AS SELECT * FROM records WHERE heard = 1",
    """CREATE TABLE candidates (
        record INTEGER NOT NULL REFERENCES records (id), candidate INTEGER NOT NULL, ts INTEGER,
        symbol TEXT, strategy TEXT, side INTEGER, outcome INTEGER)""",
    "CREATE INDEX candidates_of_record ON candidates (record)",
    """CREATE TABLE verdicts (
        record INTEGER NOT NULL REFERENCES records (id), candidate INTEGER NOT NULL,
        judge TEXT NOT NULL, code INTEGER NOT NULL)""",
    "CREATE INDEX verdicts_of_record ON verdicts (record)",
    """CREATE TABLE intents (
        record INTEGER PRIMARY KEY REFERENCES records (id), intent TEXT, contract TEXT,
        side INTEGER, qty INTEGER, stop_ticks INTEGER)""",
    """CREATE TABLE orders (
        record INTEGER PRIMARY KEY REFERENCES records (id), "order" TEXT, tag TEXT, state TEXT,
        filled INTEGER, text TEXT)""",
    """CREATE TABLE fills (
        record INTEGER PRIMARY KEY REFERENCES records (id), "order" TEXT, contract TEXT,
        side INTEGER, qty INTEGER, price_tick INTEGER, fee_cents INTEGER)""",
    """CREATE TABLE positions (
        record INTEGER PRIMARY KEY REFERENCES records (id), contract TEXT, side INTEGER,
        qty INTEGER, exit_reason INTEGER)""",
    """CREATE TABLE trades (
        record INTEGER PRIMARY KEY REFERENCES records (id), trade_id INTEGER, leg INTEGER,
        strategy TEXT, "group" TEXT, style TEXT, mode TEXT, instrument TEXT, contract TEXT,
        side INTEGER, qty INTEGER, decided_ts INTEGER, entry_kind TEXT, entry_ts INTEGER,
        entry_price REAL, exit_ts INTEGER, exit_price REAL, exit_reason TEXT, stop_price REAL,
        target_price REAL, stop_at_exit REAL, slippage_ticks REAL, slippage REAL, gross REAL,
        fees REAL, net REAL, mae REAL, mfe REAL, bars INTEGER, session TEXT, bucket TEXT,
        vol_regime TEXT, hmm_state TEXT, candidate_id INTEGER, tie INTEGER)""",
    """CREATE TABLE equity (
        record INTEGER PRIMARY KEY REFERENCES records (id), balance_cents INTEGER,
        open_cents INTEGER, floor_cents INTEGER)""",
    """CREATE TABLE health (
        record INTEGER NOT NULL REFERENCES records (id), name TEXT NOT NULL, value REAL)""",
    "CREATE INDEX health_of_record ON health (record)",
    """CREATE TABLE configs (
        record INTEGER PRIMARY KEY REFERENCES records (id), hash TEXT, text TEXT)""",
    """CREATE TABLE days (
        record INTEGER PRIMARY KEY REFERENCES records (id), day INTEGER, balance_cents INTEGER,
        net_cents INTEGER, trades INTEGER, layout TEXT, desk BLOB)""",
)

_ORDERS: Final = (
    "ALTER TABLE intents ADD COLUMN tag TEXT",
    "ALTER TABLE intents ADD COLUMN role TEXT",
    "ALTER TABLE intents ADD COLUMN leg INTEGER",
    "ALTER TABLE intents ADD COLUMN kind TEXT",
    "ALTER TABLE intents ADD COLUMN price_tick INTEGER",
    "ALTER TABLE intents ADD COLUMN target_ticks INTEGER",
    "ALTER TABLE intents ADD COLUMN decided_ns INTEGER",
    "ALTER TABLE intents ADD COLUMN reason INTEGER",
    "ALTER TABLE orders ADD COLUMN qty INTEGER",
    "ALTER TABLE orders ADD COLUMN price_tick INTEGER",
    "ALTER TABLE fills ADD COLUMN trade INTEGER",
    "ALTER TABLE fills ADD COLUMN tag TEXT",
    "ALTER TABLE fills ADD COLUMN pnl_cents INTEGER",
    """CREATE TABLE asked (
        record INTEGER PRIMARY KEY REFERENCES records (id), verb TEXT, tag TEXT, "order" TEXT,
        price_tick INTEGER, qty INTEGER, reason TEXT)""",
)

# A start looks for the newest of these through all the years; of the others it reads a day.
RARE: Final = "kind IN ('Command', 'ConfigTaken', 'Flattening', 'StateChanged')"
_RARE: Final = (f"CREATE INDEX records_rare ON records (kind) WHERE {RARE}",)

STEPS: Final = (Step(100, _FIRST), Step(101, _ORDERS), Step(102, _RARE))
VERSION: Final = STEPS[-1].version
TAGGED: Final = 101  # from here on orders are found by their tags


def spelled(version: int) -> str:
    """A version as people read it."""
    return f"{version // _MAJOR}.{version % _MAJOR}"


def version_of(connection: sqlite3.Connection) -> int:
    """The version of an open journal; 0 = empty file."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def readable(version: int) -> bool:
    """Whether this program can read a journal of that version: no newer major one."""
    return version // _MAJOR <= VERSION // _MAJOR


def _pass(_: str) -> None:
    """Nobody waits at the stations of a migration."""


def bring_up(
    connection: sqlite3.Connection,
    steps: Sequence[Step] = STEPS,
    reached: Callable[[str], None] = _pass,
) -> None:
    """Take the steps that are missing; `reached` is told the station before each statement."""
    for step in steps:
        if version_of(connection) >= step.version:
            continue
        connection.execute("BEGIN IMMEDIATE")
        try:
            for number, statement in enumerate(step.statements):
                reached(f"{step.version}.{number}")
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {step.version}")
            reached(f"{step.version}.end")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
