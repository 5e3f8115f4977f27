"""`python run_bot.py` is `julie run`: the bot, on a simulated gateway of its own."""

import sys

from julie.cli.main import main

if __name__ == "__main__":
    main(["run", *sys.argv[1:]])
