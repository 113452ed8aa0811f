"""Variables as they were meant: quotes, blanks, a mark at the beginning of `.env`, names that nobody reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.config import Settings
from ingestion.environment import Environment, as_meant, of_file


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("/data/events", "/data/events"),
        (' "/data/my events" ', "/data/my events"),
        ("'sk-admin-1'\n", "sk-admin-1"),
        ('"', '"'),
        ('""', ""),
        ('"a" and "b"', '"a" and "b"'),
        ("it's", "it's"),
    ],
)
def test_quotes_and_blanks_around_a_value_are_no_part_of_it(given: str, meant: str) -> None:
    assert as_meant(given) == meant


def test_a_quoted_folder_is_that_folder(tmp_path: Path) -> None:
    """As a container's file of variables hands it over, which keeps quotes."""
    settings = Settings.from_env(
        {"COSTOPS_EVENTS_DIR": f' "{tmp_path}/events"', "COSTOPS_PUBLISH_FILES_DIR": "'s3://b/p'"}, home=tmp_path
    )
    assert settings.events_dir == tmp_path / "events"
    assert settings.publish_variables == {"COSTOPS_PUBLISH_FILES_DIR": "s3://b/p"}


def test_names_that_nobody_reads_are_kept_for_the_person_who_set_them(tmp_path: Path) -> None:
    env = {"COSTOPS_EVENT_DIR": "/x", "COSTOPS_HOME": "/y", "COSTOPS_ALERT_X": "z", "COSTOPS_LOST": " ", "OTHER": "1"}
    assert Settings.from_env(env, home=tmp_path).unread_variables == ("COSTOPS_EVENT_DIR",)
    assert Environment(env).unread(()) == ("COSTOPS_ALERT_X", "COSTOPS_EVENT_DIR", "COSTOPS_HOME")


def test_a_file_of_variables_may_begin_with_a_mark_and_end_lines_as_windows_does(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b'\xef\xbb\xbfCOSTOPS_REPORTING_CURRENCY=EUR\r\nCOSTOPS_HOLIDAYS="DE"\r\nCOSTOPS_EMPTY=\r\n')
    assert of_file(path) == {"COSTOPS_REPORTING_CURRENCY": "EUR", "COSTOPS_HOLIDAYS": "DE"}
    assert of_file(tmp_path / "absent") == {}


def test_a_file_of_variables_in_another_encoding_is_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes("# Zürich\nCOSTOPS_HOLIDAYS=CH\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"\.env cannot be read: it is not UTF-8; save it as UTF-8"):
        of_file(path)


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("COSTOPS_LAKE_URL", "s3:/bucket/x", "begins with s3: and is no address"),
        ("COSTOPS_BILLING_DIR", "gs:bucket", "begins with gs: and is no address"),
        ("COSTOPS_PUBLISH_FOCUS_DIR", "abfs:/c", "begins with abfs: and is no address"),
        ("COSTOPS_API_MAX_ATTEMPTS", "0", "a whole number from 1 on"),
        ("COSTOPS_API_REQUESTS_PER_MINUTE", "0", "a number above 0"),
        ("COSTOPS_API_TIMEOUT_SECONDS", "nan", "a number above 0"),
        ("COSTOPS_API_MAX_PULL_SECONDS", "inf", "a number above 0"),
    ],
)
def test_a_value_that_cannot_be_meant_is_an_error_that_names_its_variable(
    tmp_path: Path, variable: str, text: str, said: str
) -> None:
    with pytest.raises(ValueError, match=f"{variable} .*{said}"):
        Settings.from_env({variable: text}, home=tmp_path)


def test_none_is_no_holiday_however_it_is_written(tmp_path: Path) -> None:
    assert Settings.from_env({"COSTOPS_HOLIDAYS": "None"}, home=tmp_path).holiday_countries == ()
