"""The folder of a run: records, report.json and the page, written whole or not at all."""

from pathlib import Path
from typing import Final

import msgspec

from julie.backtest.ledger import ledger_of
from julie.backtest.record_files import write_records
from julie.backtest.report.build import build_report
from julie.backtest.report.model import Report, encode
from julie.backtest.report.page import page
from julie.backtest.report.series import series_json
from julie.backtest.result import RunResult
from julie.store.atomic import writable_folder, write_bytes, write_text

REPORT_JSON: Final = "report.json"
REPORT_PAGE: Final = "report.html"


def write_run(result: RunResult, folder: Path, *, plots: bool = True) -> Report:
    """Write everything that a run leaves in `folder`; returns what the terminal needs."""
    writable_folder(folder)
    report = build_report(result, str(folder / REPORT_PAGE))
    write_records(result, folder)
    write_bytes(folder / REPORT_JSON, encode(report))
    write_text(folder / REPORT_PAGE, report_page(result, report, plots=plots))
    return report


def report_page(result: RunResult, report: Report, *, plots: bool = True) -> str:
    """The report as one self-contained page."""
    figures = msgspec.to_builtins(report)
    del figures["curve"]  # the series has it
    return page(
        f"{report.kind} {result.run_id}",
        "report.js",
        {
            "report": msgspec.json.encode(figures),
            "series": series_json(result, ledger_of(result), report.curve, plots=plots),
        },
    )
