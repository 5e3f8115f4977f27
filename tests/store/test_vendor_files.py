"""Files as the usual vendors write them come in as the bars they were made of."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from julie.store.importer import ImportReport, import_file
from julie.store.read import load_bars
from julie.store.rows import Rows

Market = Callable[..., Rows]
Line = Callable[[datetime, Rows, int], str]


def stamps(rows: Rows, zone: str, shift_s: int = 0) -> list[datetime]:
    return [
        datetime.fromtimestamp(int(ts) // 10**9 + shift_s, UTC).astimezone(ZoneInfo(zone))
        for ts in rows.ts
    ]


def ohlc(rows: Rows, k: int, mark: str = ",") -> str:
    return mark.join(f"{p[k]:g}" for p in (rows.open, rows.high, rows.low, rows.close))


def lots(rows: Rows, k: int, more: int = 0) -> int:
    assert rows.volume is not None
    return int(rows.volume[k]) + more


def ninjatrader(rows: Rows) -> str:
    times = stamps(rows, "UTC", 60)
    return "".join(
        f"{t:%Y%m%d %H%M%S};{ohlc(rows, k, ';')};{lots(rows, k)}\n" for k, t in enumerate(times)
    )


def tradestation(rows: Rows) -> str:
    times = stamps(rows, "America/Chicago", 60)
    head = '"Date","Time","Open","High","Low","Close","Up","Down"\n'
    return head + "".join(
        f"{t:%m/%d/%Y},{t:%H:%M},{ohlc(rows, k)},{lots(rows, k, -1)},1\n"
        for k, t in enumerate(times)
    )


def sierra(rows: Rows) -> str:
    times = stamps(rows, "America/Chicago")
    head = "Date, Time, Open, High, Low, Last, Volume, NumberOfTrades, BidVolume, AskVolume\n"
    return head + "".join(
        f"{t.year}/{t.month}/{t.day}, {t:%H:%M:%S}.000000, {ohlc(rows, k, ', ')},"
        f" {lots(rows, k)}, 7, 3, 4\n"
        for k, t in enumerate(times)
    )


def tradingview(rows: Rows) -> str:
    return "time,open,high,low,close,Volume\n" + "".join(
        f"{int(ts) // 10**9},{ohlc(rows, k)},{lots(rows, k)}\n" for k, ts in enumerate(rows.ts)
    )


def tradingview_iso(rows: Rows) -> str:
    times = stamps(rows, "America/New_York")
    return "time,open,high,low,close,Volume\n" + "".join(
        f"{t.isoformat()},{ohlc(rows, k)},{lots(rows, k)}\n" for k, t in enumerate(times)
    )


def yahoo(rows: Rows) -> str:
    times = stamps(rows, "America/New_York")
    head = "Price,Close,High,Low,Open,Volume\nTicker,ES=F,ES=F,ES=F,ES=F,ES=F\nDatetime,,,,,\n"
    return head + "".join(
        f"{t.isoformat(sep=' ')},{rows.close[k]},{rows.high[k]},{rows.low[k]},{rows.open[k]},"
        f"{lots(rows, k)}\n"
        for k, t in enumerate(times)
    )


def databento(rows: Rows) -> str:
    head = "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol\n"
    prices = [
        np.rint(p * 1e9).astype(np.int64) for p in (rows.open, rows.high, rows.low, rows.close)
    ]
    return head + "".join(
        f"{ts},33,1,4916,{prices[0][k]},{prices[1][k]},{prices[2][k]},{prices[3][k]},"
        f"{lots(rows, k)},ESM5\n"
        for k, ts in enumerate(rows.ts)
    )


def metatrader(rows: Rows) -> str:
    times = stamps(rows, "Europe/Athens")
    head = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n"
    return head + "".join(
        f"{t:%Y.%m.%d}\t{t:%H:%M:%S}\t{ohlc(rows, k, chr(9))}\t{lots(rows, k)}\n"
        for k, t in enumerate(times)
    )


def european(rows: Rows) -> str:
    times = stamps(rows, "Europe/Berlin")
    head = "Datum;Open;High;Low;Close;Volume\n"
    return head + "".join(
        f"{t:%d.%m.%Y %H:%M};{ohlc(rows, k, ';').replace('.', ',')};{lots(rows, k)}\n"
        for k, t in enumerate(times)
    )


def barchart(rows: Rows) -> str:
    times = stamps(rows, "America/Chicago")
    lines = [
        f"{t:%m/%d/%Y %H:%M},{rows.open[k]},{rows.high[k]},{rows.low[k]},{rows.close[k]},"
        f"+0.25,+0.01%,{lots(rows, k)}\n"
        for k, t in enumerate(times)
    ]
    head = "Time,Open,High,Low,Latest,Change,%Change,Volume\n"
    return head + "".join(reversed(lines)) + '"Downloaded from Barchart.com as of 08-08-2025"\n'


def twelve_hours(rows: Rows) -> str:
    times = stamps(rows, "America/New_York")
    head = "Date,Open,High,Low,Close,Volume\n"
    return head + "".join(
        f"{t:%m/%d/%Y %I:%M %p},{ohlc(rows, k)},{lots(rows, k)}\n" for k, t in enumerate(times)
    )


def milliseconds(rows: Rows) -> str:
    return "".join(
        f"{int(ts) // 10**6}\t{ohlc(rows, k, chr(9))}\t{lots(rows, k)}\n"
        for k, ts in enumerate(rows.ts)
    )


def records(rows: Rows) -> str:
    return json.dumps(
        [
            {
                "timestamp": int(ts) // 10**9,
                "open": rows.open[k],
                "high": rows.high[k],
                "low": rows.low[k],
                "close": rows.close[k],
                "volume": lots(rows, k),
            }
            for k, ts in enumerate(rows.ts)
        ]
    )


def databento_json(rows: Rows) -> str:
    return "\n".join(
        json.dumps(
            {
                "hd": {"ts_event": str(int(ts)), "rtype": 33, "instrument_id": 4916},
                "open": str(round(rows.open[k] * 1e9)),
                "high": str(round(rows.high[k] * 1e9)),
                "low": str(round(rows.low[k] * 1e9)),
                "close": str(round(rows.close[k] * 1e9)),
                "volume": f"{lots(rows, k)}",
            }
        )
        for k, ts in enumerate(rows.ts)
    )


def chart_answer(rows: Rows) -> str:
    quote = {
        name: [float(v) for v in getattr(rows, name)]
        for name in ("open", "high", "low", "close", "volume")
    }
    result = {
        "meta": {"symbol": "ES=F"},
        "timestamp": [int(ts) // 10**9 for ts in rows.ts],
        "indicators": {"quote": [quote]},
    }
    return json.dumps({"chart": {"result": [result], "error": None}})


# name of the file, writer, zone found, stamps found, delimiter, header, contract it is filed under
CASES = [
    ("ES 06-25.Last.txt", ninjatrader, "UTC", "close", ";", False, "M25"),
    ("es_ts.txt", tradestation, "America/Chicago", "close", ",", True, "continuous"),
    ("ESM25-CME.scid_BarData.txt", sierra, "America/Chicago", "open", ",", True, "M25"),
    ("es_tv.csv", tradingview, "UTC", "open", ",", True, "continuous"),
    ("es_tv2.csv", tradingview_iso, "UTC", "open", ",", True, "continuous"),
    ("es_yf.csv", yahoo, "UTC", "open", ",", True, "continuous"),
    ("es_dbn.csv", databento, "UTC", "open", ",", True, "M25"),
    ("es_mt.csv", metatrader, "Europe/Athens", "open", "\t", True, "continuous"),
    ("es_eu.csv", european, "Europe/Berlin", "open", ";", True, "continuous"),
    ("esm25_bc.csv", barchart, "America/Chicago", "open", ",", True, "M25"),
    ("es_12h.csv", twelve_hours, "America/New_York", "open", ",", True, "continuous"),
    ("es_ms.txt", milliseconds, "UTC", "open", "\t", False, "continuous"),
    ("es_records.json", records, "UTC", "open", "", None, "continuous"),
    ("es_dbn.json", databento_json, "UTC", "open", "", None, "continuous"),
    ("es_chart.json", chart_answer, "UTC", "open", "", None, "continuous"),
]


@pytest.mark.parametrize(
    ("name", "writer", "zone", "stamp", "delimiter", "header", "contract"),
    CASES,
    ids=[case[0] for case in CASES],
)
def test_vendor_file_comes_in_as_the_bars_it_was_made_of(
    name: str,
    writer: Callable[[Rows], str],
    zone: str,
    stamp: str,
    delimiter: str,
    header: bool | None,
    contract: str,
    market: Market,
    tmp_path: Path,
) -> None:
    made = market(days=5)
    file = tmp_path / name
    file.write_text(writer(made), encoding="utf-8")
    report = import_file(file, "ES", tmp_path / "data")
    form = report.form
    assert (form.zone, form.stamp, form.delimiter, form.header) == (zone, stamp, delimiter, header)
    assert form.base_s == 60
    assert [filed.contract for filed in report.filed] == [contract]
    assert_equal(load_bars(tmp_path / "data", "ES"), made)


def assert_equal(bars: object, made: Rows) -> None:
    for column in ("ts", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(bars, column), getattr(made, column), column)


@pytest.mark.parametrize("stamp", ["open", "close"])
@pytest.mark.parametrize("base_s", [60, 300, 900, 1800, 3600])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "America/Chicago", "Asia/Tokyo"])
def test_zone_and_stamps_are_told_by_the_trading_hours(
    zone: str, base_s: int, stamp: str, market: Market, tmp_path: Path
) -> None:
    made = market(days=6, base_s=base_s)
    times = stamps(made, zone, base_s if stamp == "close" else 0)
    lines = [f"{t:%Y-%m-%d %H:%M},{ohlc(made, k)},5\n" for k, t in enumerate(times)]
    file = tmp_path / "es.csv"
    file.write_text("".join(lines))
    report = import_file(file, None, tmp_path / "data")
    assert report.form.base_s == base_s
    if base_s < 3600:  # closes of hourly bars look like opens one zone further west
        assert (report.form.zone, report.form.stamp) == (zone, stamp)
    np.testing.assert_array_equal(load_bars(tmp_path / "data", "ES").ts, made.ts)


def test_an_index_that_was_saved_without_a_name(market: Market, tmp_path: Path) -> None:
    made = market(days=2)
    columns = {name: getattr(made, name) for name in ("open", "high", "low", "close", "volume")}
    moments = pa.array(made.ts, type=pa.timestamp("ns", tz="UTC"))
    pq.write_table(pa.table({**columns, "__index_level_0__": moments}), tmp_path / "es.parquet")
    assert_equal(load_bars(tmp_path / "es.parquet", "ES"), made)


def test_winter_and_summer_in_one_file(market: Market, tmp_path: Path) -> None:
    made = market("2025-03-05", days=8)
    file = tmp_path / "es.csv"
    file.write_text(twelve_hours(made))
    report = import_file(file, None, tmp_path / "data")
    assert report.form.zone == "America/New_York"
    assert_equal(load_bars(tmp_path / "data", "ES"), made)


def test_day_session_alone_still_tells_the_zone(market: Market, tmp_path: Path) -> None:
    made = market(days=5, minutes=(930, 1320))
    file = tmp_path / "es.csv"
    file.write_text(
        "".join(
            f"{t:%Y-%m-%d %H:%M},{ohlc(made, k)}\n"
            for k, t in enumerate(stamps(made, "America/Chicago", 60))
        )
    )
    report = import_file(file, None, tmp_path / "data")
    assert (report.form.zone, report.form.stamp) == ("America/Chicago", "close")
    np.testing.assert_array_equal(load_bars(tmp_path / "data", "ES").ts, made.ts)


def test_what_was_told_wins_over_what_was_found(market: Market, tmp_path: Path) -> None:
    made = market(days=5, minutes=(100, 400))
    file = tmp_path / "es.csv"
    file.write_text(
        "".join(
            f"{t:%Y-%m-%d %H:%M},{ohlc(made, k)}\n"
            for k, t in enumerate(stamps(made, "Asia/Tokyo", 60))
        )
    )
    report: ImportReport = import_file(
        file, None, tmp_path / "data", tz="Asia/Tokyo", stamp="close"
    )
    assert report.form.why_zone == "as told"
    np.testing.assert_array_equal(load_bars(tmp_path / "data", "ES").ts, made.ts)
