"""`julie` on a machine whose clock shows another time: `at_the_time.py OFFSET_NS words...`.

So the bot trades a simulated market as it trades the venue's: on the machine's own clock.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T", int, float)


def shifted(real: Callable[[], T], offset: T) -> Callable[[], T]:
    """The machine's time, moved."""
    return lambda: real() + offset


if __name__ == "__main__":
    moved_ns = int(sys.argv[1])
    time.time_ns = shifted(time.time_ns, moved_ns)
    time.time = shifted(time.time, moved_ns / 1e9)  # noqa: TID251  # the log's lines are of it
    from julie.cli.main import main

    main(sys.argv[2:])
