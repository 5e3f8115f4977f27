"""YAML reads as a person reads it."""

from typing import Any

import pytest

from julie.core.yaml_source import scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("off", "off"),
        ("yes", "yes"),
        ("true", True),
        ("15:05", "15:05"),
        ("09:30", "09:30"),
        ("2026-11-21", "2026-11-21"),
        ("010", 10),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("-2", -2),
        ("", None),
        ("null", None),
        ("[true, off, 1.5, 14:00]", [True, "off", 1.5, "14:00"]),
    ],
)
def test_plain_values(text: str, value: Any) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)
