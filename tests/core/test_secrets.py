"""Secrets come from the environment or .env and show themselves to nobody."""

from pathlib import Path

from julie.core.secrets import read_secrets


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
