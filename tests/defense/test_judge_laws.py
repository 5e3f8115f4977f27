"""Laws of all column judges on a random month: elementwise, ready in time, and true upside down."""

import numpy as np
import pytest

from julie.core.news import NewsTimes
from julie.core.types import Code
from julie.defense.overrides import Mode
from julie.market.columns.raw import DAY
from tests.defense.asking import columns_over, from_bars, wanted, whole_chain

DAYS = 32


@pytest.fixture(scope="module")
def chain():
    return whole_chain()


@pytest.fixture(scope="module")
def month(walk):
    return walk(DAYS, seed=11, holes=0.01)


@pytest.fixture(scope="module")
def news(month):
    days = np.unique(month["ts"] // 86_400_000_000_000).astype(np.int32)
    return NewsTimes(times_ns=month["ts"][700::2_900].copy(), days=days[::2])


@pytest.fixture(scope="module")
def tables(tables, news):
    return tables | news.tables()


@pytest.fixture(scope="module")
def found(tables, chain, month):
    return columns_over((*wanted(chain), DAY), month, tables)


@pytest.fixture(scope="module")
def turned(tables, chain, month):
    signs = {"open": "open", "high": "low", "low": "high", "close": "close"}
    return columns_over(
        wanted(chain), month | {name: -month[other] for name, other in signs.items()}, tables
    )


def every(chain, found, side, rows=None):
    return from_bars(chain, found, np.arange(len(found[DAY])) if rows is None else rows, side)


def said(result):
    spoken = result.spoken
    order = np.lexsort((spoken.judge, spoken.candidate))
    return (
        result.codes, result.factor, result.first_denier, result.reason,
        *(part[..., order] for part in (
            spoken.candidate, spoken.judge, spoken.reason, spoken.factor, spoken.numbers
        )),
    )  # fmt: skip


def test_every_judge_denies_and_allows_somewhere(chain, found):
    result = chain(every(chain, found, 1))
    counted = result.modes == Mode.ON
    for place, name in enumerate(chain.names):
        seen = set(np.unique(result.codes[:, place][counted[:, place]]).tolist())
        if name not in chain.asked(result):
            assert {Code.ALLOW, Code.DENY} <= seen, name


def test_everything_is_ready_after_21_days(chain, found):
    days = np.unique(found[DAY])
    rows = np.flatnonzero(found[DAY] >= days[21])
    result = chain(every(chain, found, 1, rows))
    assert not (result.codes == Code.NOT_READY).any()


@pytest.mark.parametrize("side", [1, -1])
def test_a_candidate_is_judged_alone(chain, found, side):
    """A candidate's verdict does not depend on the others beside it."""
    rows = np.sort(np.random.default_rng(3).choice(len(found[DAY]), 400, replace=False))
    whole = said(chain(every(chain, found, side, rows)))
    for start in range(0, 400, 40):
        part = said(chain(every(chain, found, side, rows[start : start + 40])))
        for mine, all_of_them in zip(part[:4], whole[:4], strict=True):
            np.testing.assert_array_equal(mine, all_of_them[start : start + 40])
    single = [said(chain(every(chain, found, side, rows[k : k + 1])))[4:] for k in range(400)]
    for place, name in enumerate(("judge", "reason", "factor", "numbers"), 1):
        joined = np.concatenate([parts[place] for parts in single], axis=-1)
        np.testing.assert_array_equal(joined, whole[4:][place], err_msg=name)


@pytest.mark.parametrize("side", [1, -1])
def test_the_other_side_upside_down_is_judged_alike(chain, found, turned, side):
    up = chain(every(chain, found, side))
    down = chain(from_bars(chain, turned, np.arange(len(found[DAY])), -side))
    for mine, theirs in zip(said(up), said(down), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_future_changes_nothing(chain, found, month, tables):
    cut = len(month["ts"]) - 500
    other = {name: values.copy() for name, values in month.items()}
    for name in ("open", "high", "low", "close"):
        other[name][cut:] += 40.0
    again = columns_over(wanted(chain), other, tables)
    rows = np.arange(cut - 3_000, cut)
    before, after = (chain(from_bars(chain, columns, rows, 1)) for columns in (found, again))
    for mine, theirs in zip(said(before), said(after), strict=True):
        np.testing.assert_array_equal(mine, theirs)
