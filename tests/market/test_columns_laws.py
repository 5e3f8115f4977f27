"""The laws that every column of the catalogue keeps, tried on a random month with an early close.

Equal bits in blocks of any length; blind to the future; forgetful after its memory; what it says of
the market upside down is what its mirror says; silent without the volume it needs.
"""

import inspect
import math
import pkgutil
from importlib import import_module

import numpy as np
import pytest

import julie.market.columns
import julie.regime
from julie.market.columns.column import MISSING, Column, mirrored
from julie.market.columns.expression import example_of, facts, parse
from julie.market.columns.graph import MEMORY_CAP_DAYS, Graph
from julie.market.columns.raw import DAY
from julie.regime.catalogue import CONSTRUCTORS

DAYS = 32
ANCHOR = 512.0
pytestmark = pytest.mark.timeout(120)  # a cold cache compiles every kernel first
COLUMNS = {name: example_of(name, CONSTRUCTORS) for name in CONSTRUCTORS}
MIRRORS = {name: mirrored(column) for name, column in COLUMNS.items()}
NAMES = sorted(COLUMNS)


def first_of_day(found, k):
    return int(np.searchsorted(found[DAY], np.unique(found[DAY])[k]))


def first_difference(a, b):
    same = (a == b) | ((a != a) & (b != b))
    return -1 if same.all() else int(np.argmin(same))


@pytest.fixture(scope="module")
def month(walk):
    return walk(DAYS, seed=7, holes=0.01)


@pytest.fixture(scope="module")
def whole(run, month):
    wanted = [*COLUMNS.values(), *(m.column for m in MIRRORS.values()), DAY]
    return run(dict.fromkeys(wanted), month)


@pytest.fixture(scope="module")
def in_blocks(run, month, whole):
    """Blocks of 4,999 rows, of 7 over an open, of 1 over another."""
    n = len(month["ts"])
    sevens, ones = first_of_day(whole, DAYS - 3) - 700, first_of_day(whole, DAYS - 1) - 400
    cuts = [*range(4999, sevens, 4999), *range(sevens, ones, 7), *range(ones, ones + 1000), n - 1]
    return run(COLUMNS.values(), month, cuts)


@pytest.fixture(scope="module")
def other_future(run, month, whole):
    """The same month up to the afternoon of its 29th day; then prices and volumes are others."""
    at = first_of_day(whole, 28) + 1111
    changed = {name: values.copy() for name, values in month.items()}
    for name in ("open", "high", "low", "close"):
        changed[name][at:] = changed[name][at:][::-1] + 37.25
    changed["high"][at:] += 3.0
    changed["low"][at:] -= 2.0
    changed["volume"][at:] += 11.0
    return at, run(COLUMNS.values(), changed)


@pytest.fixture(scope="module")
def cut_short(run, month, whole):
    at = first_of_day(whole, 28) + 1111
    return at, run(COLUMNS.values(), {name: values[:at] for name, values in month.items()})


@pytest.fixture(scope="module")
def later_start(run, month, whole):
    at = first_of_day(whole, 3)
    return at, run(COLUMNS.values(), {name: values[at:] for name, values in month.items()})


@pytest.fixture(scope="module")
def upside_down(run, month):
    turned = {
        "ts": month["ts"], "volume": month["volume"], "shift": -month["shift"],
        "open": -month["open"], "close": -month["close"],
        "high": -month["low"], "low": -month["high"],
    }  # fmt: skip
    return run(COLUMNS.values(), turned)


@pytest.mark.parametrize("name", NAMES)
def test_it_speaks(whole, name):
    found = whole[COLUMNS[name]]
    known = found != MISSING if found.dtype == np.int8 else np.isfinite(found)
    assert known.any(), f"{COLUMNS[name].expression} never has a value"


@pytest.mark.parametrize("name", NAMES)
def test_blocks_do_not_matter(whole, in_blocks, name):
    assert first_difference(whole[COLUMNS[name]], in_blocks[COLUMNS[name]]) == -1


@pytest.mark.parametrize("name", NAMES)
def test_the_future_does_not_matter(whole, other_future, cut_short, name):
    for at, found in (other_future, cut_short):
        assert first_difference(whole[COLUMNS[name]][:at], found[COLUMNS[name]][:at]) == -1


@pytest.mark.parametrize("name", NAMES)
def test_after_its_memory_the_start_does_not_matter(whole, later_start, name):
    at, found = later_start
    column = COLUMNS[name]
    ready = first_of_day(whole, 3 + math.ceil(Graph.memory_of(column, 60)))
    a, b = whole[column][ready:], found[column][ready - at :]
    where = first_difference(a, b)
    assert where == -1, f"row {where}: {a[where]!r} and {b[where]!r}"


@pytest.mark.parametrize("name", NAMES)
def test_the_market_upside_down(whole, upside_down, name):
    found, mirror = upside_down[COLUMNS[name]], MIRRORS[name]
    own = whole[mirror.column]
    if own.dtype == np.int8:
        wanted = np.where(own == MISSING, MISSING, mirror.offset + mirror.factor * own)
    else:
        wanted = mirror.offset + mirror.factor * own
    where = first_difference(found, wanted)
    assert where == -1, f"row {where}: {found[where]!r}, its mirror says {wanted[where]!r}"


@pytest.fixture(scope="module")
def other_anchor(run, month):
    """The same traded prices in a run whose last contract trades 512 points higher."""
    moved = {name: month[name] + ANCHOR for name in ("open", "high", "low", "close", "shift")}
    return run(COLUMNS.values(), month | moved)


@pytest.mark.parametrize("name", NAMES)
def test_the_anchor_of_adjusted_prices_moves_prices_only(whole, other_anchor, name):
    before, after = whole[COLUMNS[name]], other_anchor[COLUMNS[name]]
    if before.dtype == np.int8:
        assert first_difference(before, after) == -1
        return
    moves = (0.0, ANCHOR)
    assert any(np.allclose(after, before + by, rtol=0, atol=1e-6, equal_nan=True) for by in moves)


def test_real_bars_with_their_holes_and_holidays_forget_their_start(run, es):
    first = {name: values[:90_000] for name, values in es.items()}
    columns = [*COLUMNS.values(), DAY]
    early = run(dict.fromkeys(columns), first)
    at = first_of_day(early, 9)
    late = run(dict.fromkeys(columns), {name: values[at:] for name, values in first.items()})
    for column in columns:
        ready = first_of_day(early, 9 + math.ceil(Graph.memory_of(column, 60)))
        where = first_difference(early[column][ready:], late[column][ready - at :])
        assert where == -1, f"{column.expression}: row {where}"


def test_without_volume_those_that_need_it_are_silent(run, month):
    dry = month | {"volume": np.full(len(month["ts"]), np.nan)}
    named = [name for name in NAMES if "V" in str(facts(name, CONSTRUCTORS)["needs"])]
    assert "vwap" in named
    for column, found in run([COLUMNS[name] for name in named], dry).items():
        known = found != MISSING if found.dtype == np.int8 else np.isfinite(found)
        assert not known.any(), column.expression


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_listed(name):
    told = facts(name, CONSTRUCTORS)
    assert told["formula"]
    assert told["meaning"]
    assert 0.0 <= float(str(told["memory_days"])) <= MEMORY_CAP_DAYS
    assert parse(str(told["example"]), CONSTRUCTORS) == COLUMNS[name]


def test_two_columns_never_share_a_name():
    distinct = dict.fromkeys(COLUMNS.values())
    assert len({column.name for column in distinct}) == len(distinct)


def public_constructors():
    for package in (julie.market.columns, julie.regime):
        for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            module = import_module(info.name)
            for name, made in inspect.getmembers(module, inspect.isfunction):
                if made.__module__ != info.name or name.startswith("_"):
                    continue
                if inspect.signature(made, eval_str=True).return_annotation is Column:
                    yield name


def test_every_constructor_is_in_the_catalogue():
    house = {"base", "parse", "example_of"}
    missing = set(public_constructors()) - set(CONSTRUCTORS) - house
    assert not missing
