"""An order that a person tries the way out with: it passes the gate as every entry does.

No strategy asked for it, so no judge is asked either; what an entry may cost and how often one may
leave binds it all the same. What it would lose at its stop must fit under the limits of the day.
"""

from typing import Any

from julie.core.permits import Approved, Entry
from julie.core.types import Reason
from julie.risk.approval import approve
from julie.risk.gate import gate


def limits_known(record: Any) -> bool:
    """Whether the day's limits were measured: with the first minute that the desk decides on."""
    return int(record.account[0]["day"]) != 0


def approve_trial(record: Any, row: Any, entry: Entry) -> Approved[Entry] | Reason:
    """The approval, or why there is none; `row` is the entry as a table of one candidate."""
    reason = Reason(int(gate(record, row, 0, entry.qty)))
    return approve(entry) if reason is Reason.NONE else reason
