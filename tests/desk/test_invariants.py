"""Whatever the market does and whoever asks: what must always hold between desk, broker and money.

Any order of fills, cancels, expiries, moved stops and closes keeps: the position is the sum of the
fills and never turns round; a filled plan has a stop for every contract; a stop only comes nearer;
nothing works when all is flat; the broker refuses none of the desk's orders; every cent is booked.
"""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from julie.core.types import Reason
from julie.defense.overrides import Overrides
from julie.execution.orders import CLOSES, MARKET, STOP, WORKING
from julie.risk.config import AccountSection, Profile
from tests.desk.standing import DAY, QUIET, Played, new_desk

BOTH = ("MES", "MNQ")
START, FEE = 5_000_000, 61

MANAGEMENT = st.sampled_from(
    [
        {},
        {"break_even": {"after": "r", "r": 0.5}},
        {"trail": {"by": "atr", "atr": 1.0}, "break_even": {"after": "first_target"}},
        {"trail": {"by": "swing"}, "time_stop_bars": 3},
        {"tighten": {"after_wins": 1, "share": 0.5}},
    ]
)
MOVES = st.integers(-12, 12)
WICKS = st.integers(0, 10)
BARS = st.tuples(MOVES, MOVES, WICKS, WICKS)
ASKED = st.none() | st.fixed_dictionaries(
    {
        "side": st.sampled_from([1, -1]),
        "sl": st.integers(4, 12),
        "tp": st.integers(7, 30),
        "tp1": st.sampled_from([0, 5]),
        "entry_kind": st.sampled_from([0, 1]),
        "better": st.integers(-2, 8),
        "expires_bars": st.sampled_from([-1, 1, 3]),
        "on_expiry": st.sampled_from([0, 1]),
    }
)
SEEN = st.fixed_dictionaries(
    {
        "roll": st.sampled_from([False] * 15 + [True]),
        "news": st.sampled_from([0] * 12 + [1, 2]),
        "exits": st.sampled_from([0] * 8 + [1]),
        "atr": st.sampled_from([1.0, 2.5, float("nan")]),
        "back": st.integers(-6, 12),
    }
)
GAPS = st.sampled_from([0] * 12 + [1, 5, 700])  # minutes that bring no bar; 700 end the day
STEP = st.tuples(BARS, BARS, ASKED, ASKED, SEEN, GAPS)


class Watched(Played):
    """A played desk that looks at everything after every bar."""

    def __init__(
        self,
        management: dict[str, Any],
        contracts: int,
        account: str | AccountSection,
        **changes: Any,
    ) -> None:
        record = new_desk(
            BOTH,
            account=account,
            management=management,
            section={"contracts": contracts},
            **changes,
        )
        super().__init__(record, BOTH)
        self.prices = [1000, 5000]
        self.stops: list[tuple[int, int] | None] = [None, None]

    def step(self, one: Any) -> None:
        first, second, *asks, seen, gap = one
        bars = [self._candle(k, shape) for k, shape in enumerate((first, second))]
        rows = [self._row(k, ask) for k, ask in enumerate(asks) if ask is not None]
        swing = (self.prices[0] - seen["back"]) / 4
        look = QUIET._replace(
            **{name: seen[name] for name in ("roll", "news", "exits", "atr")}, swing=swing
        )
        barred = Reason.CONTRACT_INACTIVE if seen["roll"] else Reason.NONE
        self.bar(*bars, ask=rows, seen=look, asked=(0, 0, 0), barred=barred)
        self.check()
        self.minute += gap
        if self.minute >= 1370:
            self.at("18:00", day=self.day + 1)

    def _candle(self, k: int, shape: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        gap, body, up, down = shape
        o = max(self.prices[k] + gap, 200)
        c = max(o + body, 200)
        self.prices[k] = c
        return o, max(o, c) + up, min(o, c) - down, c

    def _row(self, k: int, ask: dict[str, int]) -> dict[str, Any]:
        row: dict[str, Any] = {name: ask[name] for name in ask if name != "better"}
        ref = self.prices[k]
        limit = ref - ask["better"] * ask["side"] if ask["entry_kind"] else ref
        return row | {"instrument": k, "ref_tick": ref, "limit_tick": limit, "atr": 20.0}

    def check(self) -> None:
        for k in range(len(BOTH)):
            self._check_position(k)
            self._check_orders(k)
        fees = FEE * int(self.record.plans["held"].sum())
        nets = sum(int(t["gross"] - t["fees"]) for t in self.trades)
        assert int(self.account["balance"]) == START + nets - fees

    def _check_position(self, k: int) -> None:
        plan, position = self.record.plans[k], self.broker.position(BOTH[k])
        held = int(plan["held"].sum()) if plan["state"] == 2 else 0
        assert position == held * int(plan["side"]), "the record differs from the sum of fills"
        before = self.stops[k]
        self.stops[k] = (int(plan["trade_id"]), int(plan["stop"])) if held else None
        if before and held and before[0] == plan["trade_id"]:
            assert (int(plan["stop"]) - before[1]) * int(plan["side"]) >= 0, "a stop went away"

    def _check_orders(self, k: int) -> None:
        plan, mine = self.record.plans[k], self.desk.books[k]
        theirs = self.broker._books[k]
        assert np.array_equal(mine["state"], theirs["state"])
        working = mine["state"] == WORKING
        priced = working & (mine["kind"] != MARKET)
        for name in ("kind", "side", "qty", "price"):
            rows = priced if name == "price" else working
            assert np.array_equal(mine[name][rows], theirs[name][rows]), name
        if plan["state"] == 0:
            assert len(self.broker.working(BOTH[k])) == 0, "an order was left behind"
        if plan["state"] == 2:
            slots = np.arange(len(mine))
            protects = (mine["state"] == WORKING) & ((mine["kind"] == STOP) | (slots >= CLOSES))
            assert int(mine["qty"][protects].sum()) == int(plan["held"].sum()), "a naked contract"
            assert set(mine["side"][protects].tolist()) == {-int(plan["side"])}
            if plan["closing"] == 0:
                assert set(mine["price"][protects].tolist()) == {int(plan["stop"])}


@settings(max_examples=120, deadline=None)
@given(
    st.lists(STEP, min_size=5, max_size=30),
    MANAGEMENT,
    st.sampled_from([1, 2, 5]),
    st.sampled_from(["topstepx_50k", "plain"]),
)
def test_any_market_any_orders(
    steps: list[Any], management: dict[str, Any], contracts: int, account: str
) -> None:
    played = Watched(management, contracts, account)
    for one in steps:
        played.step(one)
    _check_trades(played)


def _check_trades(played: Watched) -> None:
    for row in played.trades:
        assert row["mae"] <= min(0, int(row["gross"])) <= max(0, int(row["gross"])) <= row["mfe"]
        assert row["qty"] > 0
        assert row["exit_row"] >= row["entry_row"] >= 0
        assert (row["target_tick"] - row["entry_tick"]) * row["side"] > 0
        assert (row["entry_tick"] - row["stop_tick"]) * row["side"] > 0
        assert (row["stop_at_exit"] - row["stop_tick"]) * row["side"] >= 0
        assert row["fees"] == 2 * FEE * row["qty"]


def test_the_walks_reach_what_they_are_to_show() -> None:
    """A long seeded walk meets every way out, so the properties above are not idle."""
    rng = np.random.default_rng(11)
    rich = AccountSection(profile="rich", profiles={"rich": Profile()})  # loses and goes on
    no_breaker = Overrides(judges={"circuit_breaker": "off"})
    rules = {"trail": {"by": "swing"}, "time_stop_bars": 6}
    many = {"gate": {"entries_a_day": 0}}
    played = Watched(rules, 2, rich, judges=no_breaker, risk=many)
    for place in range(1500):
        bars = [tuple(int(x) for x in rng.integers((-6, -6, 0, 0), (7, 7, 5, 5))) for _ in "ab"]
        ask = {
            "side": int(rng.choice([1, -1])), "sl": 8, "tp": 20, "tp1": 6,
            "entry_kind": place % 2, "better": 3, "expires_bars": 2, "on_expiry": place % 3 == 0,
        }  # fmt: skip
        seen = {
            "roll": place % 97 == 0, "news": 2 * (place % 89 == 0), "exits": int(place % 31 == 0),
            "atr": 2.0, "back": 5,
        }  # fmt: skip
        played.step((*bars, ask, ask | {"side": -ask["side"]}, seen, 700 if place % 53 == 0 else 0))
    assert played.day > DAY + 10
    labels = {label for label, _ in played.exits()}
    assert labels >= {
        "stop", "target1", "target2", "trail", "time", "reversal", "session_end", "gap", "flatten",
    }  # fmt: skip
    outcomes = {played.outcome(place) for place in range(len(played.desk.outcomes))}
    assert outcomes >= {"limit_unfilled", "withdrawn", "expired", "position_open", "working_entry"}
