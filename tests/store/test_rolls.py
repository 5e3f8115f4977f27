"""Contracts: chosen from the day before, never back; gaps, shift and estimates at each roll."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.core.errors import DataError
from julie.store.contracts import contract_in, delivery, guess_symbol, in_order, month_code
from julie.store.read import load_bars
from julie.store.rows import Rows, join

Market = Callable[..., Rows]
Saved = Callable[..., Path]


def contracts(market: Market, volumes: dict[str, list[float]]) -> Rows:
    """Contracts side by side, 40 ticks apart, each with its volume a day (0 = does not trade)."""
    parts = []
    for k, (name, by_day) in enumerate(volumes.items()):
        rows = market("2025-06-02", days=len(by_day), base_s=300, contract=name)
        day = load_calendar().index_of(rows.ts)
        day -= day[0]
        volume = np.array(by_day)[day]
        moved = replace(
            rows,
            volume=volume,
            **{p: getattr(rows, p) + 10.0 * k for p in ("open", "high", "low", "close")},
        )
        parts.append(moved.take(volume > 0))
    joined = join(parts, "made", "")
    return joined.take(np.lexsort((joined.contract_of, joined.ts)))


def by_day(path: Path, **flags: object) -> list[str]:
    bars = load_bars(path, "ES", **flags)  # type: ignore[arg-type]
    days = load_calendar().index_of(bars.ts)
    first = np.flatnonzero(np.diff(days, prepend=-1))
    return [bars.contract[bars.contract_of[k]] for k in first]


def test_the_contract_of_a_day_is_chosen_from_the_day_before(market: Market, saved: Saved) -> None:
    path = saved(contracts(market, {"ESM25": [9, 9, 2, 2, 2], "ESU25": [1, 1, 8, 8, 8]}))
    assert by_day(path) == ["ESM25", "ESM25", "ESM25", "ESU25", "ESU25"]


def test_never_back_to_an_earlier_contract(market: Market, saved: Saved) -> None:
    path = saved(contracts(market, {"ESM25": [9, 1, 9, 9, 9], "ESU25": [1, 5, 2, 2, 2]}))
    assert by_day(path) == ["ESM25", "ESM25", "ESU25", "ESU25", "ESU25"]


def test_a_contract_that_ended_gives_way_at_once(market: Market, saved: Saved) -> None:
    path = saved(contracts(market, {"ESM25": [9, 9, 0, 0], "ESU25": [0, 0, 8, 8]}))
    assert by_day(path) == ["ESM25", "ESM25", "ESU25", "ESU25"]


def test_rows_instead_of_volume(market: Market, saved: Saved) -> None:
    made = contracts(market, {"ESM25": [9, 9, 9, 9], "ESU25": [1, 1, 1, 1]})
    third_day = made.ts >= load_calendar().open_ns[load_calendar().place_of(date(2025, 6, 4))]
    thin = made.take(~(third_day & (made.contract_of == 0) & (np.arange(len(made)) % 4 < 2)))
    path = saved(thin)
    assert by_day(path, method="volume") == ["ESM25"] * 4
    assert by_day(path, method="rows") == ["ESM25", "ESM25", "ESM25", "ESU25"]


def test_the_shift_joins_the_contracts_at_a_common_bar(market: Market, saved: Saved) -> None:
    path = saved(
        contracts(market, {"ESM25": [9, 2, 2, 2], "ESU25": [1, 8, 2, 2], "ESZ25": [0, 1, 9, 9]})
    )
    bars = load_bars(path, "ES")
    assert bars.contract == ("ESM25", "ESU25", "ESZ25")
    assert not bars.roll_estimated.any()
    assert [float(bars.shift[row]) for row in (0, bars.rolls[0], bars.rolls[1])] == [
        20.0,
        10.0,
        0.0,
    ]
    assert bars.shift[-1] == 0.0
    assert np.all(load_bars(path, "ES", adjust="raw").shift == 0)
    np.testing.assert_array_equal(load_bars(path, "ES", adjust="raw").close, bars.close)


def test_the_run_stands_on_its_own_last_contract(market: Market, saved: Saved) -> None:
    path = saved(
        contracts(market, {"ESM25": [9, 2, 2, 2], "ESU25": [1, 8, 2, 2], "ESZ25": [0, 1, 9, 9]})
    )
    whole = load_bars(path, "ES")
    part = load_bars(path, "ES", end="2025-06-04")
    assert part.contract == ("ESM25", "ESU25")
    assert part.shift[-1] == 0.0
    n = len(part)
    np.testing.assert_array_equal(part.shift, whole.shift[:n] - whole.shift[n - 1])
    tail = load_bars(path, "ES", start="2025-06-04", end="2025-06-04")
    assert (tail.contract, tail.rolls.tolist(), set(tail.contract_of.tolist())) == (
        ("ESU25",),
        [],
        {0},
    )


def test_without_a_common_bar_the_gap_is_old_close_to_new_open(
    market: Market, saved: Saved
) -> None:
    made = contracts(market, {"ESM25": [9, 9, 0, 0], "ESU25": [0, 0, 8, 8]})
    bars = load_bars(saved(made), "ES")
    roll = int(bars.rolls[0])
    assert bars.roll_estimated.tolist() == [True]
    assert bars.shift[0] == bars.open[roll] - bars.close[roll - 1]
    assert any("is estimated" in note for note in bars.notes)


def test_a_files_own_constants_are_its_roll_table(market: Market, saved: Saved) -> None:
    made = market(days=3, base_s=300)
    adj = np.where(np.arange(len(made)) < 100, 57.5, 12.25)
    bars = load_bars(saved(made, adj=adj), "ES")
    assert bars.rolls.tolist() == [100]
    assert bars.contract == ("", "")
    assert (bars.shift[0], bars.shift[-1]) == (45.25, 0.0)
    assert not bars.roll_estimated.any()


def test_every_change_of_a_factor_is_a_roll_with_an_estimated_gap(
    market: Market, saved: Saved
) -> None:
    made = market(days=3, base_s=300)
    factor = np.repeat([1.2, 1.1, 1.0], [50, 80, len(made) - 130])
    bars = load_bars(saved(made, adj_factor=factor), "ES")
    assert bars.rolls.tolist() == [50, 130]
    assert bars.roll_estimated.tolist() == [True, True]
    gaps = [bars.open[row] - bars.close[row - 1] for row in (50, 130)]
    assert [bars.shift[row] for row in (49, 129, 130)] == [sum(gaps), gaps[1], 0.0]


def test_one_contract_by_name_whatever_its_spelling(market: Market, saved: Saved) -> None:
    path = saved(contracts(market, {"ESM25": [9, 9], "ESU25": [1, 1]}))
    bars = load_bars(path, "ES", symbol_mode="fixed", contract="ES 09-25")
    assert bars.contract == ("ESU25",)
    with pytest.raises(DataError, match="no contract 'H25'") as caught:
        load_bars(path, "ES", symbol_mode="fixed", contract="H25")
    assert "ESM25, ESU25" in caught.value.cure


def test_side_by_side_contracts_are_not_one_continuous_series(market: Market, saved: Saved) -> None:
    path = saved(contracts(market, {"ESM25": [9, 9], "ESU25": [1, 1]}))
    with pytest.raises(DataError, match="side by side"):
        load_bars(path, "ES", symbol_mode="continuous")


@pytest.mark.parametrize(
    ("name", "year", "month"),
    [
        ("Z24", 2024, 12),
        ("ESZ24", 2024, 12),
        ("ESZ4", 2024, 12),
        ("ES 12-24", 2024, 12),
        ("CON.F.US.EP.Z24", 2024, 12),
        ("202503", 2025, 3),
        ("6EH25", 2025, 3),
        ("M6EM5", 2025, 6),
        ("GCQ2025", 2025, 8),
    ],
)
def test_names_of_contracts(name: str, year: int, month: int) -> None:
    assert delivery(name, 2025) == (year, month)


def test_a_single_digit_is_the_year_nearest_to_the_data() -> None:
    assert delivery("ESH5", 2014) == (2015, 3)
    assert delivery("ESH5", 2025) == (2025, 3)
    assert delivery("ESH0", 2019) == (2020, 3)
    assert delivery("front", 2025) is None


def test_order_and_short_names() -> None:
    assert in_order(["ESM25", "ESZ24", "ESH25"], 2025) == ["ESZ24", "ESH25", "ESM25"]
    assert in_order(["b", "a"], 2025) == ["b", "a"]
    assert month_code("CON.F.US.EP.Z24", 2025) == "Z24"


@pytest.mark.parametrize(
    ("file", "symbol", "contract"),
    [
        ("es_1m.parquet", "ES", None),
        ("ES 12-24.Last.txt", "ES", "Z24"),
        ("MESH25-CME.scid_BarData.txt", "MES", "H25"),
        ("CME_MINI_MES1!, 15.csv", "MES", None),
        ("data/bars/NQ/1m/H25.parquet", "NQ", None),
        ("prices.csv", None, None),
    ],
)
def test_what_a_file_is_named_after(file: str, symbol: str | None, contract: str | None) -> None:
    assert guess_symbol(Path(file)) == symbol
    assert contract_in(Path(file), 2025) == contract
