"""Writes requirements.lock: the exact version of everything that `.[dev]` installs.

Versions already locked stay, unless pyproject.toml forbids them or `--upgrade` is given. pip
resolves the set without installing it, so what the environment happens to hold does not matter.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
HEADER = """\
# Exact versions of the runtime and the tools of development; `make lock` rewrites this file.
# The extras ui, train and bench are not in it.
"""


def resolve(upgrade: bool) -> dict[str, str]:
    """Name and version of each package that pip would install into an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--report", str(report), f"{ROOT}[dev]"]
        if LOCK.exists() and not upgrade:
            command += ["--constraint", str(LOCK)]
        print(" ".join(command))
        subprocess.run(command, check=True)
        found = json.loads(report.read_text())["install"]
    pairs = ((item["metadata"]["name"], item["metadata"]["version"]) for item in found)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pairs}


def main() -> int:
    """Resolve and write."""
    packages = resolve("--upgrade" in sys.argv[1:])
    packages.pop("julie", None)
    lines = [f"{name}=={version}" for name, version in sorted(packages.items())]
    LOCK.write_text(HEADER + "\n".join(lines) + "\n")
    print(f"requirements.lock: {len(lines)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
