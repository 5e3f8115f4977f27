"""From words to a `Request`: which bars, which instruments are traded on them, which strategies,
which news.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from julie.backtest.runner import Request
from julie.core.bars import Bars
from julie.core.errors import UsageError
from julie.core.instruments import DEFAULT_TRADED, Instrument
from julie.core.news import NewsTimes
from julie.defense.news import P
from julie.feeds.news import news_times
from julie.settings import Settings
from julie.store.read import load_several
from julie.strategies.base import Strategy
from julie.strategies.catalogue import named
from julie.synth import sample


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line's words about a run."""

    sources: tuple[tuple[str, str], ...] = ()  # (file or folder, symbol); none = the sample
    trade: tuple[str, ...] = ()
    mapping: Mapping[str, str] | None = None
    adjust: str = ""  # back or raw; empty = as configured
    tz: str | None = None
    first: str | None = None
    last: str | None = None
    strategies: tuple[str, ...] = ()


def chosen(words: Sequence[str], settings: Settings) -> tuple[Strategy, ...]:
    """The strategies named, else those that the configuration enables; in alphabetical order."""
    names = words or settings.strategies.enabled()
    if not names:
        raise UsageError(
            "no strategy is enabled", "enable one in config.yaml, or name some with --strategies"
        )
    found = {one.name: one for one in map(named, names)}
    return tuple(found[name] for name in sorted(found))


def outside(words: Sequence[str]) -> dict[str, Strategy]:
    """The strategies among the words that are files of their own."""
    return {one.name: one for one in (named(word) for word in words if ".py" in word)}


def make_request(asked: Asked, settings: Settings, data_dir: Path) -> Request:
    """Load everything a run needs."""
    strategies = chosen(asked.strategies, settings)
    table = settings.instrument_table()
    vix = False
    if asked.sources:
        series: tuple[Bars, ...] = load_several(
            [source for source, _ in asked.sources],
            [_known(s, table) for _, s in asked.sources],
            mapping={**settings.data.map, **(asked.mapping or {})},
            adjust="raw" if (asked.adjust or settings.data.adjust) == "raw" else "back",
            end=asked.last,
            tz=asked.tz,
            symbol_mode=settings.data.symbol_mode,
            method=settings.data.roll_by,
            contract=settings.data.contract,
        )
    else:
        made = sample(data_dir)
        series, vix = tuple(made.bars.values()), True
    traded = traded_on(asked.trade, series, table)
    news = news_of(settings)
    first = date.fromisoformat(asked.first) if asked.first else None
    return Request(series, traded, strategies, settings, news, first, vix)


def _known(symbol: str, table: Mapping[str, Instrument]) -> Instrument:
    found = table.get(symbol.upper())
    if found is None:
        raise UsageError(
            f"unknown instrument {symbol!r}",
            f"known: {', '.join(sorted(table))}; others go under `instruments:` in config.yaml",
        )
    return found


def traded_on(
    words: Sequence[str], series: Sequence[Bars], table: Mapping[str, Instrument]
) -> tuple[Instrument, ...]:
    """What is traded on each series: named with --trade, else its micro."""
    if words and len(words) != len(series):
        raise UsageError(
            f"{len(words)} x --trade but {len(series)} instruments",
            "give one --trade an instrument",
        )
    symbols = words or [
        DEFAULT_TRADED.get(b.instrument.symbol, b.instrument.symbol) for b in series
    ]
    return tuple(_known(symbol, table) for symbol in symbols)


def news_of(settings: Settings) -> NewsTimes:
    """The calendar that the news judge is given; nothing when it is off."""
    entry = settings.defense.layers().get("news", {})
    numbers = P() if isinstance(entry, str) else P(**entry)
    return news_times(numbers.file, numbers.fixed_times)
