"""Tables and models on disk, each with a manifest that says what it is and proves that it is whole.

A table is JSON, arrays are npz without objects: nothing that is read can execute code. Beside the
payload `regime.json` lies `regime.manifest.json`. What does not agree with its manifest, or with
what the reader needs, is refused with the reason; the caller then goes on without it and says so.
"""

import hashlib
import io
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from julie import __version__
from julie.core.errors import ModelError
from julie.store.atomic import atomic, write_text

SCHEMA: Final = 1
LIBRARIES: Final = ("numpy", "numba", "scipy", "pyarrow")

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class DataUsed:
    """One set of bars that something was fitted on; times in ns UTC."""

    source: str
    sha256: str
    instrument: str
    base_s: int
    first_ts: int
    last_ts: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was fitted, on what, how, and how well."""

    name: str
    fitted: str  # in words: what this is and what it was fitted to
    data: tuple[DataUsed, ...]
    params: Mapping[str, Any]
    seed: int | None
    trials: int
    metrics_in_sample: Mapping[str, float]
    metrics_out_of_sample: Mapping[str, float]
    features: tuple[str, ...] = ()
    code_version: str = __version__
    versions: Mapping[str, str] = field(default_factory=dict)
    payload: str = ""  # name of the file beside the manifest
    sha256: str = ""
    schema: int = SCHEMA

    @property
    def fitted_ranges(self) -> tuple[tuple[int, int], ...]:
        """First and last bar of each set it was fitted on; trades inside are in sample."""
        return tuple((used.first_ts, used.last_ts) for used in self.data)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A verified payload: a table, or arrays."""

    manifest: Manifest
    table: Mapping[str, Any]
    arrays: Arrays


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an artifact is not used; `absent` where there is none at all."""

    name: str
    reason: str
    absent: bool = False


def library_versions(more: Sequence[str] = ()) -> dict[str, str]:
    """Versions of Python and of the libraries that a result depends on."""
    found = {"python": platform.python_version()}
    for name in (*LIBRARIES, *more):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # not installed: nothing depended on it
    return found


def manifest_path(folder: Path, name: str) -> Path:
    """Where the manifest of an artifact lies."""
    return folder / f"{name}.manifest.json"


def write_artifact(
    folder: Path,
    manifest: Manifest,
    *,
    table: Mapping[str, Any] | None = None,
    arrays: Arrays | None = None,
) -> Manifest:
    """Write a table or arrays with their manifest; returns the manifest as written."""
    if (table is None) == (arrays is None):
        raise ModelError(f"{manifest.name}: give either a table or arrays")
    payload = _json_bytes(manifest.name, table) if arrays is None else _npz_bytes(arrays)
    ending = "json" if arrays is None else "npz"
    stored = Manifest(
        **{
            **_fields(manifest),
            "versions": {**library_versions(), **manifest.versions},
            "payload": f"{manifest.name}.{ending}",
            "sha256": hashlib.sha256(payload).hexdigest(),
        }
    )
    with atomic(folder / stored.payload) as part:
        part.write_bytes(payload)
    text = json.dumps(asdict(stored), indent=2, ensure_ascii=False, allow_nan=False)
    write_text(manifest_path(folder, manifest.name), text + "\n")
    return stored


def open_artifact(
    folder: Path,
    name: str,
    *,
    features: Sequence[str] | None = None,
    instrument: str | None = None,
) -> Artifact | Refused:
    """The artifact if it is whole and fits what is needed, else why not."""
    file = manifest_path(folder, name)
    if not file.is_file():
        return Refused(name, f"no {file.name} in {folder}", absent=True)
    manifest = _manifest(file)
    if isinstance(manifest, str):
        return Refused(name, manifest)
    reason = _mismatch(manifest, name, features, instrument)
    if reason:
        return Refused(name, reason)
    try:
        payload = (folder / manifest.payload).read_bytes()
    except OSError as error:
        return Refused(name, f"{manifest.payload} cannot be read: {error.strerror}")
    if hashlib.sha256(payload).hexdigest() != manifest.sha256:
        return Refused(name, f"{manifest.payload} is not the file that its manifest describes")
    return _opened(manifest, payload)


def require_artifact(folder: Path, name: str, **needs: Any) -> Artifact:
    """The artifact, or an error where nothing can go on without it."""
    found = open_artifact(folder, name, **needs)
    if isinstance(found, Refused):
        raise ModelError(f"{name}: {found.reason}", "calibrate or train it again")
    return found


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__slots__}


def _json_bytes(name: str, table: Mapping[str, Any] | None) -> bytes:
    try:
        return json.dumps(table, indent=1, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise ModelError(f"{name}: the table cannot be written as JSON ({error})") from error


def _npz_bytes(arrays: Arrays) -> bytes:
    objects = [name for name, array in arrays.items() if array.dtype.hasobject]
    if objects:
        raise ModelError(f"arrays of objects are not stored: {', '.join(objects)}")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **dict(arrays))
    return buffer.getvalue()


def _manifest(file: Path) -> Manifest | str:
    """The manifest, or what is wrong with it."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        data = tuple(DataUsed(**used) for used in content.pop("data"))
        features = tuple(content.pop("features"))
        return Manifest(data=data, features=features, **content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        return f"{file.name} cannot be read ({type(error).__name__}: {error})"


def _mismatch(
    manifest: Manifest, name: str, features: Sequence[str] | None, instrument: str | None
) -> str:
    if manifest.schema != SCHEMA:
        return f"its manifest has schema {manifest.schema}, this program reads {SCHEMA}"
    if manifest.name != name or Path(manifest.payload).name != manifest.payload:
        return f"its manifest speaks of {manifest.name!r} ({manifest.payload})"
    if features is not None and tuple(features) != manifest.features:
        return f"it was fitted on {list(manifest.features)}, needed are {list(features)}"
    fitted_on = sorted({used.instrument for used in manifest.data})
    if instrument is not None and instrument not in fitted_on:
        return f"it was fitted on {', '.join(fitted_on) or 'nothing'}, not on {instrument}"
    return ""


def _opened(manifest: Manifest, payload: bytes) -> Artifact | Refused:
    try:
        if manifest.payload.endswith(".json"):
            return Artifact(manifest, json.loads(payload), {})
        with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
            return Artifact(manifest, {}, {name: stored[name] for name in stored.files})
    except (ValueError, OSError, KeyError) as error:
        return Refused(manifest.name, f"{manifest.payload} cannot be opened ({error})")
