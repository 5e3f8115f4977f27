"""The locks before real money, each by itself: switch, account, a typed word."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from julie.core.errors import Exit, UsageError
from julie.gateway.wire import AccountRow
from julie.live.account_check import WrongAccount
from julie.live.live_locks import agree, confirmed, refuse_unless_enabled
from julie.settings import LiveSection

ROW = AccountRow(id=77, name="PRAC-V2-1", balance=Decimal(50_000), can_trade=True, simulated=True)
URL = "https://api.example"


def section(**changed: object) -> LiveSection:
    return LiveSection.model_validate({"enabled": True, "account_name": ROW.name} | changed)


def test_the_switch_is_off_and_the_account_unnamed_by_default() -> None:
    with pytest.raises(UsageError, match=r"live\.enabled is false"):
        refuse_unless_enabled(LiveSection())
    with pytest.raises(UsageError, match="account_name is empty"):
        refuse_unless_enabled(section(account_name=""))
    refuse_unless_enabled(section())


@pytest.mark.parametrize(
    "changed", [{"account_name": "XFA-1"}, {"practice": False}], ids=["name", "kind"]
)
def test_another_account_is_refused_with_the_code_of_a_login(changed: dict[str, object]) -> None:
    with pytest.raises(WrongAccount) as told:
        agree(ROW, section(**changed))
    assert told.value.exit_code is Exit.LOGIN
    assert told.value.cure
    agree(ROW, section())


@pytest.mark.parametrize(
    ("name", "simulated", "kind"),
    [
        ("PRAC-V2-1-2", True, "practice"),
        ("PRAC-V2-1-2", False, "REAL MONEY"),
        ("PRAC-V2-1-2", None, "REAL MONEY"),
        ("50KTC-V2-1-2", True, "TRADING COMBINE"),
        ("150KTC-V2-DLL-1-2", True, "TRADING COMBINE"),
        ("EXPRESS-V2-1-2", True, "EXPRESS FUNDED"),
        ("S1AUG12345", True, "REAL MONEY"),
        ("MY-PRAC-V2", True, "REAL MONEY"),
    ],
)
def test_only_a_practice_account_passes_as_one(
    name: str, simulated: bool | None, kind: str, tmp_path: Path
) -> None:
    row = AccountRow(id=7, name=name, balance=Decimal(1), can_trade=True, simulated=simulated)
    practice = kind == "practice"
    agree(row, section(account_name=name, practice=practice))
    with pytest.raises(WrongAccount):
        agree(row, section(account_name=name, practice=not practice))
    asked: list[str] = []

    def ask(told: str) -> str:
        asked.append(told)
        return "LIVE"

    confirmed(URL, row, ask, tmp_path)
    assert kind in asked[0]


def test_the_word_is_typed_once_for_an_account(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(word: str) -> Callable[[str], str]:
        def ask(told: str) -> str:
            asked.append(told)
            return word

        return ask

    with pytest.raises(WrongAccount, match="nobody is here"):
        confirmed(URL, ROW, None, tmp_path)
    with pytest.raises(WrongAccount, match="not confirmed"):
        confirmed(URL, ROW, answer("yes"), tmp_path)
    confirmed(URL, ROW, answer("LIVE\n"), tmp_path)
    assert "practice" in asked[-1]
    confirmed(URL, ROW, None, tmp_path)
    assert len(asked) == 2
    other = AccountRow(id=78, name="XFA", balance=Decimal(1), can_trade=True, simulated=False)
    with pytest.raises(WrongAccount):
        confirmed(URL, other, None, tmp_path)
    with pytest.raises(WrongAccount):
        confirmed(URL, other, answer("no"), tmp_path)
    assert "REAL MONEY" in asked[-1]
