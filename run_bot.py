"""The door of the live bot, which this version does not have yet."""

import sys

from julie.core.errors import Exit

if __name__ == "__main__":
    sys.stderr.write(
        "this version of Julie trades history only: no order leaves this machine\n"
        "-> `python backtest.py` runs the portfolio over the sample data\n"
    )
    sys.exit(Exit.ENVIRONMENT)
