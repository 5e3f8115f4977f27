"""Compiles the desk once: both drivers of its rules run over a few simulated days."""

from julie.backtest.audit.audit import audit
from julie.backtest.runner import Request
from julie.core.compiled import machine_folder
from julie.core.instruments import instrument
from julie.settings import default_tree, load_settings
from julie.strategies.catalogue import catalogue
from julie.synth import generate

DAYS = 4


def desk_is_warm() -> bool:
    """Whether this very code was compiled on this machine before."""
    kept = machine_folder()
    return kept is not None and (kept / "whole").is_file()


def warm_desk() -> None:
    """Run batch walk and event desk over the same days; what they compile stays in the cache."""
    if desk_is_warm():
        return
    bars = generate(days=DAYS, seed=1, symbols=("MES",)).bars["MES"]
    settings = load_settings(default_tree(), for_backtest=True).tree
    request = Request((bars,), (instrument("MES"),), tuple(catalogue().values()), settings)
    audit(request, 1, {}, 1, lambda done, total: None)
    kept = machine_folder()
    if kept is not None:
        (kept / "whole").touch()
