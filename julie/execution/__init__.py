"""How orders live and fill: the one matching engine, the one bar path, the broker's two doors."""
