"""The one machine that decides: events in, commands and records out, no I/O."""
