"""On real bars the judges deny about as often as was measured when they were designed."""

import os
from pathlib import Path

import numpy as np
import pytest

from julie.core.news import NewsTimes
from julie.core.sessions import minute_since_open
from julie.core.types import Code, Session
from julie.feeds.news import news_times
from julie.market.columns.raw import DAY, MINUTE
from tests.defense.asking import columns_over, from_bars, wanted, whole_chain

SHARED = Path(os.environ.get("JULIE_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
CALENDAR = SHARED / "ff_calendar_high_impact.csv"
pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def news():
    if not CALENDAR.exists():
        pytest.skip(f"no {CALENDAR}: set JULIE_DATA to the folder of the real data")
    return news_times(CALENDAR)


@pytest.fixture(scope="module")
def chain():
    return whole_chain()


@pytest.fixture(scope="module")
def judged(es, tables, news, chain):
    """Random longs and shorts: one of each at every close from the 21st day to 16:05."""
    found = columns_over((*wanted(chain), DAY, MINUTE), es, tables | news.tables())
    days = np.unique(found[DAY])
    late = found[MINUTE] + 1 > minute_since_open("16:05")
    rows = np.flatnonzero((found[DAY] >= days[20]) & ~late)
    return {side: (c := from_bars(chain, found, rows, side), chain(c)) for side in (1, -1)}


def denied(chain, judged, name, session=None, side=1, minutes=None):
    c, result = judged[side]
    rows = np.ones(len(c), bool) if session is None else c.session == session
    if minutes is not None:
        lo, hi = map(minute_since_open, minutes)
        rows &= (c.decision_minute > lo) & (c.decision_minute <= hi)
    return float(np.mean(result.codes[rows, chain.names.index(name)] == Code.DENY))


def test_volatility(chain, judged):
    assert 0.08 <= denied(chain, judged, "volatility") <= 0.12
    before = denied(chain, judged, "volatility", Session.NY_AM, minutes=("08:00", "09:30"))
    after = denied(chain, judged, "volatility", Session.NY_AM, minutes=("10:00", "12:00"))
    assert before == pytest.approx(0.20, abs=0.03)
    assert after == pytest.approx(0.01, abs=0.01)


@pytest.mark.parametrize("side", [1, -1])
def test_chop(chain, judged, side):
    assert denied(chain, judged, "chop", side=side) == pytest.approx(0.24, abs=0.02)


def test_penalty_box(chain, judged):
    assert 0.11 <= denied(chain, judged, "penalty_box") <= 0.15
    for session in (Session.ASIA, Session.LONDON, Session.NY_AM, Session.NY_PM):
        assert 0.10 <= denied(chain, judged, "penalty_box", session) <= 0.17


def test_news(chain, judged):
    assert denied(chain, judged, "news", Session.NY_AM) == pytest.approx(0.11, abs=0.01)
    assert denied(chain, judged, "news", Session.NY_PM) == pytest.approx(0.03, abs=0.01)


def test_the_real_calendar_covers_every_day(es, news):
    days = np.unique(es["ts"] // 86_400_000_000_000).astype(np.int32)
    assert news.uncovered(days) == 0


def test_without_a_calendar_new_york_waits_on_fixed_times(chain, es, tables):
    found = columns_over((*wanted(chain), DAY, MINUTE), es, tables | NewsTimes().tables())
    rows = np.flatnonzero(found[MINUTE] + 1 <= minute_since_open("16:05"))
    c = from_bars(chain, found, rows, 1)
    result = chain(c)
    new_york = (c.session == Session.NY_AM) | (c.session == Session.NY_PM)
    codes = result.codes[new_york, chain.names.index("news")]
    assert np.mean(codes == Code.DENY) == pytest.approx(0.12, abs=0.01)
