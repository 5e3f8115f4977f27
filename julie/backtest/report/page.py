"""One self-contained page: style, scripts and data in a single file that needs no network."""

import html
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

_ASSETS: Final = Path(__file__).resolve().parent / "assets"
_SHARED_SCRIPTS: Final = ("words.js", "plots.js", "candles.js")


def page(title: str, script: str, data: Mapping[str, bytes]) -> str:
    """A page drawn by `script` (an asset) from JSON objects embedded under their names."""
    embedded = "\n".join(
        f'<script type="application/json" id="{name}">{_harmless(content)}</script>'
        for name, content in data.items()
    )
    parts = {
        "title": html.escape(title),
        "style": _asset("page.css"),
        "data": embedded,
        "script": "\n".join(_asset(name) for name in (*_SHARED_SCRIPTS, script)),
    }
    made = _asset("page.html")
    for name, text in parts.items():
        before, after = made.split(f"@{name}@", 1)
        made = before + text + after
    return made


def _harmless(content: bytes) -> str:
    """JSON that cannot end its own script element: `<` stands only inside strings."""
    return content.decode().replace("<", "\\u003c")


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
