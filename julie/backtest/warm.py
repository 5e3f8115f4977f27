"""Compiles the desk once: both drivers of its rules run over simulated days.

They are as many as the columns remember, so that the desk trades on the last one: what only a trade
calls would else be compiled in the middle of a live session.
"""

from julie.core.compiled import whole_mark

DAYS = 26


def warm_desk() -> None:
    """Run batch walk and event desk over the same days; what they compile stays in the cache."""
    mark = whole_mark()
    if mark is not None and mark.is_file():
        return
    from julie.backtest.audit.audit import audit  # heavy, and needed once for a machine
    from julie.backtest.runner import Request
    from julie.core.instruments import instrument
    from julie.settings import default_tree, load_settings
    from julie.strategies.catalogue import catalogue
    from julie.synth import generate

    bars = generate(days=DAYS, seed=1, symbols=("MES",)).bars["MES"]
    settings = load_settings(default_tree(), for_backtest=True).tree
    request = Request((bars,), (instrument("MES"),), tuple(catalogue().values()), settings)
    audit(request, 1, {}, 1, lambda done, total: None)
    if mark is not None:
        mark.touch()
