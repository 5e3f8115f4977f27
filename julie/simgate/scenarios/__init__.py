"""Named runs of the simulated gateway, one a file: which day, which hours, what goes wrong."""
