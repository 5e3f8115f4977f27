"""What a reader gets of a run: the report's fields, its page and its pictures."""
