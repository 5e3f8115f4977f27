"""The state of the market as columns: volatility regime, buckets and their tables."""
