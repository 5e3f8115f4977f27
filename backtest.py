"""`python backtest.py` is `julie backtest`: the whole portfolio over history, and its report."""

import sys

from julie.cli.main import main

if __name__ == "__main__":
    main(["backtest", *sys.argv[1:]])
