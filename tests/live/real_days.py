"""A real trading day through the bot and through the backtest, both in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from julie.backtest.request import Asked, make_request
from julie.backtest.runner import Run
from julie.backtest.runner import run as run_backtest
from julie.core.calendar import load_calendar
from julie.live.parity import tested
from julie.live.recorded import Tables, recorded
from julie.settings import default_tree, load_settings
from julie.store.journal import JournalReader

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("JULIE_DATA", ROOT.parent / "shared" / "data"))
FILE = REAL / "es_1m.parquet"
ABSENT = f"no real sets in {REAL} (JULIE_DATA names them)"
SOURCE = ("--data", str(FILE), "--symbol", "ES", "--map", "volume=volume_est")


@contextmanager
def gateway(words: Sequence[str], folder: Path) -> Iterator[Path]:
    """A simulated gateway in a process of its own; gives the file with its line."""
    command = [sys.executable, "-m", "julie.cli.main", "simgate", *words]
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / "READY.json"
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            assert json.loads(line)["url"], "the gateway said nothing"
            ready.write_text(line, encoding="utf-8")
            yield ready
        finally:
            child.terminate()


def traded(first: date, days: int, folder: Path) -> None:
    """The days in lockstep, through `run_bot.py`."""
    words = (*SOURCE, "--date", str(first), "--days", str(days), "--speed", "lockstep")
    with gateway(words, folder) as ready:
        bot = [sys.executable, "run_bot.py", "--sim", str(ready), "--data-dir", str(folder)]
        ended = subprocess.run(
            [*bot, "--headless"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 0, ended.stderr[-2000:]


def told(folder: Path) -> Tables:
    """What the journal says of the run."""
    with JournalReader.of(folder) as reader:
        return recorded(reader.records(), ["ES"])


def backtest(first: date, last: date) -> tuple[Run, Tables]:
    """The same days by the backtest's own runner."""
    asked = Asked(
        sources=((str(FILE), "ES"),),
        mapping={"volume": "volume_est"},
        first=str(first),
        last=str(last),
    )
    run = run_backtest(make_request(asked, load_settings(default_tree()).tree, Path("data")))
    calendar = load_calendar()
    opens = int(calendar.open_ns[calendar.place_of(first)])
    return run, tested(run, opens, int(calendar.close_ns[calendar.place_of(last)]))
