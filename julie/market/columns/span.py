"""Span: how far a top lies above its bottom, be it of a bar, a range or a session."""

from dataclasses import replace
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Mirrored, Output, mirrored
from julie.market.columns.raw import HIGH, LOW, base


@compiled
def _span(state: Any, top: Any, bottom: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = top[t] - bottom[t]


def _upside_down(column: Column) -> Mirrored:
    top, bottom = (mirrored(side) for side in column.inputs)
    if top.factor > 0.0 or bottom.factor > 0.0 or top.offset != bottom.offset:
        raise ValueError(f"{column.expression}: both ends of a span must be prices")
    return Mirrored(0.0, 1.0, replace(column, inputs=(bottom.column, top.column)))


SPAN = Kernel(
    "span", _span, (Output("span", Mirror.OWN, "top - bottom"),), mirror=_upside_down
)  # fmt: skip


def span(top: Column | str, bottom: Column | str) -> Column:
    """Distance between two prices, such as the two ends of a range."""
    return SPAN.column("span", (base(top), base(bottom)))


def bar_range() -> Column:
    """High minus low of the bar."""
    return span(HIGH, LOW).named("bar_range")
