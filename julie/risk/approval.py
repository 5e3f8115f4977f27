"""The one place that makes an approval: what leaves here has passed size and gate."""

from julie.core.permits import Approved, Entry
from julie.core.seal import SEAL


def approve(entry: Entry) -> Approved[Entry]:
    """Seal an entry that the compiled gate let through; the desk calls it on nothing else."""
    return Approved(entry, SEAL)
