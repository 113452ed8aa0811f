"""A home is its user's alone unless the settings say otherwise; doctor names what is open and what changed."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.config import Settings
from orchestration.home.lock import hold_home
from orchestration.home.paths import prepare_home
from orchestration.home.privacy import too_open
from orchestration.running.addresses import changed_addresses
from orchestration.running.doctor import print_diagnosis
from orchestration.text.terminal import SafeConsole


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    environment = dict(os.environ)
    yield
    os.umask(before)
    os.environ.clear()
    os.environ.update(environment)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_and_all_in_it_is_private(tmp_path: Path) -> None:
    settings = Settings.from_env({}, home=tmp_path / "home")
    prepare_home(settings)
    with hold_home(settings):
        settings.warehouse_path.write_text("")
    open_to_others = {path for path in settings.home.rglob("*") if _mode(path) & 0o077}
    assert _mode(settings.home) == 0o700
    assert open_to_others == set()


def test_a_home_of_before_is_closed_and_its_drop_folder_keeps_its_rights(tmp_path: Path) -> None:
    settings = Settings.from_env({}, home=tmp_path / "home")
    (settings.home / "drop").mkdir(parents=True)
    settings.published_dir.mkdir()
    settings.warehouse_path.write_text("")
    prepare_home(settings)
    paths = (settings.home, settings.published_dir, settings.warehouse_path)
    assert [_mode(path) for path in paths] == [0o700, 0o700, 0o600]
    assert _mode(settings.home / "drop") == 0o755


def test_a_group_may_be_let_in(tmp_path: Path) -> None:
    settings = Settings.from_env({"COSTOPS_HOME_MODE": "0750"}, home=tmp_path / "home")
    prepare_home(settings)
    settings.warehouse_path.write_text("")
    assert (_mode(settings.home), _mode(settings.warehouse_path)) == (0o750, 0o640)
    assert too_open(settings) == []


@pytest.mark.parametrize("text", ["700x", "600", "rwx", "0077", "1777"])
def test_rights_that_cannot_be_read_name_their_variable(text: str) -> None:
    with pytest.raises(ValueError, match="COSTOPS_HOME_MODE"):
        Settings.from_env({"COSTOPS_HOME_MODE": text})


def test_doctor_names_an_open_home_and_changed_addresses(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    addresses = {
        "OPENAI_ADMIN_KEY": "hidden-key",
        "OPENAI_BASE_URL": "https://user:hidden-password@proxy.example/v1",
        "ANTHROPIC_BASE_URL": "http://evil.example",
        "COSTOPS_ALERT_WEBHOOK_URL": "http://chat.example/hook/hidden-token",
    }
    output = io.StringIO()
    print_diagnosis(Settings.from_env(addresses, home=home), SafeConsole(file=output, width=400))
    said = output.getvalue()
    assert f"{home} has mode 0755" in said
    assert "OPENAI_BASE_URL sends credentials to https://proxy.example/v1 instead of https://api.openai.com/v1" in said
    assert "ANTHROPIC_BASE_URL is http://evil.example: a credential would travel unencrypted" in said
    assert "COSTOPS_ALERT_WEBHOOK_URL sends alerts to chat.example unencrypted" in said
    assert "hidden" not in said


def test_the_addresses_of_providers_are_nothing_to_notice() -> None:
    assert changed_addresses(Settings.from_env({})) == []
