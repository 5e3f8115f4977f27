"""A bot of its own process that holds an account until it is killed: FOLDER."""

import sys
import threading
from pathlib import Path

from julie.live.account_lock import AccountLock

if __name__ == "__main__":
    lock = AccountLock(
        "https://api.example.com", "4711", "live-7", Path("data/live"), Path(sys.argv[1])
    )
    sys.stdout.write("held\n")
    sys.stdout.flush()
    threading.Event().wait(60)
