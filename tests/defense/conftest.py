"""The bars and the graph of the market's tests."""

from tests.market.conftest import es, tables, walk

__all__ = ["es", "tables", "walk"]
