"""The seal that makes an approval. Only `julie.risk` imports it; the import contracts see to it."""

from typing import Final


class Seal:
    """Its one instance stands below; `Approved` accepts no other."""

    __slots__ = ()


SEAL: Final = Seal()
