"""How orders live and fill: matching and the bar path, and the executor with its guard, reconciler
and kill switch before any venue.
"""
