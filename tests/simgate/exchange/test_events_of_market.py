"""What the market and the exchange do: busts, gaps, scripts, the second piece, a restart."""

import json
from pathlib import Path

import pytest

from julie.core.zones import MINUTE_NS
from julie.simgate.exchange.bodies import (
    Balance,
    VoidTrade,
)
from julie.simgate.exchange.exchange import load_exchange
from julie.simgate.market.scripts import Gap, Halt, Quotes, Silent, Ticks
from tests.simgate.exchange.small import CALM, START_NS, order, placed, small, started


def test_a_busted_trade_gives_back_its_contracts_and_its_money() -> None:
    made = started()
    made.exchange.account(Balance(dollars=1000))
    placed(made.exchange, order(1))
    trade = made.exchange.truth().fills[0].trade
    made.exchange.account(VoidTrade(trade=trade))
    assert made.exchange.truth().positions == []
    balances = [m.about["balance"] for m in made.exchange.truth().timeline if m.kind == "account"]
    assert balances[-1] == 100_000


def test_a_gap_fills_a_stop_at_the_print_and_a_halt_refuses_market_orders() -> None:
    made = started()
    placed(made.exchange, order(1, sl=-20, tp=40))
    made.exchange.script(Gap(points=-20))
    made.play(3)
    stop = made.exchange.truth().fills[-1]
    assert stop.role == "stop"
    assert stop.tick <= 20_000 - 80 + 1
    made.exchange.script(Halt(seconds=5))
    assert placed(made.exchange, order(1)).error_message == "Market is halted."
    made.play(7)
    assert placed(made.exchange, order(1)).success


def test_scripted_prints_quotes_and_silence() -> None:
    made = started()
    made.exchange.script(Ticks(ticks=((1.0, 5100.0, 3),)))
    made.exchange.script(Quotes(quotes=((1.0, 5101.0, 5100.0),)))
    before = len(made.events)
    made.play(1)
    told = [one.row if hasattr(one, "row") else one.rows[0] for one in made.events[before:]]
    assert any(getattr(one, "price", 0) == 5100.0 for one in told)
    assert any(getattr(one, "best_bid", 0) == 5101.0 for one in told)
    made.exchange.script(Silent(seconds=120))
    before = len(made.events)
    made.play(100)
    names = {one.target for one in made.events[before:]}
    assert names == {"GatewayQuote"}


def test_lockstep_matches_nothing_before_the_second_piece() -> None:
    made = started(lockstep=True)
    placed(made.exchange, order(1, sl=-20, tp=40))
    assert made.exchange.truth().fills == []
    made.play(1)
    [fill] = made.exchange.truth().fills
    assert (fill.tick, fill.phase, fill.ns // MINUTE_NS * MINUTE_NS) == (20_001, 0, START_NS)


@pytest.mark.tier1
def test_state_survives_a_restart(tmp_path: Path) -> None:
    made = small(CALM)
    made.play(30)
    placed(made.exchange, order(1, sl=-20, tp=40, tag="t"))
    made.exchange.save(tmp_path)
    assert json.loads((tmp_path / "exchange.json").read_text())["market"]["clock"] > START_NS
    series = made.exchange._market.series
    again = load_exchange(tmp_path, made.events.append, series=series)
    assert again.truth() == made.exchange.truth()
    assert again.now_ns == made.exchange.now_ns
    assert not placed(again, order(1, tag="t")).success
    while again.advance():
        made.exchange.advance()
    assert again.truth().fills == made.exchange.truth().fills
