"""The bars and the graph of the market's tests."""

from tests.market.conftest import es, run, tables, walk

__all__ = ["es", "run", "tables", "walk"]
