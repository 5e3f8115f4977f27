"""The base of every section of config.yaml: frozen, typed, refusing unknown keys.

Each room describes its own section in `<room>/config.py`; `key` states a default, the words that a
person reads beside it and its unit.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Section(BaseModel):
    """Base of every section."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def key(
    default: Any,
    text: str,
    unit: str = "",
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
) -> Any:
    """A key of a section: default, explanation, unit and limits."""
    words = f"[{unit}] {text}" if unit else text
    return Field(default, description=words, ge=ge, gt=gt, le=le, lt=lt)
