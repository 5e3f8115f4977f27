"""From messages of the stream to closed minutes, on the exchange's clock."""

from julie.market.aggregator.barrier import MinuteBarrier, Together
from julie.market.aggregator.course import Course
from julie.market.aggregator.minute import Built, Counts, Difference, MinuteAggregator, MinuteBar

__all__ = [
    "Built",
    "Counts",
    "Course",
    "Difference",
    "MinuteAggregator",
    "MinuteBar",
    "MinuteBarrier",
    "Together",
]
