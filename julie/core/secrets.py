"""Keys and passwords: from the environment, else from a `.env` file; never from config.yaml.

A secret is shown by nobody: its text stands only where `get_secret_value()` is called.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from pydantic import SecretStr

NAMES: Final = (
    "PROJECTX_API_URL",
    "PROJECTX_USER_HUB",
    "PROJECTX_MARKET_HUB",
    "PROJECTX_USERNAME",
    "PROJECTX_API_KEY",
    "PROJECTX_ACCOUNT_ID",
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets that were found, and where."""

    values: Mapping[str, SecretStr]
    sources: Mapping[str, str]

    def get(self, name: str) -> SecretStr | None:
        """A secret by name; None where nobody gave it."""
        return self.values.get(name)


def read_secrets(file: Path = Path(".env"), environment: Mapping[str, str] = os.environ) -> Secrets:
    """The known names; the environment wins over the file, and an empty value is none."""
    in_file = dotenv_values(file) if file.is_file() else {}
    values: dict[str, SecretStr] = {}
    sources: dict[str, str] = {}
    for name in NAMES:
        for source, given in (("environment", environment), (str(file), in_file)):
            text = given.get(name)
            if text and name not in values:
                values[name], sources[name] = SecretStr(text), source
    return Secrets(values, sources)
