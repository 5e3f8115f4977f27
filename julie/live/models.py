"""Tables and models that were laid beside the program: used only when they are whole.

A file that does not agree with its manifest is named with its reason and not used: what stands on a
model is silent, a table's root values hold. With `models.required` nothing starts without it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from julie.core.errors import ModelError
from julie.core.events import Alarm
from julie.settings import ModelsSection
from julie.store.artifacts import Refused, open_artifact

MANIFEST: Final = ".manifest.json"


def refused_models(section: ModelsSection) -> Iterator[Alarm]:
    """An alarm for each file that cannot be used."""
    folder = Path(section.folder)
    for file in sorted(folder.glob(f"*{MANIFEST}")):
        name = file.name.removesuffix(MANIFEST)
        found = open_artifact(folder, name)
        if isinstance(found, Refused):
            yield Alarm("model_refused", f"{name}: {found.reason}")


def refuse_damaged(section: ModelsSection) -> None:
    """Raise where a damaged file may not be gone on without."""
    for alarm in refused_models(section) if section.required else ():
        raise ModelError(
            alarm.text,
            "install the file anew, calibrate again, or set models.required to false",
            "no order was sent",
        )
