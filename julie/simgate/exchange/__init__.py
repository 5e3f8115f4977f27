"""The exchange behind the simulated gateway: accounts, orders, fills, truth and oracle."""
