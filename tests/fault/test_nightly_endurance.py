"""A whole trading day, broken off once a minute, and logs that grow for weeks: P26, H16.

The day is `JULIE_DAY_HOURS` long, at most the 23 from its open to its close; of each minute
only the break is played at its pace, the rest at once. What the bot holds of the machine is read
from `/proc`.
"""

import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import numpy as np
import pytest

from julie.core.clock import VirtualClock
from julie.core.operator_section import TOPIC_FILES, LogsSection
from julie.core.zones import DAY_NS
from julie.gateway.line import CONNECTIONS
from julie.gateway.redact import Redactor
from julie.live.log_files import files_of
from julie.live.logs import Logs
from tests.fault.flat_market import write_flat
from tests.fault.frame import Scenario, Scene, run_fault
from tests.fault.invariants import assert_invariants
from tests.fault.rows import played, row, seed_of

HOURS: Final = float(os.environ.get("JULIE_DAY_HOURS", "6"))
FIRST: Final = datetime(2025, 6, 4, 22, 0, tzinfo=UTC)  # 18:00 Eastern, the open of 5 June
SPEED: Final = 40.0  # times life
SLOPE_MB_H: Final = 1.0
WARM: Final = 0.15  # of the day, until all that is filled once is full
LOG_MB: Final = 8
TRADE_EVERY: Final = 10  # minutes
DAYS_OF_LOGS: Final = 40
LINES_A_DAY: Final = 2_000
SETS: Final = (
    "defense.order=[session]",
    "execution.entries_a_day=500",
    "logs.level=debug",
    "logs.file_mb=1",
    f"logs.ceiling_mb={LOG_MB}",
)


class Held(NamedTuple):
    """What a process holds of the machine."""

    hour: float
    rss_mb: float
    handles: int  # but for those of the logs
    logs: int  # a file of each topic that ever said something
    threads: int
    log_mb: float


def write_day(folder: Path) -> Path:
    """The flat market of a whole trading day and of the one before."""
    spans = [(FIRST - timedelta(days=back), 23 * 60) for back in (1, 0)]
    return write_flat(folder / "MES.csv", spans)


def held(scene: Scene, hour: float) -> Held:
    """Now."""
    place = Path(f"/proc/{scene.process.child.pid}")
    told = dict(
        line.split(":", 1) for line in (place / "status").read_text().splitlines() if ":" in line
    )
    logs = sum(one.stat().st_size for one in files_of(scene.data / "logs")) / 2**20
    names = [str(one.readlink()) for one in (place / "fd").iterdir() if one.is_symlink()]
    of_logs = sum(name.startswith(str(scene.data / "logs")) for name in names)
    rss = int(told["VmRSS"].split()[0]) / 1024
    return Held(hour, rss, len(names) - of_logs, of_logs, int(told["Threads"]), logs)


async def a_minute(scene: Scene, number: int, chance: np.random.Generator) -> None:
    """Both streams break and are built again, and the rest of the minute is played at once."""
    await scene.gate.rule("reset", lines=bool(chance.random() < 0.3))
    if number % TRADE_EVERY == 0:
        await scene.gate.market("gap", points=float(chance.choice((-6.0, 11.0))))
    while await scene.gate.streams_up():
        await scene.wait()
    while not await scene.gate.streams_up():
        scene.bot.see()
        await scene.wait()
    await scene.gate.play_to(58)
    await scene.pass_light(3.0)
    await scene.gate.sim("rules", method="DELETE")


async def a_day(scene: Scene, seen: list[Held]) -> None:
    """Minute by minute."""
    chance = np.random.default_rng(scene.seed)
    await scene.start()
    await scene.reconciled()
    for number in range(round(HOURS * 60) - 5):
        await a_minute(scene, number, chance)
        if number % 5 == 0:
            seen.append(held(scene, number / 60))


def slope(seen: Sequence[Held]) -> float:
    """MB an hour."""
    return float(np.polyfit([one.hour for one in seen], [one.rss_mb for one in seen], 1)[0])


def told_of(seen: Sequence[Held]) -> str:
    """The figures."""
    return (
        f"{seen[-1].hour:.1f} h, RSS {seen[0].rss_mb:.0f} to {seen[-1].rss_mb:.0f} MB"
        f" ({slope(seen):+.2f} MB/h), handles {min(one.handles for one in seen)} to"
        f" {max(one.handles for one in seen)} and {seen[-1].logs} logs,"
        f" threads {max(one.threads for one in seen)},"
        f" logs at most {max(one.log_mb for one in seen):.1f} of {LOG_MB} MB"
    )


@row("P26")
@pytest.mark.tier4
@pytest.mark.timeout(3600)
def test_p26_a_day_broken_off_each_minute(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    seen: list[Held] = []

    async def play(scene: Scene) -> None:
        await a_day(scene, seen)

    words = (
        *("--data", str(write_day(tmp_path)), "--symbol", "MES"),
        *("--date", "2025-06-05", "--from", "18:01"),
    )
    scenario = Scenario(play, process=True, sets=SETS, gate_words=words, speed=SPEED)
    outcome = played(run_fault(scenario, seed_of(), tmp_path))
    warm = [one for one in seen if one.hour >= WARM * HOURS]
    request.node.user_properties.append(("told", told_of(warm)))
    print(told_of(warm))  # noqa: T201 - the figures are asked for
    assert slope(warm) < SLOPE_MB_H, warm
    middle = warm[len(warm) // 2].hour
    for name in ("handles", "threads"):
        early = median(getattr(one, name) for one in warm if one.hour <= middle)
        late = median(getattr(one, name) for one in warm if one.hour > middle)
        most = max(getattr(one, name) for one in warm)
        assert late <= early + 1, (name, early, late)
        assert most <= early + CONNECTIONS, (name, early, most)  # calls that meet are many lines
    files = len(TOPIC_FILES) + 1  # that of the alarms is one more
    assert max(one.logs for one in seen) <= files + 1  # and one while another is put aside
    assert max(one.log_mb for one in seen) <= LOG_MB + 0.1
    assert_invariants(outcome)


@row("H16")
@pytest.mark.tier4
@pytest.mark.timeout(600)
def test_h16_logs_at_debug_stay_below_their_ceiling(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    clock = VirtualClock(1_750_080_600 * 10**9)
    section = LogsSection(level="debug", file_mb=1.0, ceiling_mb=LOG_MB, keep_days=7)
    most, written, line = 0.0, 0, "x" * 4_000
    log = logging.getLogger("julie.live.endurance")
    with Logs(tmp_path, "sim", Redactor(("sentinel",)), section, clock) as logs:
        for _ in range(DAYS_OF_LOGS):
            for number in range(LINES_A_DAY):
                log.debug("%d %s", number, line)
                if number % 200 == 199:
                    logs.flush()
                    size = sum(one.stat().st_size for one in files_of(logs.folder))
                    most = max(most, size / 2**20)
            written += LINES_A_DAY * len(line)
            clock.advance_to(clock.now_ns() + DAY_NS)
        dropped = logs.dropped
    told = f"{written / 2**20:.0f} MB written in {DAYS_OF_LOGS} days, at most {most:.1f} MB kept"
    request.node.user_properties.append(("told", told))
    assert dropped == 0
    assert most <= LOG_MB + 1
    aside = [one for one in files_of(logs.folder) if "-" in one.stem]
    assert aside
    assert len(aside) <= LOG_MB
