"""The life of an order: the matching engine, its one path through a bar, and its records."""
