"""Section `data`: where bars lie, and how contracts follow one another."""

from typing import Literal

from pydantic import Field, model_validator

from julie.core.section import Section, key


class DataSection(Section):
    """Bars and rolls."""

    folder: str = key("data", "bars, logs and journal lie below it", "folder")
    adjust: Literal["back", "raw"] = key(
        "back", "over a roll: shift the past to the last contract, or leave it as traded"
    )
    symbol_mode: Literal["auto_by_day", "fixed", "continuous"] = key(
        "auto_by_day",
        "contract of a day: chosen from the day before, one, or as the file joins them",
    )
    roll_by: Literal["volume", "rows"] = key("volume", "what auto_by_day compares")
    contract: str | None = key(None, "for `symbol_mode: fixed`, such as ESZ6")
    map: dict[str, str] = Field({}, description="our column: column of the file")

    @model_validator(mode="after")
    def _agree(self) -> "DataSection":
        if self.symbol_mode == "fixed" and not self.contract:
            raise ValueError("symbol_mode fixed needs a contract, such as contract: ESZ6")
        if self.symbol_mode != "fixed" and self.contract:
            raise ValueError(f"contract {self.contract} contradicts symbol_mode {self.symbol_mode}")
        return self
