"""How orders live and fill: the one matching engine, the one bar path, order life and its guards.
"""
