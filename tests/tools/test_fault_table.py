"""The table of faults: what a row is called that broke once, twice, or was never played."""

from typing import Any

import pytest

from tools.fault_table import judged_again, rows_of, table_of


def line(test: str, outcome: str, *ids: str) -> dict[str, Any]:
    more = {"safe_s": 1.5, "seed": 1, "wall_s": 2.0, "why": ""}
    return {"test": test, "ids": ids, "outcome": outcome, **more}


FIRST = [line("a", "passed", "N1"), line("b", "failed", "N1", "V2"), line("c", "skipped", "M3")]


@pytest.mark.parametrize("second", ["passed", "failed", "skipped"])
def test_the_second_playing_decides_over_what_broke(second: str) -> None:
    again = [line("a", "failed", "N1"), line("b", second, "N1", "V2")]
    rows = {row.ident: row for row in rows_of(judged_again(FIRST, again), ["N1", "V2", "M3", "P1"])}
    assert rows["N1"].outcome == rows["V2"].outcome == second
    assert rows["N1"].slower
    assert rows["V2"].slower
    assert (rows["M3"].outcome, rows["P1"].outcome) == ("skipped", "missing")
    assert not rows["M3"].slower


def test_what_was_not_played_again_stays_broken() -> None:
    rows = rows_of(judged_again(FIRST, []), ["V2"])
    assert [row.outcome for row in rows] == ["failed", "skipped", "failed"]


def test_a_row_that_held_slower_says_so() -> None:
    again = [line("b", "passed", "N1", "V2")]
    page = table_of(rows_of(judged_again(FIRST, again), ["N1", "V2"]))
    assert "| N1 | REST timeout after the order was accepted | held slower | 2 |" in page
    assert "2 of 3 rows hold." in page


NAKED = (
    "Violation(invariant='I1', contract='MES', from_ns=1, to_ns=2, detail='1 held, stops for 0')"
)
BY_REST = "[{'invariant': 'I2', 'contract': 'MES', 'detail': 'orders 1 and 2 are one leg'}]"


@pytest.mark.parametrize("why", [NAKED, BY_REST])
def test_a_naked_position_must_hold_four_times_more(why: str) -> None:
    broken = [{**line("b", "failed", "N1"), "why": why}]
    good, bad = line("b", "passed", "N1"), line("b", "failed", "N1")
    for again, outcome in (
        ([good], "failed"),  # once is not enough
        ([good] * 4, "passed"),
        ([good] * 3 + [bad], "failed"),
    ):
        (row,) = rows_of(judged_again(broken, again), ["N1"])
        assert row.outcome == outcome
    page = table_of(rows_of(judged_again(broken, [good] * 4), ["N1"]))
    assert "| N1 | REST timeout after the order was accepted | held 4 of 4 alone | 1 |" in page


def test_blind_entries_and_late_messages_are_played_once_more() -> None:
    blind = [{**line("b", "failed", "N1"), "why": "Violation(invariant='I6', contract='MES')"}]
    (row,) = rows_of(judged_again(blind, [line("b", "passed", "N1")]), ["N1"])
    assert row.outcome == "passed"
