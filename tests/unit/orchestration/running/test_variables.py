"""Variables that are set and change nothing are said, and what a child works on is what its parent works on."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.config import Settings
from ingestion.environment import of_this_process
from orchestration.home.paths import environment_of
from orchestration.running.variables import unused_variables, wrong_words


def said(home: Path, **env: str) -> list[str]:
    return unused_variables(Settings.from_env(env, home=home))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("COSTOPS_EVENT_DIR", "COSTOPS_EVENTS_DIR"),
        ("COSTOPS_TIMEZONE", "COSTOPS_REPORTING_TIME_ZONE"),
        ("COSTOPS_ALERT_WEBHOK_URL", "COSTOPS_ALERT_WEBHOOK_URL"),
        ("COSTOPS_ALERT_SLACK_WEBHOK_URL__OPS", "COSTOPS_ALERT_SLACK_WEBHOOK_URL__OPS"),
        ("COSTOPS_PUBLISH_POSTGRES", "COSTOPS_PUBLISH_POSTGRES_URL"),
        ("COSTOPS_REPORT_SMTP_HOSTS", "COSTOPS_REPORT_SMTP_HOST"),
        ("COSTOPS_SERVE_OIDC_ISUER", "COSTOPS_SERVE_OIDC_ISSUER"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_name_that_was_meant(tmp_path: Path, given: str, meant: str) -> None:
    words = f"{given} is set, but no setting is called so: it changes nothing; is {meant} meant?"
    assert said(tmp_path, **{given: "hidden"}) == [words]


def test_a_name_like_none_is_answered_with_where_the_names_are(tmp_path: Path) -> None:
    assert said(tmp_path, COSTOPS_XQ="1") == [
        "COSTOPS_XQ is set, but no setting is called so: it changes nothing; docs/getting_started.md has the names"
    ]


def test_half_a_channel_or_target_is_said_with_what_it_lacks(tmp_path: Path) -> None:
    assert said(
        tmp_path, COSTOPS_ALERT_EMAIL_TO="ops@example.com", COSTOPS_PUBLISH_FILES_FORMATS="csv",
        COSTOPS_REPORT_SMTP_USER="u", COSTOPS_ALERT_WEBHOOK_SECRET="s",
    ) == [
        "COSTOPS_ALERT_EMAIL_TO set without COSTOPS_ALERT_SMTP_HOST: nothing goes to email; set that as well",
        "COSTOPS_ALERT_WEBHOOK_SECRET set without COSTOPS_ALERT_WEBHOOK_URL: nothing goes to webhook; "
        "set that as well",
        "COSTOPS_PUBLISH_FILES_FORMATS set without COSTOPS_PUBLISH_FILES_DIR: nothing goes to files; set that as well",
        "COSTOPS_REPORT_SMTP_USER set without COSTOPS_REPORT_SMTP_HOST: nothing goes to email; set that as well",
    ]  # fmt: skip


def test_nothing_is_said_of_what_is_right_or_is_the_programs_own(tmp_path: Path) -> None:
    settings = Settings.from_env({"COSTOPS_ALERT_SMTP_HOST": "h", "COSTOPS_ALERT_EMAIL_TO": "a@b.example"}, tmp_path)
    others = {"COSTOPS_URL": "http://127.0.0.1:1", "COSTOPS_TEST_KILLS": "1", "COSTOPS_PUBLISH_DOUBLES": "1"}
    assert said(tmp_path, **environment_of(settings), **settings.alert_variables, **others) == []


def test_words_that_only_their_reader_knows_are_asked_of_it(tmp_path: Path) -> None:
    env = {"COSTOPS_FORECAST_MODEL": "profet", "COSTOPS_HOLIDAYS": "US,Atlantis"}
    model, holidays = wrong_words(Settings.from_env(env, home=tmp_path))
    assert model.startswith("COSTOPS_FORECAST_MODEL cannot be read: no forecast model 'profet'; there are ")
    assert holidays == (
        "COSTOPS_HOLIDAYS cannot be read: no holidays of 'Atlantis' are known: write codes like US or DE-BY"
    )
    assert wrong_words(Settings.from_env({"COSTOPS_HOLIDAYS": "US, DE-BY"}, home=tmp_path)) == []


def test_a_child_in_another_folder_works_with_what_its_parent_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`costops up` works in the home: the `.env` and relative paths of the folder it was called in hold there, too."""
    for name in [name for name in os.environ if name.startswith(("COSTOPS_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    called_in, home = tmp_path / "called in", tmp_path / "home"
    called_in.mkdir()
    home.mkdir()
    (called_in / ".env").write_text(
        "COSTOPS_BILLING_DIR=s3://bills/focus\nCOSTOPS_PUBLISH_FILES_DIR=share\nCOSTOPS_LAKE_URL=lake\n"
        "COSTOPS_DASHBOARDS_DIR=boards\nOPENAI_ADMIN_KEY=sk-admin-x\nCOSTOPS_REPORTING_TIME_ZONE=Europe/Berlin\n"
        "COSTOPS_ALERT_WEBHOOK_URL=https://hook.example/x\n"
    )
    monkeypatch.chdir(called_in)
    parent = Settings.from_env(home=home)
    handed_over = of_this_process() | environment_of(parent)
    monkeypatch.chdir(home)
    child = Settings.from_env(handed_over)
    assert replace(child, unread_variables=()) == parent
    assert (child.billing_url, child.lake_url) == ("s3://bills/focus", str(called_in / "lake"))
    assert child.publish_variables["COSTOPS_PUBLISH_FILES_DIR"] == str(called_in / "share")
    assert (child.api.openai_admin_key, child.reporting_time_zone) == ("sk-admin-x", "Europe/Berlin")
