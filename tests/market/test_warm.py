"""Warming compiles every kernel of the columns it is given, and tells how far it is."""

from julie.market.warm import warm_kernels
from julie.regime.catalogue import CONSTRUCTORS


def test_every_column_is_sent_through_once():
    names = ("close", "ema", "on", "peer", "bucket_value", "vol_regime")
    told = []
    done = warm_kernels(
        lambda *step: told.append(step), {n: CONSTRUCTORS[n] for n in CONSTRUCTORS if n in names}
    )
    assert done == len(names)
    assert [name for name, _, _ in told[:-1]] == [n for n in CONSTRUCTORS if n in names]
    assert told[-1] == ("", len(names), len(names))


def test_an_example_that_stands_on_another_column_is_read_from_the_whole_catalogue():
    assert warm_kernels(known=CONSTRUCTORS) == len(CONSTRUCTORS)
