"""Tables and models: written with a manifest, verified on reading, refused with the reason."""

import json
from pathlib import Path

import numpy as np
import pytest

from julie.core.errors import ModelError
from julie.store.artifacts import (
    Artifact,
    DataUsed,
    Manifest,
    Refused,
    manifest_path,
    open_artifact,
    require_artifact,
    write_artifact,
)

USED = DataUsed("es_1m.parquet", "ab" * 32, "ES", 60, 1_000, 2_000)


def manifest(**changed: object) -> Manifest:
    fields: dict[str, object] = {
        "name": "regime",
        "fitted": "follow, fade or off by bucket and side",
        "data": (USED,),
        "params": {"k": 3.5},
        "seed": 7,
        "trials": 144,
        "metrics_in_sample": {"net": 12.5},
        "metrics_out_of_sample": {"net": -1.0},
        "features": ("atr", "rvol"),
    }
    return Manifest(**(fields | changed))  # type: ignore[arg-type]


def refusal(folder: Path, **needs: object) -> str:
    found = open_artifact(folder, "regime", **needs)  # type: ignore[arg-type]
    assert isinstance(found, Refused), found
    return found.reason


def test_a_table_comes_back_with_its_manifest(tmp_path: Path) -> None:
    table = {"Q1_W1_MON_ASIA": {"stop": 1.5}}
    written = write_artifact(tmp_path, manifest(), table=table)
    found = require_artifact(tmp_path, "regime", features=("atr", "rvol"), instrument="ES")
    assert found.table == table
    assert found.manifest == written
    assert found.manifest.fitted_ranges == ((1_000, 2_000),)
    assert found.manifest.versions["numpy"] == np.__version__


def test_arrays_come_back_bit_by_bit(tmp_path: Path) -> None:
    arrays = {"means": np.random.default_rng(1).normal(size=(5, 3)), "order": np.arange(5)}
    write_artifact(tmp_path, manifest(), arrays=arrays)
    found = open_artifact(tmp_path, "regime")
    assert isinstance(found, Artifact)
    assert set(found.arrays) == {"means", "order"}
    np.testing.assert_array_equal(found.arrays["means"], arrays["means"])


def test_absent_is_not_broken(tmp_path: Path) -> None:
    found = open_artifact(tmp_path, "regime")
    assert isinstance(found, Refused)
    assert found.absent
    with pytest.raises(ModelError, match=r"no regime\.manifest\.json"):
        require_artifact(tmp_path, "regime")


def test_a_changed_payload_is_refused(tmp_path: Path) -> None:
    write_artifact(tmp_path, manifest(), table={"a": 1})
    (tmp_path / "regime.json").write_text('{"a": 2}')
    assert "not the file that its manifest describes" in refusal(tmp_path)
    (tmp_path / "regime.json").unlink()
    assert "cannot be read" in refusal(tmp_path)


def test_what_does_not_fit_is_refused_with_the_reason(tmp_path: Path) -> None:
    write_artifact(tmp_path, manifest(), table={"a": 1})
    assert "needed are ['atr']" in refusal(tmp_path, features=("atr",))
    assert "fitted on ES, not on NQ" in refusal(tmp_path, instrument="NQ")


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("schema", 2, "schema 2"),
        ("name", "other", "speaks of 'other'"),
        ("payload", "../secret.json", "speaks of"),
        ("surprise", 1, "cannot be read"),
    ],
)
def test_a_manifest_that_does_not_agree_is_refused(
    key: str, value: object, reason: str, tmp_path: Path
) -> None:
    write_artifact(tmp_path, manifest(), table={"a": 1})
    file = manifest_path(tmp_path, "regime")
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    assert reason in refusal(tmp_path)


def test_a_broken_manifest_is_refused(tmp_path: Path) -> None:
    write_artifact(tmp_path, manifest(), table={"a": 1})
    manifest_path(tmp_path, "regime").write_text("{")
    assert "cannot be read" in refusal(tmp_path)


def test_nothing_that_could_execute_is_stored_or_opened(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="arrays of objects"):
        write_artifact(tmp_path, manifest(), arrays={"x": np.array([{}], dtype=object)})
    with pytest.raises(ModelError, match="cannot be written as JSON"):
        write_artifact(tmp_path, manifest(), table={"x": float("nan")})
    with pytest.raises(ModelError, match="either a table or arrays"):
        write_artifact(tmp_path, manifest())
