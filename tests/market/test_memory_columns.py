"""What columns remember for rules: within, since, count_run."""

import numpy as np
import pytest

from julie.market.columns.bands import supertrend_direction
from julie.market.columns.column import MISSING, mirrored
from julie.market.columns.memory import count_run, since, within
from julie.market.columns.raw import SESSION, SESSION_OPEN


def test_within_and_since_count_rows(run, walk):
    series = walk(2)
    columns = [
        within(SESSION_OPEN, 3),
        since(SESSION_OPEN),
        since(SESSION_OPEN, 1, 100),
        SESSION_OPEN,
    ]
    found = run(columns, series)
    opens = np.flatnonzero(found[SESSION_OPEN] == 1)
    ago = np.arange(len(series["ts"])) - opens[np.searchsorted(opens, np.arange(2760), "right") - 1]
    assert np.array_equal(found[columns[0]], ago < 3)
    assert np.array_equal(found[columns[1]], ago)
    assert np.array_equal(found[columns[2]], np.minimum(ago, 100))


def test_what_was_not_seen_is_not_ready_at_first(run, walk):
    series = walk(1)
    evening = {name: values[10:] for name, values in series.items()}
    london = within(SESSION, 60, 1), since(SESSION, 1, 60), count_run(SESSION, 0, 600)
    found = run(london, evening)
    assert np.all(found[london[0]][:59] == MISSING)
    assert np.all(found[london[0]][59:530] == 0)
    assert np.all(found[london[0]][530:889] == 1)
    assert np.all(np.isnan(found[london[1]][:59]))
    assert np.all(found[london[1]][59:530] == 60)
    assert np.all(np.isnan(found[london[2]][:530]))  # the run's beginning was not seen
    assert np.all(found[london[2]][530:] == 0)


def test_count_run_counts_rows_in_a_row(run, walk):
    series = walk(1)
    runs = count_run(SESSION, 2), count_run(SESSION, 2, 50)
    found = run(runs, series)
    morning = np.arange(840, 1080)
    assert np.array_equal(found[runs[0]][morning], np.arange(1, 241))
    assert np.array_equal(found[runs[1]][morning], np.minimum(np.arange(1, 241), 50))
    assert found[runs[0]][1080] == 0


def test_a_missing_flag_starts_anew(run, walk):
    series = walk(1)
    series["close"][700] = np.nan
    way = supertrend_direction(10, 3)
    columns = within(way, 5), since(way, 1, 50), count_run(way, 1, 50)
    for column, values in run(columns, series).items():
        missing = values == MISSING if column.flag else np.isnan(values)
        assert not missing[699]
        assert missing[700]


@pytest.mark.parametrize("asked", [within, since, count_run])
def test_a_side_is_turned_with_the_market(asked):
    way = supertrend_direction(10, 3)
    up = asked(way, 5, 1) if asked is within else asked(way, 1)
    down = asked(way, 5, -1) if asked is within else asked(way, -1)
    assert mirrored(up).column == down
    assert mirrored(up).factor == 1.0
