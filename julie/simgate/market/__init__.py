"""The market that the exchange runs on: sources, contracts, the walk of a bar, scripts."""
