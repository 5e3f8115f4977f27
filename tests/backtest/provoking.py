"""Runs that provoke the desk: rules that always have something to ask, over simulated sessions.

`pinger` asks on every third bar at market, `angler` lays limits with two targets that expire into
the market, and both may change their mind. They know no day but this one, so a run trades from its
first hour. `cue` buys where a test has drawn its mark.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from julie.backtest.audit.audit import compare_runs
from julie.backtest.audit.findings import Findings
from julie.backtest.audit.reference import Reference
from julie.backtest.audit.stepping import CAPACITY, Stepper
from julie.backtest.engine import new_graph
from julie.backtest.runner import Request, Run, constant_tables, fresh_record, run
from julie.core.bars import Bars
from julie.core.calendar import load_calendar
from julie.core.config import Loaded
from julie.core.instruments import instrument
from julie.core.sessions import minute_since_open
from julie.core.types import BracketSource, OnExpiry, Style
from julie.market.columns.column import Column
from julie.market.columns.window import Vec, Window
from julie.settings import Settings, default_tree, load_settings
from julie.strategies.base import ANY_INSTRUMENT, Entries, Params, Strategy, strategy
from julie.synth.generate import generate

CUE = 7.0  # the volume on which `cue` buys
JUDGES = (
    "defense.order=[session, news, holiday, circuit_breaker, account_rules, directional_loss]",
    "risk.viability.atr_floor=0",
    "risk.viability.need.trend=0",
)


def rule(name: str, columns: tuple[Column, ...] = (), **more: Any) -> Callable[..., Strategy]:
    """Declare the rule below: any instrument, its own bracket."""
    return strategy(
        name=name, group="Test", style=Style.TREND, bracket=BracketSource.OWN, columns=columns,
        instruments=ANY_INSTRUMENT, **more,
    )  # fmt: skip


def _fell(w: Window, p: Params) -> Vec:
    del p
    return w.close < w.close[4]


@rule("pinger", exits=_fell, cooldown=2)
def pinger(w: Window, p: Params) -> Entries:
    """Buy a rise of two bars."""
    del p
    rose = (w.close > w.close[1]) & (w.close[1] > w.close[2])
    room = w.high - w.low[3] + 10 * w.tick
    return Entries(when=rose, stop=w.close - room, target=w.close + 1.5 * room)


@rule("angler", cooldown=1)
def angler(w: Window, p: Params) -> Entries:
    """Bid below a rise, for two bars, then at market; half of it goes at the nearer target."""
    del p
    limit = w.close - 2 * w.tick
    return Entries(
        when=w.close > w.close[2],
        stop=limit - 40 * w.tick,
        target=limit + 60 * w.tick,
        first_target=limit + 35 * w.tick,
        limit=limit,
        expires_bars=2,
        on_expiry=OnExpiry.MARKET,
        confidence=0.6,
    )


@rule("cue", cooldown=0, sides="long")
def cue(w: Window, p: Params) -> Entries:
    """Buy where the volume says so: stop 8 ticks, target 12."""
    del p
    return Entries(when=w.volume == CUE, stop=w.close - 8 * w.tick, target=w.close + 12 * w.tick)


RULES: dict[str, Strategy] = {"angler": angler, "cue": cue, "pinger": pinger}


def sessions(
    days: int, seed: int = 5, symbols: tuple[str, ...] = ("MES", "MNQ")
) -> tuple[Bars, ...]:
    """Simulated sessions."""
    return tuple(generate(days=days, seed=seed, symbols=symbols).bars.values())


def loaded(*sets: str) -> Loaded[Settings]:
    """The shipped configuration without the judges that need weeks of memory."""
    return load_settings(default_tree(RULES), (), (*JUDGES, *sets), True)


def provoked(
    series: Sequence[Bars], *sets: str, rules: Sequence[str] = ("angler", "pinger"), **more: Any
) -> Run:
    """A finished run."""
    chosen = tuple(RULES[name] for name in rules)
    traded = tuple(bars.instrument for bars in series)
    return run(Request(tuple(series), traded, chosen, loaded(*sets).tree, **more))


def stepped(batch: Run) -> tuple[Run, Findings]:
    """The same rows one by one through graph, rules, event desk and broker, and what differed."""
    request, symbols = batch.request, batch.pipeline.symbols
    tables = constant_tables(request, load_calendar())
    graph = new_graph(batch.pipeline, request.series, tables, CAPACITY)
    nothing = Reference({symbol: {} for symbol in symbols}, dict.fromkeys(symbols, 0))
    found = Findings()
    stepper = Stepper(batch, graph, fresh_record(batch))
    told = stepper.walk(0, nothing, found, lambda *_: None)
    live = replace(batch, judged=told.judged, record=told.record)
    compare_runs(batch, live, found)
    return live, found


def only(bars: Bars, keep: np.ndarray) -> Bars:
    """The bars of some rows."""
    names = ("ts", "open", "high", "low", "close", "volume", "shift", "contract_of")
    return replace(bars, **{name: getattr(bars, name)[keep] for name in names})


def minute_of(bars: Bars) -> np.ndarray:
    """Minutes since 18:00 of each row."""
    calendar = load_calendar()
    place = calendar.index_of(bars.ts)
    minutes: np.ndarray = (bars.ts - calendar.open_ns[place]) // 60_000_000_000
    return minutes


def rolled(bars: Bars, row: int) -> Bars:
    """The bars with a new contract from a row on."""
    symbol = bars.instrument.symbol
    return replace(
        bars,
        contract_of=(np.arange(len(bars)) >= row).astype(np.int16),
        contract=(f"{symbol}H25", f"{symbol}M25"),
        rolls=np.array([row]),
        roll_estimated=np.zeros(1, bool),
    )


def drawn(*candles: tuple[int, int, int, int], cues: Sequence[int], start: str = "10:30") -> Bars:
    """MES minutes in ticks around 24,000 behind a quiet hour; `cues` are places of candles."""
    calendar = load_calendar()
    day = int(np.searchsorted(calendar.day, 20_150))
    quiet = [(0, 1, -1, 0)] * 60
    o, h, low, c = (np.array(x) for x in zip(*quiet, *candles, strict=True))
    rows = np.arange(len(o)) - len(quiet) + minute_since_open(start)
    volume = np.ones(len(o))
    volume[len(quiet) + np.asarray(cues)] = CUE
    zeros = np.zeros(len(o))
    o, h, low, c = ((24_000 + x) * 0.25 for x in (o, h, low, c))
    ts = calendar.open_ns[day] + rows * 60_000_000_000
    return Bars(
        instrument("MES"), 60, ts, o, h, low, c, volume, zeros, ("MESM5",), zeros.astype(np.int16),
        np.zeros(0, np.int64), np.zeros(0, bool), "drawn", "00",
    )  # fmt: skip
