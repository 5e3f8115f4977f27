"""The words of the trade: types, ticks, money, time, events, permits, errors, configuration."""
