"""The door of the operator's window, which this version does not have yet."""

import sys

from julie.core.errors import Exit

if __name__ == "__main__":
    sys.stderr.write(
        "this version of Julie has no window: its report opens in a browser\n"
        "-> `python backtest.py` writes one and prints where it is\n"
    )
    sys.exit(Exit.ENVIRONMENT)
