"""The portfolio: one rule a file, each a function from a Window to the entries it would take."""
