"""Who is told when: routes, digests, and one message instead of a flood. Nothing is ever dropped."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from orchestration.alerting.notices import OPEN, Digest, Notice
from orchestration.alerting.outbox import Manners, is_routed, messages
from orchestration.alerting.rulebook import FILE, read_rulebook

AT = datetime(2026, 11, 10, 8)  # noqa: DTZ001
ALL = ("email", "slack", "slack@research", "pagerduty")


def notice(number: int = 1, severity: str = "warning", **more: object) -> Notice:
    row = {
        "alert_id": f"alert-{number}", "rule": "key_new", "severity": severity, "subject_type": "api_key",
        "subject_id": f"key_{number}", "owner": None, "title": "A title", "message": "A message", "evidence": "{}",
        "first_seen_at_utc": AT, "opened_at_utc": AT, "resolved_at_utc": None, "escalated_at_utc": None,
    }  # fmt: skip
    return Notice(row | more, OPEN)


def manners(home: Path, text: str, now: datetime = AT) -> Manners:
    path = home / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    book = read_rulebook(home, frozenset({"key_new"}))
    assert book.problems == ()
    return Manners(book, now=now)


def told(each: Notice, found: Manners, connected: tuple[str, ...] = ALL) -> set[str]:
    return {name for name in connected if is_routed(each, name, connected, found)}


def test_what_no_row_routes_goes_to_every_plain_channel() -> None:
    assert told(notice(), Manners()) == {"email", "slack", "pagerduty"}


def test_routes_go_by_severity_team_and_owner(tmp_path: Path) -> None:
    found = manners(
        tmp_path,
        "rule,team,when_owner,when_severity,channels\n"
        "*,,,,email\n"
        "*,,,critical,email;pagerduty\n"
        "*,research,,,slack@research\n"
        "*,,finance-lead,,slack\n",
    )
    assert told(notice(), found) == {"email"}
    assert told(notice(severity="critical"), found) == {"email", "pagerduty"}
    assert told(notice(evidence=json.dumps({"team_id": "research"})), found) == {"slack@research"}
    assert told(notice(owner="finance-lead"), found) == {"slack"}


def test_what_is_routed_to_nothing_that_is_configured_is_not_lost(tmp_path: Path) -> None:
    found = manners(tmp_path, "rule,channels\n*,pagerduty\n")
    assert told(notice(), found, ("email", "slack@research")) == {"email"}


def test_what_is_of_little_weight_comes_as_one_message_at_its_time(tmp_path: Path) -> None:
    text = "rule,when_severity,digest_at,time_zone\n*,info,09:30,Europe/Berlin\n"  # 08:30 UTC
    several = [notice(number, "info") for number in range(3)] + [notice(9, "warning")]
    assert [each.notice_id for each in messages(several, manners(tmp_path, text))] == ["alert-9"]
    late = messages(several, manners(tmp_path, text, AT + timedelta(minutes=30)))
    assert [type(each) for each in late] == [Notice, Digest]
    assert [each.alert_id for each in late[1].notices] == ["alert-0", "alert-1", "alert-2"]


def test_a_flood_is_one_message_more_and_critical_ones_stay_apart(tmp_path: Path) -> None:
    several = [notice(number) for number in range(30)] + [notice(99, "critical")]
    found = messages(several, manners(tmp_path, "rule,messages_per_run\n*,5\n"))
    assert len(found) == 1 + 5 + 1
    assert found[0].notice_id == "alert-99"
    assert len(found[-1].notices) == 25
    assert {each.notice_id for message in found for each in message.notices} == {each.notice_id for each in several}


def test_a_digest_of_the_same_notices_has_the_same_key() -> None:
    one, other = notice(1), notice(2)
    assert Digest((one, other)).notice_id == Digest((other, one)).notice_id != Digest((one,)).notice_id
