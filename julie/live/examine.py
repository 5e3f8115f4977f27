"""What `julie doctor` looks at, one finding a line: good, a remark, a question or a fault.

What needs the network comes last, each step only when the one before it was good, and nothing it
does changes anything at the venue.
"""

import os
import platform
import re
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from julie.core.calendar import load_calendar
from julie.core.clock import MachineClock
from julie.core.errors import Exit, JulieError
from julie.core.instruments import instrument
from julie.core.secrets import exposed, read_secrets, system_keyring
from julie.core.zones import DAY_NS, SECOND_NS
from julie.gateway.addresses import Addresses
from julie.live.sim import Ready, read_ready
from julie.live.stop_file import read_stop, stop_path
from julie.live.symbols import heard_and_traded
from julie.live.venue_door import Door, find_login, opened
from julie.settings import Settings

if TYPE_CHECKING:
    from julie.gateway.hub import Subscription

PYTHONS: Final = ((3, 11), (3, 12))
DISK_MB: Final = 1000
SKEW_WARN_S: Final = 1.0
SKEW_STOP_S: Final = 5.0
SLOW_MS: Final = 500
NO_MARKET: Final = "where streams stay blocked, `gateway.feed: poll` reads closed minutes instead"

Kind = Literal["good", "remark", "ask", "fault"]


class Finding(NamedTuple):
    """One line; `code` is the exit code of a fault."""

    kind: Kind
    what: str
    text: str
    cure: str = ""
    code: int = Exit.ENVIRONMENT


def here(settings: Settings, data_dir: Path, env: Path = Path(".env")) -> Iterator[Finding]:
    """What can be seen without the network."""
    yield from _python()
    yield from _calendar()
    yield from _disk(data_dir)
    stop = read_stop(data_dir)
    if stop is not None:
        yield Finding(
            "fault", "STOP file", f"made by {stop.who} at {stop.when} {stop.why}".rstrip(),
            f"when the account is as it should be, delete {stop_path(data_dir)}", Exit.STOPPED,
        )  # fmt: skip
    for told in read_secrets(env).faults:
        text, _, cure = told.partition(" -> ")
        yield Finding("fault", "keys", text, cure, Exit.LOGIN)
    for told in exposed(env):
        text, _, cure = told.partition(" -> ")
        yield Finding("remark", "keys", text, cure)
    yield from _models(data_dir)
    account = settings.account
    yield Finding("good", "limits", f"account profile {account.profile}, "
                  f"{settings.risk.per_trade_pct:g} % a trade at risk")  # fmt: skip


def _python() -> Iterator[Finding]:
    found = sys.version_info[:2]
    told = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if found in PYTHONS:
        yield Finding("good", "Python", told)
    else:
        yield Finding("fault", "Python", f"{told}; 3.11 or 3.12 is needed", "install Python 3.11")
    wanted = list(_wanted())
    faulty = [told for name, least in wanted if (told := _lacking(name, least))]
    if faulty:
        yield Finding("fault", "packages", "; ".join(faulty), "make venv")
    else:
        yield Finding("good", "packages", f"all {len(wanted)} are there")


def _wanted() -> Iterator[tuple[str, str]]:
    """The packages that the program stands on, each with the least version."""
    try:
        named = requires("julie") or []
    except PackageNotFoundError:  # started from a folder that was never installed
        named = []
    for line in named:
        name, _, least = line.partition(">=")
        if ";" not in line:
            yield name.strip(), least.strip()


def _lacking(name: str, least: str) -> str:
    """What is wrong with a package; empty = nothing."""
    try:
        found = version(name)
    except PackageNotFoundError:
        return f"{name} is missing, {least} or later is needed"
    return "" if _number(found) >= _number(least) else f"{name} is {found}, {least} is needed"


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _calendar() -> Iterator[Finding]:
    calendar = load_calendar()
    left = int(calendar.day[-1]) - MachineClock().now_ns() // DAY_NS
    if left < 0:
        yield Finding("fault", "calendar", "it has ended", "update julie")
    elif left < 60:
        yield Finding("remark", "calendar", f"it ends in {left} days", "update julie")
    else:
        yield Finding("good", "calendar", f"covers the next {left:,} days")


def _disk(data_dir: Path) -> Iterator[Finding]:
    folder = data_dir.resolve()
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        cure = "choose another with --data-dir, or ask for the right to this one"
        yield Finding("fault", "folder", f"nothing can be put in {folder}", cure, Exit.ENVIRONMENT)
    free = shutil.disk_usage(folder).free >> 20
    if free < DISK_MB:
        yield Finding("fault", "disk", f"{free} MB free at {folder}", f"keep {DISK_MB} MB free")
    else:
        yield Finding("good", "disk", f"{free:,} MB free at {folder}")


def _models(data_dir: Path) -> Iterator[Finding]:
    bars = sorted((data_dir / "bars").glob("*/*/*.parquet"))
    yield Finding("good" if bars else "remark", "data", f"{len(bars)} files of bars in {data_dir}",
                  "" if bars else "`julie fetch` or `julie data import` bring some")  # fmt: skip
    models = sorted(Path("models").glob("*.json"))
    yield Finding("good", "models", f"{len(models)} in models/; without one root values are used")


async def there(settings: Settings, sim: Path | None) -> AsyncIterator[Finding]:
    """What only the venue can tell; ends at the first thing that is in the way."""
    try:
        login = find_login(sim, None if sim else read_secrets(keyring=system_keyring()))
        ready = None if sim is None else read_ready(sim)
        login.addresses.check()
    except JulieError as error:
        yield _fault("login", error)
        return
    async with opened(login) as door:
        try:
            async for finding in _venue(settings, door, ready):
                yield finding
            async for finding in _streams(settings, door, login.addresses, ready):
                yield finding
        except JulieError as error:
            yield _fault("venue", error)


async def _venue(settings: Settings, door: Door, ready: Ready | None) -> AsyncIterator[Finding]:
    ping_ms = await door.client.status.ping_ns() / 1e6
    slow = ping_ms > SLOW_MS
    yield Finding("remark" if slow else "good", "network", f"the venue answers in {ping_ms:.0f} ms",
                  "use a wired connection" if slow else "")  # fmt: skip
    row = await door.client.accounts.one(door.account_id)
    yield Finding("good", "login", "the key is good and the account is there")
    if row.can_trade:
        yield Finding("good", "account", f"may trade, balance {float(row.balance):,.2f} USD")
    else:
        yield Finding("fault", "account", "it may not trade", "ask the platform why", Exit.LOGIN)
    if settings.live.account_name and settings.live.account_name != row.name:
        yield Finding("fault", "account", "its name is not live.account_name of the configuration",
                      "set PROJECTX_ACCOUNT_ID or live.account_name right", Exit.LOGIN)  # fmt: skip
    yield Finding("ask", "brackets", "is *Auto OCO Brackets* on? The API cannot tell",
                  "in the platform: Settings, Risk; Position Brackets must be off")  # fmt: skip
    if ready is not None:
        yield Finding("good", "clock", "a simulated gateway keeps a time of its own")
    else:
        yield _skew(door)
    table = settings.instrument_table()
    heard, traded = _symbols(settings, ready)
    for symbol in dict.fromkeys([*traded, *heard]):
        try:
            known = table.get(symbol) or instrument(symbol)  # who refuses what nobody knows
            contract = await door.client.contracts.active(known)
            role = "trades" if symbol in traded else "is listened to"
            yield Finding("good", "contract", f"{symbol} {role} as {contract.id}, its tick agrees")
        except JulieError as error:
            yield _fault("contract", error)


def _symbols(settings: Settings, ready: Ready | None) -> tuple[list[str], list[str]]:
    """What a bot of this configuration would listen to and trade there."""
    return heard_and_traded(settings.live, () if ready is None else ready.contracts)


async def _streams(
    settings: Settings, door: Door, addresses: Addresses, ready: Ready | None
) -> AsyncIterator[Finding]:
    """Both hubs, each opened for a moment."""
    # Here, so that a torn package is named instead of ending all that is looked at.
    from julie.gateway.hub_probe import opened_ms
    from julie.live.place import WAITS

    if ready is not None and ready.speed in WAITS:
        # For its newest listener, which a bot may be.
        yield Finding("good", "streams", "not tried: this market waits for who listens")
        return
    calls: dict[str, tuple[str, Subscription]] = {}
    calls["account"] = addresses.user_hub, ("SubscribeAccounts", ())
    if settings.gateway.feed != "poll":
        symbol = _symbols(settings, ready)[0][0]
        known = settings.instrument_table().get(symbol) or instrument(symbol)
        contract = (await door.client.contracts.active(known)).id
        calls["market"] = addresses.market_hub, ("SubscribeContractQuotes", (contract,))
    for name, (address, call) in calls.items():
        try:
            took_ms = await opened_ms(door.client.session, address, call)
        except JulieError as error:
            fault = _fault("streams", error)
            cure = f"{error.cure}; {NO_MARKET}" if name == "market" else error.cure
            yield fault._replace(text=f"the {name}'s: {error.message}", cure=cure.lstrip("; "))
        else:
            yield Finding("good", "streams", f"the {name}'s opens in {took_ms:.0f} ms")


def _skew(door: Door) -> Finding:
    skew_ns = door.client.line.skew.skew_ns
    if skew_ns is None:
        return Finding("remark", "clock", "the venue did not tell its time")
    seconds = skew_ns / SECOND_NS
    unsure = door.client.line.skew.uncertainty_ns / SECOND_NS
    told = f"{seconds:+.2f} s from the venue's (within {unsure:.2f} s)"
    if abs(seconds) - unsure > SKEW_STOP_S:
        return Finding("fault", "clock", told, "turn on automatic time; beyond 5 s nothing trades")
    if abs(seconds) - unsure > SKEW_WARN_S:
        return Finding("remark", "clock", told, "turn on automatic time")
    return Finding("good", "clock", told)


def _fault(what: str, error: JulieError) -> Finding:
    code = error.exit_code if error.exit_code == Exit.LOGIN else Exit.ENVIRONMENT
    return Finding("fault", what, error.message, error.cure, code)
