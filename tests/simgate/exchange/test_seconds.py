"""Bars of seconds, as History/retrieveBars serves them from the tape."""

from collections import defaultdict
from pathlib import Path

from julie.core.zones import SECOND_NS
from julie.gateway.wire import BarRow, BarUnit, RetrieveBars, Stamp
from julie.simgate.exchange.events import MarketEvent
from julie.simgate.exchange.exchange import Exchange, load_exchange
from julie.simgate.market.line import SECONDS_KEPT, Line
from julie.simgate.market.scripts import Ticks
from tests.simgate.exchange.small import MES, START_NS, Small, small

CANDLES = ((20_000, 20_008, 19_992, 20_004), (20_004, 20_010, 20_000, 20_001))


def seconds(
    exchange: Exchange, number: int = 1, *, limit: int = 20_000, partial: bool = False
) -> tuple[BarRow, ...]:
    asked = RetrieveBars(
        contract_id=MES, live=False, start_time=Stamp(START_NS - 3600 * SECOND_NS),
        end_time=Stamp(START_NS + 3600 * SECOND_NS), unit=BarUnit.SECOND, unit_number=number,
        limit=limit, include_partial_bar=partial,
    )  # fmt: skip
    reply = exchange.answer(asked)
    assert reply.success
    return tuple(reply.bars)  # type: ignore[attr-defined]


def columns(bars: tuple[BarRow, ...]) -> dict[int, tuple[float, ...]]:
    return {round(b.t.timestamp()) * SECOND_NS: (b.o, b.h, b.l, b.c, b.v) for b in bars}


def heard(made: Small, length: int) -> dict[int, tuple[float, ...]]:
    """What the prints of the stream add up to."""
    prints: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for one in made.events:
        if isinstance(one, MarketEvent) and one.target == "GatewayTrade":
            row = one.rows[0]
            prints[one.ts // length * length].append((row.price, row.volume or 0))  # type: ignore[union-attr]
    return {
        ns: (p[0][0], max(p)[0], min(p)[0], p[-1][0], sum(v for _, v in p))
        for ns, p in prints.items()
    }


def test_seconds_are_what_was_printed_newest_first() -> None:
    made = small(CANDLES)
    made.exchange.script(Ticks(ticks=((5.2, 5003.0, 2), (5.4, 5001.0, 1), (5.8, 5004.0, 3))))
    made.play_all()
    bars, wanted = seconds(made.exchange, partial=True), heard(made, SECOND_NS)
    assert len(wanted) > 4
    assert (5003.0, 5004.0, 5001.0, 5004.0, 6) in wanted.values()
    assert columns(bars) == wanted
    assert [one.t for one in bars] == sorted((one.t for one in bars), reverse=True)
    tens = seconds(made.exchange, 10, partial=True)
    assert columns(tens) == heard(made, 10 * SECOND_NS)
    assert [one.t for one in seconds(made.exchange, limit=2)] == [one.t for one in bars[1:3]]


def test_the_running_second_is_served_only_where_it_is_asked_for() -> None:
    made = small(CANDLES)
    made.play(1)  # the open of the first bar is printed, and its second runs
    assert seconds(made.exchange) == ()
    assert list(columns(seconds(made.exchange, partial=True))) == [START_NS]
    made.play(1)
    assert list(columns(seconds(made.exchange))) == [START_NS]
    assert seconds(made.exchange, 30) == ()  # a longer bar runs on


def test_seconds_outlive_a_restart_and_the_oldest_make_room(tmp_path: Path) -> None:
    made = small(CANDLES)
    made.play_all()
    made.exchange.save(tmp_path)
    series = made.exchange._market.series
    again = load_exchange(tmp_path, list[object]().append, series=series)
    assert seconds(again) == seconds(made.exchange) != ()
    line = Line(MES)
    for k in range(SECONDS_KEPT + 5):
        line.printed(20_000 + k, 1, START_NS + k * SECOND_NS)
    assert len(line.seconds) == SECONDS_KEPT
    assert min(line.seconds) == START_NS + 5 * SECOND_NS
