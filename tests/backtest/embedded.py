"""Reads what a page embeds, as a browser would."""

import html.parser
import json
from typing import Any


class _Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self.loads: list[str] = []
        self._at = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.loads += [named[name] or "" for name in ("src", "href") if name in named]
        if tag == "script" and named.get("type") == "application/json":
            self._at = named["id"] or ""

    def handle_data(self, data: str) -> None:
        if self._at:
            self.found[self._at] = json.loads(data)
            self._at = ""


def embedded(text: str) -> tuple[dict[str, Any], list[str]]:
    """The JSON objects of a page by id, and everything that it would load from elsewhere."""
    page = _Page()
    page.feed(text)
    return page.found, page.loads


def decoded_bars(day: dict[str, Any]) -> list[tuple[int, int, int, int, int]]:
    """Bars of the embedded form: (ms, open, high, low, close) in ticks."""
    gaps = dict(day["gaps"])
    last, missing, bars = day["first_close"], 0, []
    numbers = day["bars"]
    for k in range(len(numbers) // 4):
        missing += gaps.get(k, 0)
        step, above, below, body = numbers[4 * k : 4 * k + 4]
        opened, closed = last + step, last + step + body
        high, low = max(opened, closed) + above, min(opened, closed) - below
        bars.append((day["start_ms"] + (k + missing) * day["step_ms"], opened, high, low, closed))
        last = closed
    return bars
