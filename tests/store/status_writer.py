"""A bot of its own process that writes its status again and again: FOLDER COUNT."""

import sys
import threading
from pathlib import Path

from julie.store.status import StatusFile
from tests.store.test_status import look

if __name__ == "__main__":
    file = StatusFile(Path(sys.argv[1]))
    for count in range(int(sys.argv[2])):
        file.write(look(count))
        threading.Event().wait(0.01)
