"""The chop machine: every arrow of its table drawn, and a plain machine beside it."""

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.market.columns.averages import atr
from julie.market.columns.column import mirrored
from julie.market.columns.percentile import quantile, session_median
from julie.market.columns.raw import DAY, DAY_OPEN, MINUTE, SHIFT, VOLUME
from julie.market.columns.swings import (
    swing_high,
    swing_high_before,
    swing_low,
    swing_low_before,
)
from julie.regime.chop import (
    Chop,
    chop_median,
    chop_on,
    chop_range,
    chop_state,
    chop_threshold,
)

# drawings carry their thresholds with them, in two columns that the machine does not read
TIGHT, MEDIAN = VOLUME, SHIFT
STATE, BARS, TOP, BOTTOM = chop_on(TIGHT, MEDIAN)

N, IN, BL, BS, CL, CS, FL, FS = Chop
TURNED = {N: N, IN: IN, BL: BS, BS: BL, CL: CS, CS: CL, FL: FS, FS: FL}

# Thirty bars make a box from 99 to 101; a break is a close at 101.50 or 98.50.
UP = [101.5]
RISE = [103, 104, 105, 104, 103.5, 103, 104, 105, 106, 105, 104.5, 104, 105, 106, 107]
FAIL = [*UP, 101.0]

ARROWS = [
    ("a narrow range boxes in", [100.0], 9.0, [IN]),
    ("a close just inside the break", [101.25], 9.0, [IN]),
    ("five wide closes", ["wide", 100.0, 100.0, 100.0, 100.0], 3.0, [IN, N]),
    ("four wide closes", ["wide", 100.0, 100.0, 100.0], 3.0, [IN]),
    ("breakout", UP, 9.0, [IN, BL]),
    ("breakout turns round", [*UP, 98.5], 9.0, [IN, BL, BS]),
    ("breakout fails at the edge", FAIL, 9.0, [IN, BL, FL]),
    ("breakout holds a tick above the edge", [*UP, 101.25], 9.0, [IN, BL]),
    ("higher high and higher low", UP + RISE, 99.0, [IN, BL, CL]),
    ("breakout runs out after 30 bars", [*UP, *[102.0] * 30], 9.0, [IN, BL, N]),
    ("29 bars are not 30", [*UP, *[102.0] * 29], 9.0, [IN, BL]),
    ("confirmed turns round", [*UP, *RISE, 98.5], 99.0, [IN, BL, CL, BS]),
    ("confirmed fails at the edge", [*UP, *RISE, 101.0], 99.0, [IN, BL, CL, FL]),
    ("confirmed widens", [*UP, *RISE, 107.0], 3.0, [IN, BL, CL, N]),
    ("confirmed runs out after 20 bars", [*UP, *RISE, *[107.0] * 20], 99.0, [IN, BL, CL, N]),
    ("failed breaks out again", [*FAIL, 101.5], 9.0, [IN, BL, FL, BL]),
    ("failed breaks the other side", [*FAIL, 98.5], 9.0, [IN, BL, FL, BS]),
    ("failed returns to the box", [*FAIL, *[100.0] * 15], 9.0, [IN, BL, FL, IN]),
    ("failed 14 bars", [*FAIL, *[100.0] * 14], 9.0, [IN, BL, FL]),
    ("failed between box and break", [*FAIL, *[98.75] * 15], 9.0, [IN, BL, FL, N]),
]  # fmt: skip


def drawn(closes, median, turned=False):
    """The box and then one bar a close; `wide` is a bar with a long wick that closes inside."""
    path = [100.5 if k % 2 else 99.5 for k in range(31)]
    wide = [k + 31 for k, close in enumerate(closes) if close == "wide"]
    path += [100.0 if close == "wide" else close for close in closes]
    close = np.array(path, float)
    opened = np.concatenate([[100.5], close[:-1]])
    high, low = np.maximum(opened, close) + 0.5, np.minimum(opened, close) - 0.5
    high[wide] += 3.0
    if turned:
        opened, high, low, close = 200 - opened, 200 - low, 200 - high, 200 - close
    n = len(close)
    return {
        "ts": load_calendar().open_ns[4200] + 60_000_000_000 * np.arange(n), "open": opened,
        "high": high, "low": low, "close": close, "volume": np.full(n, 2.5),
        "shift": np.full(n, float(median)),
    }  # fmt: skip


def passed_through(states):
    """The states from the box on, each named once."""
    kept = [Chop(s) for s in states[29:]]
    return [s for k, s in enumerate(kept) if k == 0 or s != kept[k - 1]]


@pytest.mark.parametrize(
    ("closes", "median", "expected"), [a[1:] for a in ARROWS], ids=[a[0] for a in ARROWS]
)
@pytest.mark.parametrize("turned", [False, True], ids=["long", "short"])
def test_each_arrow(run, closes, median, expected, turned):
    states = run([STATE], drawn(closes, median, turned))[STATE]
    assert passed_through(states) == [TURNED[s] if turned else s for s in expected]


def test_the_box_and_its_age_outlive_a_failure(run):
    series = drawn([*FAIL, *[100.0] * 20], 9.0)
    found = run([STATE, BARS, TOP, BOTTOM], series)
    boxed = np.flatnonzero(found[STATE] != N)
    assert boxed[0] == 29  # thirty bars since 18:00
    assert found[BARS][boxed].tolist() == list(range(len(boxed)))
    assert set(found[TOP][boxed]) == {101.0}
    assert set(found[BOTTOM][boxed]) == {99.0}
    assert np.all(found[BARS][:29] == 0)
    assert np.all(np.isnan(found[TOP][:29]))


def test_a_breakout_is_two_ticks_at_least(run):
    series = drawn([], 9.0)
    for name in ("open", "high", "low", "close"):
        series[name] = 100 + (series[name] - 100) / 4  # a box of half a point
    series["close"][-1] = 100.5
    series["high"][-1] = 100.75
    assert run([STATE], series)[STATE][-1] == IN
    series["close"][-1] = 100.75
    assert run([STATE], series)[STATE][-1] == BL


def test_each_day_opens_in_normal(run, walk):
    series = walk(3)
    series["volume"][:], series["shift"][:] = 1e6, 1e7
    found = run([STATE, DAY_OPEN, MINUTE], series)
    for t in np.flatnonzero(found[DAY_OPEN] == 1):
        assert np.all(found[STATE][t : t + 29] == N)
        assert found[STATE][t + 29] == IN


def test_unknown_thresholds_are_not_ready(run, walk):
    series = walk(1)
    series["volume"][200:210] = np.nan
    series["shift"][:] = 50.0
    assert np.all(run([STATE], series)[STATE][200:210] == -128)
    assert np.all(run([chop_state()], walk(1))[chop_state()] == -128)


def test_the_state_seen_upside_down_exchanges_long_and_short(run, walk):
    series = walk(2)
    series["volume"][:], series["shift"][:] = 14.0, 30.0
    turned = mirrored(STATE)
    assert (turned.offset, turned.factor) == (0.0, 1.0)
    found = run([STATE, turned.column], series)
    for code in Chop:
        np.testing.assert_array_equal(
            found[turned.column] == TURNED[code], found[STATE] == code, strict=True
        )


class Plain:
    """The table of the design, line by line, for one row after the other."""

    def __init__(self):
        self.state, self.age, self.wide = N, 0, 0
        self.top = self.bottom = 0.0

    def _to(self, state):
        self.state, self.age, self.wide = state, 0, 0

    def step(self, row):
        self.age += 1
        edge = max(0.25 * (self.top - self.bottom), 0.5)
        above, below = row["c"] >= self.top + edge, row["c"] <= self.bottom - edge
        self.wide = self.wide + 1 if row["r"] > row["median"] else 0
        match self.state:
            case Chop.NORMAL:
                if row["r"] < row["tight"] and row["since"] >= 30:
                    self.top, self.bottom = row["top"], row["bottom"]
                    self._to(IN)
            case Chop.IN_CHOP:
                if above or below:
                    self._to(BL if above else BS)
                elif self.wide >= 5:
                    self._to(N)
            case Chop.BREAKOUT_LONG | Chop.CONFIRMED_LONG:
                self._outside(row, below, row["c"] <= self.top, row["up"] > self.top, (BS, FL, CL))
            case Chop.BREAKOUT_SHORT | Chop.CONFIRMED_SHORT:
                back = row["c"] >= self.bottom
                self._outside(row, above, back, row["down"] < self.bottom, (BL, FS, CS))
            case _:
                if above or below:
                    self._to(BL if above else BS)
                elif self.age >= 15:
                    self._to(IN if self.bottom <= row["c"] <= self.top else N)
        return self.state

    def _outside(self, row, round_turn, back, beyond, names):
        breakout = self.state in (BL, BS)
        legs = row["rises"] if self.state in (BL, CL) else row["falls"]
        if round_turn:
            self._to(names[0])
        elif back:
            self._to(names[1])
        elif breakout and legs and beyond:
            self._to(names[2])
        elif self.age >= (30 if breakout else 20) or (not breakout and row["r"] > row["median"]):
            self._to(N)


@pytest.mark.parametrize("seed", [3, 11])
def test_random_bars_go_the_way_of_the_plain_machine(run, walk, seed):
    series = walk(8, seed=seed)
    n = len(series["ts"])
    series["volume"], series["shift"] = np.full(n, 15.0), np.full(n, 32.0)
    turns = [swing_high(3), swing_low(3), swing_high_before(3), swing_low_before(3)]
    found = run([STATE, DAY, *turns], series)
    high, low, high_before, low_before = (found[c] for c in turns)
    day, since, seen = -1, 0, set()
    machine = Plain()
    for t in range(n):
        if found[DAY][t] != day:
            day, since, machine = found[DAY][t], 0, Plain()
        since += 1
        rows = slice(max(t - 29, 0), t + 1)
        top, bottom = series["high"][rows].max(), series["low"][rows].min()
        before = machine.state
        now = machine.step({
            "c": series["close"][t], "r": top - bottom, "top": top, "bottom": bottom,
            "tight": 15.0, "median": 32.0, "since": since,
            "up": high[t], "down": low[t],
            "rises": high[t] > high_before[t] and low[t] > low_before[t],
            "falls": high[t] < high_before[t] and low[t] < low_before[t],
        })  # fmt: skip
        assert now == found[STATE][t]
        seen.add((before, now))
    assert len([a for a in seen if a[0] != a[1]]) >= 14


def test_the_thresholds_are_percentiles_times_the_accordion(run, es):
    r = chop_range()
    now, usual = atr(120), session_median(atr(120))
    roots = [quantile(r, 20.0), quantile(r, 50.0)]
    found = run([chop_threshold(), chop_median(), *roots, now, usual, r], es)
    accordion = np.clip(found[now] / found[usual], 0.6, 1.8)
    for threshold, root in zip((chop_threshold(), chop_median()), roots, strict=True):
        np.testing.assert_array_equal(found[threshold], found[root] * accordion)
    known = np.isfinite(accordion)
    assert 0.05 < np.mean(accordion[known] == 0.6) + np.mean(accordion[known] == 1.8) < 0.5
    assert 0.15 < np.mean(found[r][known] < found[roots[0]][known]) < 0.25
    span = [es[name][5000 - 29 : 5001] for name in ("high", "low")]
    assert found[r][5000] == span[0].max() - span[1].min()


def test_real_bars_have_the_shares_that_were_measured(run, es):
    """NORMAL 68 %, IN_CHOP 17, BREAKOUT 7, CONFIRMED 3, FAILED 5; 8.5 boxes a day."""
    state, day, minute = run([chop_state(), DAY, MINUTE], es).values()
    known = (state >= 0) & (minute < 1325)
    shares = [100 * np.isin(state[known], codes).mean() for codes in (0, 1, (2, 3), (4, 5), (6, 7))]
    np.testing.assert_allclose(shares, [68, 17, 7, 3, 5], atol=1.5)
    boxes = np.sum((state[1:] == IN) & (state[:-1] == N)) / len(np.unique(day[state >= 0]))
    assert 8.0 < boxes < 9.5
