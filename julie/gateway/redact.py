"""Takes secrets out of a text before anybody reads it: keys, tokens, account names.

Known values go by name, unknown ones by their shape; the venue's hub addresses carry the token, and
its answers repeat names and tokens as JSON fields.
"""

import re
from collections.abc import Iterable
from typing import Final

MASK: Final = "***"
SHORTEST: Final = 4  # a shorter "secret" would blank out half of every text

_JSON_FIELD: Final = re.compile(
    r'("(?:userName|apiKey|token|newToken|access_token|name|password|verifyKey)"\s*:\s*)'
    r'(?:"(?:[^"\\]|\\.)*"?|[^,}\s]+)',
    re.IGNORECASE,
)
_SHAPES: Final = (
    re.compile(r"eyJ[\w-]+(?:\.[\w-]*){0,2}"),  # a JSON web token
    re.compile(r"(?<=access_token=)[^&\s\"']+", re.IGNORECASE),
    re.compile(r"(?<=bearer )[^\s\"',]+", re.IGNORECASE),
)


class Redactor:
    """Masks what it was told and what looks like a secret."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """Mask this text from now on."""
        if len(secret) >= SHORTEST:
            self._secrets.add(secret)

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        text = _JSON_FIELD.sub(rf'\1"{MASK}"', text)
        for shape in _SHAPES:
            text = shape.sub(MASK, text)
        return text
