"""The desk over history: runner, statistics, report, comparison and the audit of causality."""
