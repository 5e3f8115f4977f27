"""The bot: parts wired together for sim, paper and live, from the start to the day's report."""
