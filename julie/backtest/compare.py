"""Two runs side by side: figures, settings, data, and the legs that only one of them has.

Legs are the same decision when instrument, strategy, side, time of decision and number of the leg
agree; of those, the ones whose fills or result differ are listed apart.
"""

from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from julie.backtest.record_files import TRADES_FILE, read_columns
from julie.backtest.report.model import Report, Summary
from julie.backtest.report.page import page
from julie.backtest.result import Coded, Column
from julie.backtest.runs import read_report
from julie.core.zones import eastern

_KEY: Final = ("instrument", "strategy", "side", "decided_ts", "leg")
_FILLS: Final = ("qty", "entry_ts", "entry_price", "exit_ts", "exit_price", "exit_reason", "net")
_LISTED: Final = 10
_SAME_CENT: Final = 0.005

Leg = dict[str, Any]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of both runs; `change` is b - a where that means something."""

    name: str
    a: Any
    b: Any
    change: float | None


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting, version or fact of the data that differs."""

    key: str
    a: Any
    b: Any


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """One decision, two outcomes."""

    a: Leg
    b: Leg
    fields: list[str]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What `julie report compare --json` prints."""

    a: str
    b: str
    summary: list[Figure]
    settings: list[Setting]
    legs_alike: int
    only_a: list[Leg]
    only_b: list[Leg]
    changed: list[Changed]


def compare(folder_a: Path, folder_b: Path) -> Comparison:
    """Both runs, from their folders."""
    a, b = read_report(folder_a), read_report(folder_b)
    legs_a, legs_b = _legs(folder_a), _legs(folder_b)
    shared = [key for key in legs_a if key in legs_b]
    changed = []
    for key in shared:
        fields = [name for name in _FILLS if _differ(legs_a[key][name], legs_b[key][name])]
        if fields:
            changed.append(Changed(a=legs_a[key], b=legs_b[key], fields=fields))
    return Comparison(
        a=a.summary.run_id,
        b=b.summary.run_id,
        summary=_figures(a.summary, b.summary),
        settings=_settings(a, b),
        legs_alike=len(shared) - len(changed),
        only_a=[leg for key, leg in legs_a.items() if key not in legs_b],
        only_b=[leg for key, leg in legs_b.items() if key not in legs_a],
        changed=changed,
    )


def comparison_text(found: Comparison) -> str:
    """The comparison for a terminal."""
    lines = [f"{'':<24}{found.a[:24]:>26}{found.b[:24]:>26}{'change':>18}"]
    for figure in found.summary:
        change = "" if figure.change is None else f"{figure.change:+,.4g}"
        lines.append(f"{figure.name:<24}{_word(figure.a):>26}{_word(figure.b):>26}{change:>18}")
    lines += ["", f"SETTINGS THAT DIFFER: {len(found.settings)}"]
    for setting in found.settings:
        lines.append(f"  {setting.key}: {_word(setting.a)} -> {_word(setting.b)}")
    lines += ["", f"LEGS: {found.legs_alike:,} alike, {len(found.changed):,} with other fills"]
    for twice in found.changed[:_LISTED]:
        told = ", ".join(f"{n} {_word(twice.a[n])} -> {_word(twice.b[n])}" for n in twice.fields)
        lines.append(f"  {_leg_words(twice.a)}: {told}")
    lines += _more(found.changed)
    for name, legs in ((found.a, found.only_a), (found.b, found.only_b)):
        net = sum(leg["net"] for leg in legs)
        lines += ["", f"ONLY IN {name}: {len(legs):,} legs, net {net:,.2f}"]
        lines += [f"  {_leg_words(leg)} net {leg['net']:,.2f}" for leg in legs[:_LISTED]]
        lines += _more(legs)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def overlay_page(folder_a: Path, folder_b: Path) -> str:
    """Both equity curves on one page."""
    found = compare(folder_a, folder_b)
    curves = []
    for folder in (folder_a, folder_b):
        report = read_report(folder)
        curves.append(
            {
                "name": report.summary.run_id,
                "start": report.limits.start,
                "simulated": report.simulated,
                "days": [day.day for day in report.days],
                "equity": [day.equity for day in report.days],
            }
        )
    return page(
        f"{found.a} and {found.b}",
        "compare.js",
        {"report": msgspec.json.encode(found), "series": msgspec.json.encode(curves)},
    )


def _figures(a: Summary, b: Summary) -> list[Figure]:
    made = []
    for name in Summary.__struct_fields__:
        one, two = getattr(a, name), getattr(b, name)
        if name in ("report", "silent") or one == two == "":
            continue
        numbers = isinstance(one, int | float) and isinstance(two, int | float)
        made.append(Figure(name=name, a=one, b=two, change=two - one if numbers else None))
    return made


def _settings(a: Report, b: Report) -> list[Setting]:
    one, two = _facts(a), _facts(b)
    return [
        Setting(key=key, a=one.get(key), b=two.get(key))
        for key in dict.fromkeys((*one, *two))
        if one.get(key) != two.get(key)
    ]


def _facts(report: Report) -> dict[str, Any]:
    known = flattened(report.config["snapshot"])
    known["seed"] = report.config["seed"]
    known["strategies"] = ", ".join(row.strategy for row in report.denials)
    known |= {f"version {name}": word for name, word in report.versions.items()}
    for data in report.data:
        known |= {f"data {data.traded} file": data.file, f"data {data.traded} hash": data.hash}
    known["fill rules"] = " ".join(report.fill_rules)
    known |= {f"silent {name}": reason for name, reason in report.summary.silent.items()}
    return known


def flattened(tree: Any, at: str = "") -> dict[str, Any]:
    """A tree of settings as `a.b.c: value`."""
    if not isinstance(tree, dict):
        return {at: tree}
    found: dict[str, Any] = {}
    for key, inner in tree.items():
        found |= flattened(inner, f"{at}.{key}" if at else str(key))
    return found


def _legs(folder: Path) -> dict[tuple[Any, ...], Leg]:
    columns = read_columns(folder / TRADES_FILE)
    names = ("trade_id", *_KEY, *_FILLS)
    rows = zip(*(_listed(columns[name]) for name in names), strict=True)
    legs = [dict(zip(names, row, strict=True)) for row in rows]
    return {tuple(leg[name] for name in _KEY): leg for leg in legs}


def _listed(column: Column) -> list[Any]:
    return column.words() if isinstance(column, Coded) else column.tolist()


def _differ(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return not abs(one - two) < _SAME_CENT
    return bool(one != two)


def _more(rows: list[Any]) -> list[str]:
    left = len(rows) - _LISTED
    return [f"  and {left:,} more (--json lists all)"] if left > 0 else []


def _leg_words(leg: Leg) -> str:
    local = int(eastern().local(np.array([leg["decided_ts"]]))[0])
    when = str(np.datetime64(local // 1_000_000_000, "s")).replace("T", " ")[:16]
    side = "long" if leg["side"] > 0 else "short"
    return f"{when} ET {leg['strategy']} {leg['instrument']} {side} leg {leg['leg']}"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 100 else f"{value:,.2f}"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**15 else str(value)
    return "none" if value is None else str(value)
