"""The words of the trade: types, ticks, money, time, events, permits, errors and configuration loading."""
