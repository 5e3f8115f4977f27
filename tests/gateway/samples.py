"""Rows as the venue writes them, to be spoilt by the tests."""

from typing import Any, Final

ORDER: Final[dict[str, Any]] = {
    "id": 3500000001,
    "accountId": 501,
    "contractId": "CON.F.US.MES.Z26",
    "symbolId": "F.US.MES",
    "creationTimestamp": "2026-11-20T15:26:02.15673+00:00",
    "updateTimestamp": "2026-11-20T15:27:00.301751+00:00",
    "status": 1,
    "type": 1,
    "side": 1,
    "size": 2,
    "limitPrice": 6335.250000000,
    "stopPrice": None,
    "fillVolume": 0,
    "filledPrice": None,
    "customTag": "j-0001-TP",
    "parentOrderId": 3500000000,
}
POSITION: Final[dict[str, Any]] = {
    "id": 61,
    "accountId": 501,
    "contractId": "CON.F.US.MES.Z26",
    "creationTimestamp": "2026-11-20T15:26:02.1+00:00",
    "type": 1,
    "size": 2,
    "averagePrice": 6335.375,
}
TRADE: Final[dict[str, Any]] = {
    "id": 91,
    "accountId": 501,
    "contractId": "CON.F.US.MES.Z26",
    "creationTimestamp": "2026-11-20T15:26:02.1234567+00:00",
    "price": 6335.25,
    "profitAndLoss": None,
    "fees": 0.36,
    "side": 0,
    "size": 2,
    "voided": False,
    "orderId": 3500000000,
}
ACCOUNT: Final[dict[str, Any]] = {
    "id": 501,
    "name": "PRAC-V2-1-2",
    "balance": 50000.12,
    "canTrade": True,
    "isVisible": True,
    "simulated": True,
}
CONTRACT: Final[dict[str, Any]] = {
    "id": "CON.F.US.MES.Z26",
    "name": "MESZ6",
    "description": "Micro E-mini S&P 500: December 2026",
    "tickSize": 0.25,
    "tickValue": 1.25,
    "activeContract": True,
    "symbolId": "F.US.MES",
}


def spoilt(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The row with fields changed; `...` takes a field away."""
    changed = {**row, **changes}
    return {key: value for key, value in changed.items() if value is not ...}
