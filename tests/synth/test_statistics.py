"""The statistics measure what they say, and the simulated market stands up to the real one."""

from datetime import date

import numpy as np
import pytest

from julie.core.zones import MINUTE_NS
from julie.synth import generate, statistics

REAL = statistics.real_folder()
NEEDED = ("es_1m", "nq_1m", "es_5m_vol", "nq_5m_vol", "mes_15m_vol", "mes_1m_vol", "es_1m_bidask")

beside_the_real_sets = pytest.mark.skipif(
    not all((REAL / f"{name}.parquet").is_file() for name in NEEDED),
    reason=f"the real sets are not in {REAL} (JULIE_DATA names the folder)",
)

# Length, seed, first day, symbols: the default sample, the year of the benchmarks and others.
RUNS = [
    (90, 1, date(2025, 1, 2), ("MES", "MNQ")),
    (252, 1, date(2025, 1, 2), ("MES", "MNQ")),
    (60, 7, date(2025, 9, 1), ("MES", "MNQ")),
    (90, 11, date(2024, 6, 3), ("ES", "NQ")),
]


@beside_the_real_sets
@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run[0]}-days-seed-{run[1]}")
def test_every_statistic_lies_within_a_quarter_of_the_real_one(run):
    days, seed, start, symbols = run
    measures = statistics.compare(generate(days, seed, start, symbols).bars)
    outside = [m for m in measures if m.within is not True]
    assert not outside
    names = {m.name for m in measures}
    assert {f"autocorrelation of |r|, lag {lag}" for lag in range(1, 31)} <= names
    assert {"kurtosis", "correlation"} <= names
    assert sum(name.startswith("range ") for name in names) == 23
    assert sum(name.startswith("volume ") for name in names) == 23


def test_without_the_real_sets_the_simulated_values_stand_alone(tmp_path):
    measures = statistics.compare(generate(5).bars, tmp_path)
    assert measures
    assert all(m.real is None and m.within is None and not m.real_set for m in measures)


def tape(ts_minutes, close, volume=None, reach=0.5):
    close = np.asarray(close, dtype=np.float64)
    return statistics.Tape(
        ts=np.asarray(ts_minutes, dtype=np.int64) * MINUTE_NS,
        high=close + reach,
        low=close - reach,
        close=close,
        shift=np.zeros(len(close)),
        volume=np.ones(len(close)) if volume is None else np.asarray(volume, dtype=np.float64),
    )


def test_only_minutes_that_follow_one_another_are_returns():
    moved, single = statistics.returns(tape([0, 1, 3, 4], [100.0, 101.0, 99.0, 99.0]))
    assert single.tolist() == [True, False, True]
    assert moved[0] == pytest.approx(np.log(1.01))


def test_kurtosis_of_known_distributions():
    coin = np.array([-1.0, 1.0] * 500)
    assert statistics.kurtosis(coin) == pytest.approx(1.0)
    normal = np.random.default_rng(1).standard_normal(200_000)
    assert statistics.kurtosis(normal) == pytest.approx(3.0, abs=0.1)


def test_autocorrelation_of_a_wave():
    wave = np.tile([1.0, 0.0, -1.0, 0.0], 2_500)
    found = statistics.autocorrelation(wave, 4)
    assert found == pytest.approx([0.0, -1.0, 0.0, 1.0], abs=1e-3)


def test_correlation_is_measured_on_common_minutes():
    rng = np.random.default_rng(5)
    walk = 100 * np.exp(np.cumsum(1e-4 * rng.standard_normal(2_000)))
    minutes = np.arange(2_000)
    some = np.sort(rng.choice(2_000, 1_500, replace=False))
    assert statistics.correlation(tape(minutes, walk), tape(minutes[some], walk[some])) > 0.999


def test_hours_are_eastern_and_volume_is_a_share():
    # 2025-01-02 14:30 UTC is 09:30 ET, the sixteenth hour of the trading day.
    first = int(np.datetime64("2025-01-02T14:30").astype("datetime64[m]").astype(np.int64))
    minutes = np.concatenate([np.arange(first, first + 60)])
    shares = statistics.volume_by_hour(tape(minutes, np.full(60, 5000.0), [3.0] * 30 + [1.0] * 30))
    assert shares[15] == pytest.approx(75.0)
    assert shares[16] == pytest.approx(25.0)
    assert statistics.hour_name(15) == "09:00"
    ranges = statistics.range_by_hour(tape(minutes, np.full(60, 5000.0)))
    assert ranges[15] == pytest.approx(2.0)


def test_a_measure_says_whether_it_lies_within_a_quarter():
    assert statistics.Measure("MES", "kurtosis", 125.0, 100.0, "es_1m").within is True
    assert statistics.Measure("MES", "kurtosis", 74.0, 100.0, "es_1m").within is False
    assert statistics.Measure("MES", "kurtosis", 74.0).within is None
