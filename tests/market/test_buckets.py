"""Buckets of rows and what tables say about them."""

import numpy as np

from julie.core.sessions import bucket_index
from julie.market.columns.raw import DAY, SESSION
from julie.regime.buckets import _bucket, bucket, bucket_value


def test_every_day_of_the_calendar_has_its_bucket(tables):
    days = tables["day_of"]
    session = np.arange(len(days), dtype=np.int64) % 5
    out, state = np.empty(len(days)), np.zeros(2)
    _bucket(state, days, session.astype(np.int8), out, 0, len(days))
    wanted = bucket_index(days.astype(np.int64), session.astype(np.int8))
    assert np.array_equal(np.where(np.isnan(out), -1, out), wanted)
    assert len(np.unique(wanted)) == 321


def test_rows_look_their_bucket_up(run, walk, tables):
    found = run([bucket(), bucket_value("stops"), DAY, SESSION], walk(6, holes=0.1))
    wanted = bucket_index(found[DAY].astype(np.int64), found[SESSION])
    assert np.array_equal(found[bucket()], wanted)
    assert np.array_equal(found[bucket_value("stops")], tables["stops"][wanted])
    assert bucket_value("stops") == bucket_value("stops") != bucket_value("targets")
