"""The summary that a terminal shows: plain words and figures, no wider than 100 signs.

Every line comes from the report's fields, so the terminal, the page and the JSON cannot disagree.
"""

import textwrap
from collections.abc import Callable, Iterable
from typing import Final

from julie.backtest.report.model import DenialRow, Figures, Interval, Report, Row
from julie.backtest.tables import MISSING_WORD

WIDTH: Final = 100
_HALF: Final = 50
_PART_NAMES: Final = {
    "all": "whole run",
    "in_sample": "in sample",
    "out_of_sample": "out of sample",
}

Line = tuple[str, str]


def summary_text(report: Report) -> str:
    """The whole summary."""
    shown = report.parts[report.headline]
    lines = [*_head(report), "", *_figures(report, shown)]
    if len(report.parts) > 1:
        lines += ["", *_parts(report)]
    for name, words in (
        ("vol_regime", "P&L BY REGIME (volatility)"),
        ("hmm_state", "P&L BY REGIME (HMM state)"),
        ("strategy", "P&L BY STRATEGY"),
        ("session", "P&L BY SESSION"),
        ("exit", "P&L BY EXIT (legs)"),
    ):
        lines += ["", *_table(words, report.tables.get(name, []))]
    lines += ["", *_candidates(report), "", *_robustness(report), "", *_account(report)]
    lines += ["", *_tail(report)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def money(dollars: float | None) -> str:
    """Dollars as a statement writes them."""
    if dollars is None:
        return "n/a"
    return f"{'-' if round(dollars, 2) < 0 else ''}${abs(dollars):,.2f}"


def _ratio(value: float | None, digits: int = 2) -> str:
    return "n/a" if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.1%}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent or "  ")


def _head(report: Report) -> list[str]:
    head = f"=== {report.kind.upper()} RESULTS === {report.summary.run_id}"
    lines = [head, *_wrapped(report.title)]
    for warning in report.warnings:
        lines += _wrapped(f"! {warning}")
    return lines


def _figures(report: Report, shown: Figures) -> list[str]:
    left = [*_trade_lines(report, shown), ("", ""), *_equity_lines(report, shown)]
    right = [*_money_lines(shown), ("", ""), *_risk_lines(shown)]
    return [*_period(report, shown), "", *_side_by_side(left, right)]


def _period(report: Report, shown: Figures) -> list[str]:
    summary = report.summary
    contracts = ", ".join(
        f"{data.traded}{f' on {data.symbol} data' if data.symbol != data.traded else ''}, "
        f"{data.rows:,} bars of {data.bar_seconds // 60} min"
        for data in report.data
    )
    return [
        f"{'Period:':<22}{summary.start} – {summary.end}  ({shown.days} trading days"
        f"{' ' + _PART_NAMES[report.headline] if report.headline != 'all' else ''})",
        *_wrapped(f"{'Contracts:':<22}{contracts}", " " * 22),
        *[line for cost in report.costs for line in _wrapped(f"{'':<22}{cost}", " " * 22)],
    ]


def _trade_lines(report: Report, shown: Figures) -> list[Line]:
    limit = report.limits.own_day_loss or report.limits.daily_loss
    hit = report.summary.days_at_limit
    days = len(report.days)
    return [
        ("TRADES", ""),
        ("Total Trades:", f"{shown.trades:,} ({shown.legs:,} legs)"),
        ("Winning Trades:", f"{shown.wins:,}"),
        ("Losing Trades:", f"{shown.losses:,} ({shown.scratches:,} scratches)"),
        ("Win Rate:", _share(shown.win_rate)),
        ("Trades/Day:", _ratio(shown.trades_a_day, 1)),
        ("Avg Trade Duration:", _minutes(shown.avg_minutes)),
        ("Consecutive Wins:", f"{shown.win_streak}"),
        ("Consecutive Losses:", f"{shown.loss_streak}"),
        ("Days Simulated:", f"{shown.days} ({shown.days_traded} with a trade)"),
        (
            f"Days hitting {f'${limit:,.0f}' if limit else 'the'} limit:",
            f"{hit} ({hit / days:.0%})" if days else f"{hit}",
        ),
    ]


def _equity_lines(report: Report, shown: Figures) -> list[Line]:
    start = report.limits.start
    return [
        ("EQUITY", ""),
        ("Starting:", money(start)),
        ("Ending:", money(start + shown.net)),
        ("Return (ROI):", f"{shown.roi:.2%}"),
    ]


def _money_lines(shown: Figures) -> list[Line]:
    return [
        ("PROFIT AND LOSS", ""),
        ("Total PnL (net):", money(shown.net)),
        ("Gross PnL (at the fills):", money(shown.gross)),
        ("Commission:", money(-shown.fees)),
        ("Slippage (in the fills):", money(-shown.slippage)),
        ("Avg Win:", money(shown.average_win)),
        ("Avg Loss:", money(shown.average_loss)),
        ("Win/Loss Ratio:", _ratio(shown.win_loss_ratio)),
        ("Profit Factor:", _ratio(shown.profit_factor)),
        ("Largest Win:", money(shown.largest_win)),
        ("Largest Loss:", money(shown.largest_loss)),
        ("Expectancy:", f"{money(shown.expectancy)} ({_ratio(shown.expectancy_r)} R)"),
    ]


def _risk_lines(shown: Figures) -> list[Line]:
    best, worst = shown.best_day, shown.worst_day
    until = shown.drawdown_to or "the end"
    return [
        ("RISK", ""),
        ("Max Drawdown:", f"{money(-shown.max_drawdown)} ({shown.max_drawdown_share:.1%})"),
        ("Drawdown Duration:", f"{shown.drawdown_days} days"),
        ("", f"{shown.drawdown_from} – {until}" if shown.drawdown_from else ""),
        ("Sharpe Ratio:", _ratio(shown.sharpe)),
        ("Sortino Ratio:", _ratio(shown.sortino)),
        ("Best Day:", f"{money(best.net)}  {best.day}" if best else "n/a"),
        ("Worst Day:", f"{money(worst.net)}  {worst.day}" if worst else "n/a"),
    ]


def _minutes(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.1f} minutes"


def _side_by_side(left: list[Line], right: list[Line]) -> list[str]:
    longest = max(len(left), len(right))
    blank = ("", "")
    padded = [column + [blank] * (longest - len(column)) for column in (left, right)]
    return [
        f"{_label(one):<{_HALF}}{_label(two)}"
        for one, two in zip(padded[0], padded[1], strict=True)
    ]


def _label(line: Line) -> str:
    return f"{line[0]:<26}{line[1]}" if line[1] else line[0]


def _parts(report: Report) -> list[str]:
    names = [name for name in ("out_of_sample", "in_sample") if name in report.parts]
    lines = [f"{'IN AND OUT OF SAMPLE':<22}" + "".join(f"{_PART_NAMES[n]:>18}" for n in names)]
    rows: dict[str, Callable[[Figures], str]] = {
        "Trades": lambda f: f"{f.trades:,}",
        "Net": lambda f: money(f.net),
        "Win rate": lambda f: _share(f.win_rate),
        "Profit factor": lambda f: _ratio(f.profit_factor),
        "Expectancy": lambda f: money(f.expectancy),
        "Max drawdown": lambda f: money(-f.max_drawdown),
        "Sharpe": lambda f: _ratio(f.sharpe),
    }
    for label, shown in rows.items():
        lines.append(f"{label:<22}" + "".join(f"{shown(report.parts[n]):>18}" for n in names))
    for fit in report.fitted:
        lines += _wrapped(f"fitted: {fit['source']}, {fit['first']} – {fit['last']}")
    return lines


def _table(words: str, rows: list[Row]) -> list[str]:
    head = f"{words:<34}{'net':>14}{'trades':>9}{'win rate':>10}{'average':>12}{'profit f.':>11}"
    if all(row.key == MISSING_WORD for row in rows):
        return [head, "  not computed in this run" if rows else "  no trade"]
    return [
        head,
        *(
            f"  {row.key[:31]:<32}{money(row.net):>14}{row.trades:>9,}{_share(row.win_rate):>10}"
            f"{money(row.average):>12}{_ratio(row.profit_factor):>11}"
            for row in rows
        ),
    ]


def _candidates(report: Report) -> list[str]:
    lines = [
        f"{'FROM CANDIDATE TO TRADE':<34}{'candidates':>12}{'denied':>9}{'refused':>9}{'trades':>8}"
        f"{'net':>14}"
    ]
    for row in report.denials:
        if row.silent:
            lines += _wrapped(f"  {row.strategy:<32}silent: {row.silent}", " " * 34)
            continue
        left_over = max(sum(row.refused.values()) - row.denied, 0)
        lines.append(
            f"  {row.strategy[:31]:<32}{row.candidates:>12,}{row.denied:>9,}{left_over:>9,}"
            f"{row.trades:>8,}{money(row.net):>14}"
        )
        lines += _denied_by(row)
    silent = {row.strategy for row in report.denials if row.silent}
    names = ", ".join(sorted(silent)) if silent else "none"
    return [*lines, *_wrapped(f"Silent strategies: {names}")]


def _denied_by(row: DenialRow) -> list[str]:
    spoken = sorted(row.by_judge.items(), key=lambda item: -item[1])
    lines = []
    if spoken:
        lines += _listed("    denied by ", (f"{judge} {count:,}" for judge, count in spoken))
    return lines


def _listed(head: str, words: Iterable[str]) -> list[str]:
    return textwrap.wrap(head + " · ".join(words), WIDTH, subsequent_indent=" " * len(head))


def _interval(interval: Interval, unit: str = "") -> str:
    if interval.low is None or interval.high is None:
        return "n/a (too few days)"
    low, high = (
        (money(interval.low), money(interval.high))
        if unit == "$"
        else (_ratio(interval.low), _ratio(interval.high))
    )
    return f"{interval.level:.0%} of resampled runs: {low} to {high}"


def _robustness(report: Report) -> list[str]:
    odds, drawn = report.sharpe_odds, report.montecarlo
    deflated = f", deflated for {odds.trials:,} trials {_share(odds.deflated)}"
    lines = [
        "HOW MUCH MAY BE LUCK",
        f"  {'Expectancy:':<24}{_interval(report.intervals['expectancy'], '$')}",
        f"  {'Sharpe:':<24}{_interval(report.intervals['sharpe'])}",
        f"  {'True Sharpe above 0:':<24}{_share(odds.probabilistic)}"
        + (deflated if odds.trials > 1 else ""),
    ]
    if drawn is not None:
        lines.append(
            f"  {'Drawdown, other orders:':<24}half {money(drawn.drawdown_50)}, one in twenty "
            f"{money(drawn.drawdown_95)} ({drawn.shuffles:,} shuffles)"
        )
    nets = ", ".join(f"× {s.slippage_times:.0f} {money(s.net)}" for s in report.costs_times)
    lines.append(f"  {'Net with slippage:':<24}{nets}")
    lines.append(
        f"  {'Settled by tie rule:':<24}{report.ties.legs:,} legs ({report.ties.share:.1%}), "
        f"net {money(report.ties.net)}"
    )
    for bracket in report.brackets[:12]:
        size = f"{bracket.stop_ticks:.0f}/{bracket.target_ticks:.0f} ticks"
        size = f"median {size}" if bracket.varies else size
        words = f"{bracket.strategy} {bracket.instrument} {size}"
        lines.append(
            f"  {'Break-even hit rate:':<24}{words[:44]:<45}needs {_share(bracket.break_even):>6}"
            f"  had {_share(bracket.hit_rate):>6}"
        )
    return lines


def _account(report: Report) -> list[str]:
    limits = report.limits
    lines = [f"ACCOUNT {limits.account}"]
    if limits.maximum_loss is not None:
        lines.append(
            f"  {'Trailing limit:':<24}{money(limits.maximum_loss)}, "
            f"nearest {money(limits.least_room)} on {limits.least_room_day or 'n/a'}"
        )
    if limits.least_day_room is not None:
        lines.append(
            f"  {'Day limit:':<24}nearest {money(limits.least_day_room)} "
            f"on {limits.least_day_room_day}"
        )
    if limits.best_day_share is not None:
        lines.append(f"  {'Best day of profit:':<24}{_share(limits.best_day_share)}")
    lines.append(f"  {'Breaches:':<24}{len(limits.breaches) or 'none'}")
    for breach in limits.breaches[:5]:
        lines += _wrapped(f"    {breach['day']} {breach['limit']}: {breach['words']}", " " * 6)
    return lines


def _tail(report: Report) -> list[str]:
    lines = ["FILL RULES"]
    for rule in report.fill_rules:
        lines += _wrapped(f"  {rule}", "    ")
    for variant in report.fill_variants:
        name, net = variant["name"][:60], money(variant["net"])
        lines.append(f"  {name:<62}{net:>14}{variant['trades']:>8,}")
    for note in report.notes:
        lines += _wrapped(f"Note: {note}")
    for override in report.config["overrides"]:
        lines += _wrapped(f"Override: {override}")
    lines.append(f"Engine: {report.summary.engine_seconds:.2f} s")
    if report.summary.report:
        lines.append(f"Report: {report.summary.report}")
    return lines
