"""Bars played as prints and fills: the live path decides, fills and exits as the backtest does."""

import asyncio
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from julie.backtest.harvest import trade_columns
from julie.backtest.result import Coded
from julie.backtest.runner import Run, run
from julie.core.bars import Bars
from julie.core.bookings import EquityMarked, TradeClosed
from julie.core.calendar import load_calendar
from julie.core.clock import VirtualClock
from julie.core.events import Alarm, Payload
from julie.core.instruments import INSTRUMENTS
from julie.core.market_events import Print, QuoteNow
from julie.core.permits import CancelEntry
from julie.core.taken import LegFill, MinuteTaken
from julie.core.types import Reason, Side
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.desk.commands import Order
from julie.desk.told import Told, Words
from julie.execution.orders import new_books
from julie.execution.simulated import MatchingBroker
from julie.live.minutes import DeskLine, Minutes
from julie.live.portfolio import asked_for, unwarmed, warm
from julie.live.stream import Stream
from julie.live.warm import Watched
from julie.market.aggregator import MinuteBar
from julie.settings import default_tree, load_settings
from julie.synth import sample
from tests.live.walked import FillingHands, ListeningDesk, played

CALENDAR = load_calendar()
SYMBOLS = ("MES", "MNQ")
FIRST, LAST = date(2025, 2, 25), date(2025, 2, 27)
DAY = int(np.datetime64("2025-06-11T14:00", "ns").astype(np.int64))
SAME = frozenset(
    (
        *("instrument", "strategy", "side", "mode", "qty", "decided_ns", "entry_kind", "entry_ns"),
        *("entry_tick", "exit_ns", "exit_tick", "exit_reason", "stop_tick", "target_tick"),
        *("stop_at_exit", "gross", "fees", "mae", "mfe", "session", "tie"),
    )
)


def cut(bars: Bars, days: int, last: date) -> Bars:
    """The days before `FIRST` that columns remember, up to `last`."""
    begin = CALENDAR.open_ns[CALENDAR.place_of(FIRST) - days]
    end = CALENDAR.close_ns[CALENDAR.place_of(last)]
    return bars.rows(*(int(np.searchsorted(bars.ts, edge)) for edge in (begin, end)))


def codes(parts) -> list[tuple]:
    """What the judges said of every candidate, in order."""
    return [
        (int(ts), int(k), int(strategy), int(side), int(sl), int(tp), tuple(row.tolist()))
        for part in parts
        for ts, k, strategy, side, sl, tp, row in zip(
            part.candidates.ts,
            part.candidates.instrument,
            part.candidates.strategy,
            part.candidates.side,
            part.candidates.sl_ticks,
            part.candidates.tp_ticks,
            part.chain.codes,
            strict=True,
        )
    ]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, ListeningDesk, list[Payload]]:
    """A week by the backtest, and the same week minute by minute from prints."""
    settings = load_settings(default_tree()).tree
    made = sample(tmp_path_factory.mktemp("data")).bars
    asked = asked_for(settings, [INSTRUMENTS[one] for one in SYMBOLS], [])
    series = tuple(cut(made[one], 31, LAST) for one in SYMBOLS)
    batch = run(replace(asked, series=series, first_day=FIRST))

    first = int(CALENDAR.open_ns[CALENDAR.place_of(FIRST)])
    history = tuple(b.rows(0, int(np.searchsorted(b.ts, first))) for b in series)
    parts = unwarmed(replace(asked, series=history), CALENDAR)
    warm(parts.graph, SYMBOLS, history)
    desk, clock = ListeningDesk(parts, CALENDAR), VirtualClock(first)
    hands = FillingHands(MatchingBroker(SYMBOLS, settings.execution.slippage_ticks))
    contracts = [INSTRUMENTS[one].contract_id("H25") for one in SYMBOLS]
    stream = Stream(
        [Watched(INSTRUMENTS[s], c) for s, c in zip(SYMBOLS, contracts, strict=True)], CALENDAR
    )
    stream.begin(first - MINUTE_NS)
    noted: list[Payload] = []
    lines = [
        DeskLine(INSTRUMENTS[s], INSTRUMENTS[s], c, float(b.shift[-1]))
        for s, c, b in zip(SYMBOLS, contracts, series, strict=True)
    ]
    minutes = Minutes(desk, hands, stream, lines, noted.append, clock.now_ns, never, 90 * SECOND_NS)
    for event in played(series, contracts, hands, first):
        clock.advance_to(event.ts_exchange)
        minutes.heard(event)
    clock.advance(120)
    minutes.elapsed()
    assert minutes.idle
    return batch, desk, noted


async def never(instrument: int, ts: int) -> MinuteBar | None:
    raise AssertionError(f"nothing was missing: {instrument} at {ts}")


@pytest.mark.timeout(120)
def test_bars_of_prints_are_the_bars_played(both) -> None:
    batch, _, noted = both
    taken = [one for one in noted if isinstance(one, MinuteTaken)]
    for k in range(len(SYMBOLS)):
        bars = batch.request.series[k]
        inside = bars.ts >= batch.first_ts
        found = np.array([(b.ts, *b_prices(b)) for t in taken if (b := t.bars[k]) is not None])
        wanted = np.column_stack([bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume])
        assert np.array_equal(found, wanted[inside])


def b_prices(bar) -> tuple[float, ...]:
    return bar.open, bar.high, bar.low, bar.close, bar.volume


@pytest.mark.timeout(120)
def test_candidates_and_verdicts_are_the_backtests(both) -> None:
    batch, desk, _ = both
    assert len(batch.judged.candidates) > 50
    assert codes(desk.judged) == codes([batch.judged])


@pytest.mark.timeout(120)
def test_fills_and_exits_are_the_backtests_field_by_field(both) -> None:
    batch, desk, _ = both
    theirs = batch.record.trades[: int(batch.record.account[0]["legs"])]
    mine = desk.record.trades[: int(desk.record.account[0]["legs"])]
    assert len(theirs) >= 5
    for name in SAME:
        assert mine[name].tolist() == theirs[name].tolist(), name
    assert desk.outcomes.tolist() == batch.judged.table.outcome.tolist()
    assert desk.record.account[0]["balance"] == batch.record.account[0]["balance"]


@pytest.mark.timeout(120)
def test_closed_legs_are_told_as_the_trade_list_tells_them(both) -> None:
    batch, _, noted = both
    days = CALENDAR.day[CALENDAR.index_of(batch.line.ts)].astype(np.int32)
    theirs = trade_columns(batch.record, batch.judged, batch.facts, days)
    mine = [one for one in noted if isinstance(one, TradeClosed)]
    for name in set(TradeClosed.__dataclass_fields__) - {"contract", "hmm_state"}:
        column = theirs[name]
        wanted = (
            [column.names[code] if code >= 0 else None for code in column.codes.tolist()]
            if isinstance(column, Coded)
            else np.asarray(column).tolist()
        )
        assert [getattr(one, name) for one in mine] == wanted, name


class Still:
    """A desk that notes what it hears."""

    def __init__(self, instruments: int) -> None:
        self.books = new_books(instruments)
        self.heard: list[object] = []
        self.opened = (0,) * instruments
        self.balance_cents = 5_000_000
        self.asks: tuple[Order, ...] = ()

    def opening(self, k: int, ts: int) -> list:
        self.heard.append(("opening", ts))
        return []

    def close(self, taken: MinuteTaken) -> Told:
        self.heard.append(taken)
        mark = EquityMarked(len(self.heard), 0, 0)
        return Told(self.asks, None, lambda: Words(None, (), mark))


class Hands:
    """Hands with fills to give and a gate."""

    def __init__(self) -> None:
        self.fills: tuple[LegFill, ...] = ()
        self.shut = Reason.NONE
        self.orders: list[Order] = []

    def submit(self, orders) -> None:
        self.orders += orders

    def take_fills(self, symbol: str, minute_open: int, minute_end: int):
        found, self.fills = self.fills, ()
        return found, 0

    def take_dropped(self) -> list:
        return []

    def gate(self, symbol: str) -> Reason:
        return self.shut

    def governing(self, ours: int) -> int | None:
        return None


class Bench:
    """An instrument or two, a still desk, and a venue that has some bars."""

    def __init__(
        self, history: dict[int, MinuteBar] | None = None, symbols: tuple[str, ...] = ("MES",)
    ) -> None:
        heard = [Watched(INSTRUMENTS[one], INSTRUMENTS[one].contract_id("M25")) for one in symbols]
        self.contract = heard[0].contract
        self.history = history or {}
        self.asked: list[int] = []
        self.desk, self.hands, self.clock = Still(len(symbols)), Hands(), VirtualClock(DAY)
        self.stream = Stream(heard, CALENDAR)
        self.stream.begin(DAY, whole=True)
        self.notes: list[Payload] = []
        self.minutes = Minutes(
            self.desk, self.hands, self.stream,
            [DeskLine(one.instrument, one.instrument, one.contract) for one in heard],
            self.notes.append, self.clock.now_ns, self.fetch, 90 * SECOND_NS,
        )  # fmt: skip

    async def fetch(self, instrument: int, ts: int) -> MinuteBar | None:
        self.asked.append(ts)
        await asyncio.sleep(0)
        return self.history.get(ts)

    def prints(self, at: int, price: float, contract: str = "") -> None:
        self.clock.advance_to(at)
        self.minutes.heard(Print(contract or self.contract, price, 1, at, at, Side.LONG))

    def quotes(self, at: int) -> None:
        self.clock.advance_to(at)
        self.minutes.heard(QuoteNow(self.contract, 1.0, 2.0, 1.0, at, at))

    @property
    def taken(self) -> list[MinuteTaken]:
        return [one for one in self.desk.heard if isinstance(one, MinuteTaken)]


def test_a_hole_is_fetched_and_nothing_later_is_decided_before() -> None:
    whole = MinuteBar(6000.0, 6003.0, 5999.0, 6001.0, 50.0)
    bench = Bench({DAY: whole})
    bench.prints(DAY, 6000.0)
    bench.stream.lost()
    bench.stream.found()
    bench.quotes(DAY)
    bench.prints(DAY + MINUTE_NS, 6001.0)
    bench.prints(DAY + 2 * MINUTE_NS, 6002.0)
    waiting = bench.minutes.idle, len(bench.taken)
    asyncio.run(bench.minutes.catch_up())
    assert waiting == (False, 0)
    assert bench.minutes.idle
    first, second = bench.taken
    assert first.bars[0] is not None
    assert first.bars[0].backfilled
    assert first.bars[0].high == 6003.0
    assert second.bars[0] is not None
    assert not second.bars[0].backfilled
    assert bench.asked == [DAY]


def test_a_minute_heard_in_part_that_nobody_has_shuts_the_gate() -> None:
    bench = Bench()
    bench.prints(DAY, 6000.0)
    bench.stream.lost()
    bench.stream.found()
    bench.quotes(DAY + MINUTE_NS)
    asyncio.run(bench.minutes.catch_up())
    [taken] = bench.taken
    assert taken.gates == (int(Reason.STALE_DATA),)
    assert [type(one).__name__ for one in bench.notes] == ["Alarm", "MinuteTaken", "EquityMarked"]
    told = "MES: the minute 2025-06-11 10:00 ET was heard in part only"
    assert bench.notes[0] == Alarm("bar_missing", told)


def test_a_minute_decided_too_late_sends_nothing() -> None:
    bench = Bench()
    bench.prints(DAY, 6000.0)
    bench.prints(DAY + 5 * MINUTE_NS, 6001.0)
    [taken] = bench.taken
    assert taken.gates == (int(Reason.STALE_SIGNAL),)


def test_the_executors_gate_is_told_to_the_desk() -> None:
    bench = Bench()
    bench.hands.shut = Reason.HALTED
    bench.prints(DAY, 6000.0)
    bench.quotes(DAY + MINUTE_NS)
    assert bench.taken[0].gates == (int(Reason.HALTED),)


def test_a_fill_in_a_minute_without_a_bar_waits_for_the_next_bar() -> None:
    bench = Bench()
    bench.prints(DAY, 6000.0)
    bench.quotes(DAY + MINUTE_NS)
    bench.hands.fills = (LegFill(0, 1, 24001, 0, 0, DAY + MINUTE_NS + SECOND_NS),)
    bench.prints(DAY + 2 * MINUTE_NS, 6001.0)
    bench.quotes(DAY + 3 * MINUTE_NS)
    assert [len(one.fills[0]) for one in bench.taken] == [0, 1]
    assert bench.taken[1].fills[0][0].phase == 0
    assert ("opening", DAY + 2 * MINUTE_NS) in bench.desk.heard


def test_a_fill_of_an_instrument_without_a_bar_stays_where_a_restart_finds_it() -> None:
    bench = Bench(symbols=SYMBOLS)
    other = bench.minutes.lines[1].contract
    asked: list[tuple[str, int]] = []

    def take(symbol: str, minute_open: int, minute_end: int) -> tuple[tuple[LegFill, ...], int]:
        asked.append((symbol, minute_open))
        return (), 0

    bench.hands.take_fills = take  # type: ignore[method-assign]
    bench.prints(DAY, 6000.0)
    bench.prints(DAY + MINUTE_NS, 6000.0)
    bench.prints(DAY + MINUTE_NS, 20000.0, other)
    bench.prints(DAY + 2 * MINUTE_NS, 6000.0)
    bench.prints(DAY + 2 * MINUTE_NS, 20000.0, other)
    bars = [[bar is not None for bar in one.bars] for one in bench.taken]
    assert bars == [[True, False], [True, True]]
    assert asked == [("MES", DAY), ("MES", DAY + MINUTE_NS), ("MNQ", DAY + MINUTE_NS)]


def test_the_minute_is_written_down_before_the_desk_answers() -> None:
    bench = Bench()
    answer = bench.desk.close

    def close(taken: MinuteTaken) -> Told:
        assert bench.notes == [taken]
        return answer(taken)

    bench.desk.close = close  # type: ignore[method-assign]
    bench.prints(DAY, 6000.0)
    bench.quotes(DAY + MINUTE_NS)
    assert len(bench.taken) == 1


def test_what_is_told_of_a_minute_follows_its_orders() -> None:
    left: list[str] = []
    bench = Bench()
    bench.minutes.behind = lambda: left.append("orders")
    bench.desk.asks = (CancelEntry("MES:1:0", bench.contract),)
    for minute in range(3):
        bench.prints(DAY + minute * MINUTE_NS, 6000.0)
    kinds = [type(one).__name__ for one in bench.notes]
    assert kinds == ["MinuteTaken", "EquityMarked", "MinuteTaken"]  # the next minute does not wait
    assert (len(bench.hands.orders), left) == (2, ["orders", "orders"])
    assert bench.minutes.idle
    assert not bench.minutes.written
    bench.minutes.tell()
    bench.minutes.tell()
    marks = [one.balance_cents for one in bench.notes if isinstance(one, EquityMarked)]
    assert marks == [1, 3]  # of what it had heard by then: minutes, and the opening between
    assert bench.minutes.written


def test_a_minute_without_orders_is_told_at_once() -> None:
    bench = Bench()
    bench.minutes.behind = lambda: pytest.fail("no order is on its way")
    bench.prints(DAY, 6000.0)
    bench.prints(DAY + MINUTE_NS, 6000.0)
    assert [type(one).__name__ for one in bench.notes] == ["MinuteTaken", "EquityMarked"]
    assert bench.minutes.written
