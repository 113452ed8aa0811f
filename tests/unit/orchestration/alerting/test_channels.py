"""What each channel is sent: words of the vendors' own documents, and nothing from outside that is markup."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser

import pytest

from orchestration.alerting.channels import connected_channels, email, pagerduty, slack, teams
from orchestration.alerting.delivery import DeliveryError, hand_over
from orchestration.alerting.notices import OPEN, OVER, WORSE, Digest, Notice
from tests.support.alert_receivers import Hook, Mailbox

AT = datetime(2026, 11, 10, 8)  # noqa: DTZ001
NASTY = '<!channel> <img src=x onerror=alert(1)> *bold* [a](http://x.example) & "q"'
EVIDENCE = {"spend_to_date_usd": "293.72", "amount_usd": "215.85", "what_to_do": "Slow it down.", "scope_id": NASTY}


def notice(state: str = OPEN, severity: str = "critical", alert_id: str = "abc123") -> Notice:
    row = {
        "alert_id": alert_id, "rule": "budget_threshold_crossed", "severity": severity, "subject_type": "budget",
        "subject_id": "b", "owner": "search-lead", "title": f"Budget {NASTY} passed 100 %",
        "message": f"293.72 of 215.85 USD\nBcc: x@example.com {NASTY}", "evidence": json.dumps(EVIDENCE),
        "first_seen_at_utc": AT, "opened_at_utc": AT, "escalated_at_utc": AT if state == WORSE else None,
        "resolved_at_utc": AT if state == OVER else None, "resolution": "the period ended" if state == OVER else None,
    }  # fmt: skip
    return Notice(row, state)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as found:
        yield found


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as found:
        yield found


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {name for name, _ in attrs} & {"src", "onerror", "background", "srcset"}, "nothing is loaded"


def test_a_mail_has_two_parts_and_no_header_from_outside(mailbox: Mailbox) -> None:
    (channel,) = connected_channels(mailbox.variables)
    assert hand_over(channel, notice()) == (1, None)
    (message,) = mailbox.messages
    assert message["Bcc"] is None
    assert message["Message-ID"] == "<abc123@costops>"
    assert message["To"] == "finops@example.com"
    plain, page = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert page is not None
    for words in ("293.72 of 215.85 USD", "Owner: search-lead", "Slow it down.", "costops alerts ack abc123"):
        assert words in plain.get_content()
    tags = Tags(page.get_content()).tags
    assert not {"img", "script", "a"} & set(tags)
    assert page.get_content().count("width:100%;height:14px") == 1, "the longer bar is what was spent"
    assert page.get_content().count("width:73%;height:14px") == 1, "215.85 / 293.72"


def test_a_mail_links_to_web_addresses_only() -> None:
    variables = {email.RECIPIENTS: "a@example.com", email.LINK: "javascript:alert(1)"}
    assert "<a " not in email.written(notice(), variables).get_body(("html",)).get_content()  # type: ignore[union-attr]
    variables[email.LINK] = "https://costs.example.com/"
    assert "<a " in email.written(notice(), variables).get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_recipients_that_are_none_are_said_without_their_value() -> None:
    with pytest.raises(DeliveryError, match=email.RECIPIENTS) as error:
        email.written(notice(), {email.RECIPIENTS: "nobody-here"})
    assert "nobody-here" not in str(error.value)


@pytest.mark.parametrize(
    ("security", "said"), [("ssl3", "is none of starttls, tls, none"), ("SSL", "check"), ("None", "check")]
)
def test_the_security_of_a_mail_server_is_a_word_that_is_known(security: str, said: str) -> None:
    """`ssl` is what others call tls; nothing listens on the port, so a known word gets as far as connecting."""
    variables = {
        email.SERVER.host: "127.0.0.1", email.SERVER.port: "9", email.SERVER.security: security,
        email.RECIPIENTS: "ops@example.com",
    }  # fmt: skip
    with pytest.raises(DeliveryError, match=f"{email.SERVER.security}|{said}") as error:
        email.send(notice(), variables=variables)
    assert said in str(error.value)


def test_a_signature_can_be_checked_with_the_secret_alone(hook: Hook) -> None:
    variables = {"COSTOPS_ALERT_WEBHOOK_URL": hook.url, "COSTOPS_ALERT_WEBHOOK_SECRET": "shared"}
    (channel,) = connected_channels(variables)
    assert hand_over(channel, notice()) == (1, None)
    ((headers, body),) = hook.received
    signed = headers["X-Costops-Timestamp"].encode() + b"." + body
    assert headers["X-Costops-Signature"] == "sha256=" + hmac.new(b"shared", signed, hashlib.sha256).hexdigest()


def test_whose_address_it_is_stays_in_the_warehouse() -> None:
    one = notice()
    told = Notice({**one.alert, "title": "Key of ada.l+x@corp.example", "subject_id": "ada@corp.example"}, OPEN)
    words = json.dumps([told.body(), slack.message(told), told.text, told.facts])
    assert "ada" not in words
    assert "***@corp.example" in words


def test_slack_shows_text_from_outside_as_it_is() -> None:
    message = slack.message(notice())
    assert "<" not in message["text"]
    kinds = {block["text"]["type"] for block in message["blocks"] if "text" in block}
    assert kinds == {"plain_text"}
    assert len(message["blocks"][0]["text"]["text"]) <= 150
    fields = [field for block in message["blocks"] for field in block.get("fields", [])]
    assert {field["type"] for field in fields} == {"plain_text"}
    assert len(fields) <= 10


def test_teams_shows_text_from_outside_as_it_is() -> None:
    (attachment,) = teams.message(notice())["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {element["type"] for element in card["body"]} == {"RichTextBlock", "FactSet"}
    facts = next(element for element in card["body"] if element["type"] == "FactSet")["facts"]
    assert any(r"\[a\]\(http://x.example\)" in fact["value"] for fact in facts)


def test_pagerduty_opens_worsens_and_closes_one_incident() -> None:
    events = [pagerduty.event(notice(state), "key") for state in (OPEN, WORSE, OVER)]
    assert [event["event_action"] for event in events] == ["trigger", "trigger", "resolve"]
    assert {event["dedup_key"] for event in events} == {"abc123"}
    assert events[0]["payload"]["severity"] == "critical"
    assert set(events[0]["payload"]) >= {"summary", "source", "severity"}
    assert len(events[0]["payload"]["summary"]) <= 1024


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("slack", "COSTOPS_ALERT_SLACK_WEBHOOK_URL"),
        ("teams", "COSTOPS_ALERT_TEAMS_WEBHOOK_URL"),
        ("webhook", "COSTOPS_ALERT_WEBHOOK_URL"),
        ("pagerduty", "COSTOPS_ALERT_PAGERDUTY_BASE_URL"),
    ],
)
def test_a_channel_arrives_at_a_real_server(hook: Hook, name: str, variable: str) -> None:
    key = {"COSTOPS_ALERT_PAGERDUTY_ROUTING_KEY": "routing-key"} if name == "pagerduty" else {}
    (channel,) = connected_channels({variable: hook.url, **key})
    assert channel.name == name
    for each in (notice(), notice(OVER), Digest((notice(), notice(alert_id="other")))):
        assert hand_over(channel, each) == (1, None)
    assert len(hook.received) == 3


def test_apprise_tells_what_it_is_given(hook: Hook) -> None:
    pytest.importorskip("apprise")
    (channel,) = connected_channels({"COSTOPS_ALERT_APPRISE_URLS": hook.url.replace("http://", "json://")})
    assert hand_over(channel, notice()) == (1, None)
    assert "293.72 of 215.85 USD" in hook.bodies()[0]["message"]


def test_a_second_of_a_kind_is_told_of_what_is_routed_to_it() -> None:
    url = "COSTOPS_ALERT_SLACK_WEBHOOK_URL"
    names = [each.name for each in connected_channels({url: "http://a", f"{url}__RESEARCH": "http://b"})]
    assert names == ["slack", "slack@research"]
