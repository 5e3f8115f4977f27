"""A simulated market obeys what a real one obeys: hours, grid, bars that make sense, rolls."""

from datetime import date

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.core.errors import UsageError
from julie.core.instruments import instrument
from julie.core.zones import MINUTE_NS
from julie.synth import DEFAULT_DAYS, generate
from julie.synth.plan import front_contract, roll_date

RUNS = [
    (DEFAULT_DAYS, 1, date(2025, 1, 2), ("MES", "MNQ")),
    (70, 5, date(2025, 10, 20), ("ES", "NQ")),  # Thanksgiving, Christmas, a change of the clock
    (30, 9, date(2016, 2, 20), ("MES", "MNQ", "ES")),
    (1, 2, date(2025, 6, 3), ("MNQ",)),
]


@pytest.fixture(params=RUNS, ids=lambda run: f"{run[0]}-days-{run[2]}")
def made(request):
    days, seed, start, symbols = request.param
    return generate(days, seed, start, symbols)


@pytest.fixture(scope="module")
def default():
    return generate()


def test_the_same_arguments_give_the_same_bars(default):
    again = generate()
    for symbol, bars in default.bars.items():
        assert bars.sha256 == again.bars[symbol].sha256
        assert np.array_equal(bars.close, again.bars[symbol].close)
    assert np.array_equal(default.vix.close, again.vix.close)


def test_another_seed_gives_another_market(default):
    other = generate(seed=2)
    assert other.bars["MES"].sha256 != default.bars["MES"].sha256


def test_asking_for_one_symbol_more_changes_nothing_about_the_others(default):
    more = generate(symbols=("NQ", "MNQ", "MES"))
    for symbol, bars in default.bars.items():
        assert more.bars[symbol].sha256 == bars.sha256


def test_micro_and_mini_trade_at_the_same_prices():
    both = generate(20, 3, symbols=("MES", "ES")).bars
    _, micro, mini = np.intersect1d(both["MES"].ts, both["ES"].ts, return_indices=True)
    assert len(micro) > 20 * 1300
    assert np.array_equal(both["MES"].high[micro], both["ES"].high[mini])
    assert not np.array_equal(both["MES"].volume[micro], both["ES"].volume[mini])


def test_every_bar_is_labelled_simulated(made):
    for bars in made.bars.values():
        assert bars.simulated
        assert bars.source.startswith("simulated")


def test_the_default_sample_is_long_enough(default):
    calendar = load_calendar()
    for bars in default.bars.values():
        assert len(np.unique(calendar.index_of(bars.ts))) >= 60


def test_prices_lie_on_the_grid(made):
    for symbol, bars in made.bars.items():
        tick = instrument(symbol).tick
        for prices in (bars.open, bars.high, bars.low, bars.close, bars.shift):
            assert np.array_equal(prices, np.rint(prices / tick) * tick)


def test_bars_make_sense(made):
    for bars in made.bars.values():
        assert np.all(bars.high >= np.maximum(bars.open, bars.close))
        assert np.all(bars.low <= np.minimum(bars.open, bars.close))
        assert np.all(bars.low > 0)
        assert np.all(bars.volume >= 1)
        assert np.array_equal(bars.volume, np.rint(bars.volume))


def test_bars_lie_inside_the_hours_of_the_exchange(made):
    calendar = load_calendar()
    for bars in made.bars.values():
        days = calendar.index_of(bars.ts)
        assert days.min() >= 0
        assert len(np.unique(days)) == made.days
        minute = calendar.minute_of(bars.ts)
        assert minute.max() <= 1379  # the break is 17:00 to 18:00 ET


def test_an_early_close_ends_the_day(default):
    calendar = load_calendar()
    early = calendar.place_of(date(2025, 1, 20))
    assert calendar.early[early]
    for bars in default.bars.values():
        last = bars.ts[calendar.index_of(bars.ts) == early].max()
        assert last + MINUTE_NS == calendar.close_ns[early]
        assert calendar.minute_of(np.array([last]))[0] == 19 * 60 - 1  # 12:59 ET


def test_minutes_without_a_trade_are_absent_where_trading_is_thin():
    bars = generate(20, 4, date(2025, 12, 15)).bars["MES"]  # over Christmas
    calendar = load_calendar()
    days = np.unique(calendar.index_of(bars.ts))
    minutes = int(((calendar.close_ns - calendar.open_ns)[days] // MINUTE_NS).sum())
    absent = minutes - len(bars)
    assert 0 < absent < 0.02 * minutes
    assert bars.notes == (f"{absent} minutes without a trade make no bar",)
    pauses = bars.ts[np.flatnonzero(np.diff(bars.ts) == 2 * MINUTE_NS)]
    night = calendar.minute_of(pauses)
    assert np.mean(night < 15 * 60) > 0.9  # before 09:00 ET


def test_the_contract_rolls_in_expiry_week(default):
    calendar = load_calendar()
    for symbol, bars in default.bars.items():
        assert bars.contract == (f"{symbol}H25", f"{symbol}M25")
        (roll,) = bars.rolls
        assert calendar.date_of(int(calendar.index_of(bars.ts[[roll]])[0])) == date(2025, 3, 17)
        assert bars.contract_of[roll - 1] == 0
        assert bars.contract_of[roll] == 1
        assert not bars.roll_estimated.any()


def test_the_shift_takes_the_carry_out_of_the_roll(default):
    for bars in default.bars.values():
        (roll,) = bars.rolls
        assert np.all(bars.shift[roll:] == 0)
        assert np.all(bars.shift[:roll] == bars.shift[0])
        assert 0.005 < bars.shift[0] / bars.close[roll - 1] < 0.015


def test_expiry_weeks_are_those_of_the_exchange():
    assert roll_date(2024, 12) == date(2024, 12, 16)
    assert roll_date(2025, 6) == date(2025, 6, 16)
    assert front_contract(date(2025, 6, 13)) == "M25"
    assert front_contract(date(2025, 6, 16)) == "U25"
    assert front_contract(date(2025, 12, 31)) == "H26"


def test_the_vix_has_a_bar_a_day_and_knows_wild_days(default):
    vix, bars = default.vix, default.bars["MES"]
    calendar = load_calendar()
    days = calendar.index_of(bars.ts)
    assert np.array_equal(vix.day, calendar.day[np.unique(days)])
    assert np.all(vix.high >= np.maximum(vix.open, vix.close))
    assert np.all(vix.low <= np.minimum(vix.open, vix.close))
    assert vix.low.min() > 5
    assert vix.high.max() < 120
    moves = np.abs(np.diff(np.log(bars.close)))
    wild = [float(np.mean(moves[days[1:] == day])) for day in np.unique(days)]
    assert np.corrcoef(np.log(wild), np.log(vix.close))[0, 1] > 0.5


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"days": 0}, "0 days"),
        ({"days": 20, "start": date(2007, 1, 1)}, "leave the calendar"),
        ({"days": 20, "start": date(2035, 12, 20)}, "leave the calendar"),
        ({"seed": -1}, "negative"),
        ({"symbols": ("GC",)}, "GC"),
        ({"symbols": ()}, "nothing"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_with_its_cure(wish, said):
    with pytest.raises(UsageError, match=said) as refused:
        generate(**wish)
    assert refused.value.cure
