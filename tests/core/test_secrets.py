"""Secrets come from the environment or .env and show themselves to nobody."""

import shutil
import subprocess
from pathlib import Path

import pytest

from julie.core.errors import Exit
from julie.core.secrets import SecretsExposed, exposed, read_secrets, refuse_exposed


def test_the_environment_wins_and_nothing_is_shown(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PROJECTX_USERNAME=from_file\nPROJECTX_API_KEY='k3y'\nPROJECTX_ACCOUNT_ID=\n")
    secrets = read_secrets(file, {"PROJECTX_USERNAME": "from_env", "OTHER": "x"})
    name, api_key = secrets.get("PROJECTX_USERNAME"), secrets.get("PROJECTX_API_KEY")
    assert name is not None
    assert name.get_secret_value() == "from_env"
    assert secrets.sources["PROJECTX_USERNAME"] == "environment"
    assert api_key is not None
    assert api_key.get_secret_value() == "k3y"
    assert secrets.get("PROJECTX_ACCOUNT_ID") is None
    assert "k3y" not in repr(secrets)


def test_no_file_is_no_secret(tmp_path: Path) -> None:
    assert read_secrets(tmp_path / ".env", {}).values == {}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"\xff\xfeP\0R\0", ".env is no UTF-8 text (byte 1) -> save it again as UTF-8"),
        (b'A=1\nPROJECTX_API_KEY="k3y\n', "line 2 of "),
    ],
)
def test_a_file_that_cannot_be_understood_is_told(
    tmp_path: Path, written: bytes, told: str
) -> None:
    (tmp_path / ".env").write_bytes(written)
    found = read_secrets(tmp_path / ".env", {"PROJECTX_USERNAME": "me"})
    (fault,) = found.faults
    assert told in fault
    assert "k3y" not in fault
    assert set(found.values) == {"PROJECTX_USERNAME"}, "what stands elsewhere counts"


def test_a_mark_at_the_begin_of_a_file_is_no_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("PROJECTX_API_KEY=k3y\n".encode("utf-8-sig"))
    found = read_secrets(tmp_path / ".env", {})
    assert (set(found.values), found.faults) == ({"PROJECTX_API_KEY"}, ())


def test_the_keyring_is_asked_last(tmp_path: Path) -> None:
    asked: list[str] = []

    def keyring(name: str) -> str | None:
        asked.append(name)
        return "from_keyring" if name == "PROJECTX_API_KEY" else None

    secrets = read_secrets(tmp_path / ".env", {"PROJECTX_USERNAME": "me"}, keyring)
    assert secrets.sources == {"PROJECTX_USERNAME": "environment", "PROJECTX_API_KEY": "keyring"}
    assert "PROJECTX_USERNAME" not in asked
    assert secrets.hidden() == ("me", "from_keyring")


def test_a_file_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert exposed(file) == []
    file.write_text("PROJECTX_API_KEY=k3y\n")
    file.chmod(0o644)
    (told,) = exposed(file)
    assert told == f"{file} can be read by other users of this machine -> chmod 600 {file}"
    with pytest.raises(SecretsExposed) as found:
        refuse_exposed(file)
    assert found.value.exit_code == Exit.ENVIRONMENT
    file.chmod(0o600)
    refuse_exposed(file)


def test_a_file_that_git_keeps(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PROJECTX_API_KEY=k3y\n")
    file.chmod(0o600)
    git = shutil.which("git") or "git"
    subprocess.run([git, "init", "-q", str(tmp_path)], check=True)
    assert exposed(file) == []
    subprocess.run([git, "-C", str(tmp_path), "add", ".env"], check=True)
    (told,) = exposed(file)
    assert "is kept by git" in told
