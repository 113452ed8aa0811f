"""Settings that are read at once: the reporting zone is a name that exists, or an error that says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.config import Settings


@pytest.mark.parametrize(
    ("given", "zone"),
    [
        (None, "UTC"),
        ("", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Europe/Berlin", "Europe/Berlin"),
        (" Asia/Kolkata ", "Asia/Kolkata"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ],
)
def test_the_reporting_zone_is_a_name(given: str | None, zone: str) -> None:
    env = {} if given is None else {"COSTOPS_REPORTING_TIME_ZONE": given}
    assert Settings.from_env(env).reporting_time_zone == zone


@pytest.mark.parametrize("given", ["Mars/Base", "CEST", "+02:00", "europe/berlin", "localtime", "x'; drop table t; --"])
def test_another_zone_is_an_error_that_names_the_variable_and_what_to_write(given: str) -> None:
    with pytest.raises(ValueError, match=r"COSTOPS_REPORTING_TIME_ZONE .* an IANA name like Europe/Berlin is expected"):
        Settings.from_env({"COSTOPS_REPORTING_TIME_ZONE": given})


def test_a_near_miss_is_answered_with_the_name_that_was_meant() -> None:
    with pytest.raises(ValueError, match=r"did you mean Europe/Berlin\?"):
        Settings.from_env({"COSTOPS_REPORTING_TIME_ZONE": "europe/berlin"})


def test_variables_of_channels_and_exports_are_taken_by_their_beginning_and_never_shown() -> None:
    given = {
        "COSTOPS_ALERT_WEBHOOK_URL": "https://x/secret",
        "COSTOPS_ALERT_MINE": "",
        "COSTOPS_PUBLISH_PLACE": "secret",
    }
    settings = Settings.from_env(given, Path("home"))
    assert settings.alert_variables == {"COSTOPS_ALERT_WEBHOOK_URL": "https://x/secret"}
    assert settings.publish_variables == {"COSTOPS_PUBLISH_PLACE": "secret"}
    assert "secret" not in repr(settings)
