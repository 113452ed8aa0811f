"""Reports that are due, sent to real servers on loopback: each once, whatever fails."""

from __future__ import annotations

import email
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from orchestration.alerting.delivery import DeliveryParams
from orchestration.reports.deliveries import Deliveries
from orchestration.reports.schedules import Delivery, Schedule
from orchestration.reports.sending import Sent, exported, period_of, send_due
from orchestration.reports.template import Template, load_template
from tests.support.http_stub import Answer, Asked, serving
from tests.support.ports import free_port

NOW = datetime.fromisoformat("2026-03-03 12:00")
ONCE = DeliveryParams(attempts=1)
TEMPLATE = """
name: tiny
title: Tiny
period: last_month
formats: [html, md]
sections:
  - type: table
    query: "select model, usd from rpt_tiny where usage_date between $first and $last order by model"
    columns: {model: text, usd: {unit: usd, total: true}}
"""


@pytest.fixture
def copy() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create table rpt_mart_status as
                select 'rpt_tiny' as mart, 'current' as status, timestamp '2026-03-03 06:00' as published_at_utc,
                    null::varchar as reason;
            create table rpt_tiny as select * from (values
                (date '2026-02-01', '=danger()', 1.000000000001::decimal(38, 12)), (date '2026-02-02', 'b', 2.5),
                (date '2026-03-01', 'c', 4)
            ) as t (usage_date, model, usd);
            """
        )
        yield connection


@pytest.fixture
def templates(tmp_path: Path) -> dict[str, Template]:
    path = tmp_path / "tiny.yml"
    path.write_text(TEMPLATE)
    return {"tiny": load_template(path)}


def entry(*deliveries: Delivery, **given: Any) -> Schedule:
    plain: dict[str, Any] = {
        "name": "monthly", "template": "tiny", "frequency": "monthly", "at": time(10), "time_zone": "America/New_York",
        "period": "last_month", "form": "html", "deliveries": deliveries,
    }  # fmt: skip
    return Schedule(**(plain | given))


class Sender:
    """Sends the same schedule again and again from one home."""

    def __init__(self, copy: duckdb.DuckDBPyConnection, templates: dict[str, Template], home: Path) -> None:
        self.copy, self.templates, self.home = copy, templates, home

    def send(self, schedule: Schedule, variables: dict[str, str], now: datetime = NOW, **given: Any) -> list[Sent]:
        return send_due(
            self.copy, [schedule], self.templates, variables, self.home / "reports", Deliveries(self.home / "state"),
            now, params=ONCE, **given,
        )  # fmt: skip


@pytest.fixture
def sender(copy: duckdb.DuckDBPyConnection, templates: dict[str, Template], tmp_path: Path) -> Sender:
    return Sender(copy, templates, tmp_path)


class Inbox(Message):
    """Keeps what it is sent; `answer` may refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[email.message.Message] = []
        self.recipients: list[list[str]] = []

    def prepare_message(self, session: Any, envelope: Any) -> email.message.Message:
        self.recipients.append(list(envelope.rcpt_tos))
        return super().prepare_message(session, envelope)

    def handle_message(self, message: email.message.Message) -> None:
        self.messages.append(message)


@contextmanager
def mail_server() -> Iterator[tuple[Inbox, dict[str, str]]]:
    inbox = Inbox()
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield (
            inbox,
            {
                "COSTOPS_REPORT_SMTP_HOST": "127.0.0.1",
                "COSTOPS_REPORT_SMTP_PORT": str(port),
                "COSTOPS_REPORT_SMTP_SECURITY": "none",
                "COSTOPS_REPORT_EMAIL_FROM": "costs@example.org",
            },
        )
    finally:
        controller.stop()


MAIL = Delivery("email", {"to": ["cfo@example.org"], "cc": ["team@example.org"], "subject": "Costs of {{ period }}"})


def test_a_mail_with_report_and_data_goes_out_once(sender: Sender) -> None:
    with mail_server() as (inbox, variables):
        first = sender.send(entry(MAIL, attachments=("rpt_tiny",)), variables)
        again = sender.send(entry(MAIL, attachments=("rpt_tiny",)), variables)
    assert [each.problem for each in first] == [None]
    assert [each.was_sent for each in again] == [True]
    (message,) = inbox.messages
    assert inbox.recipients == [["cfo@example.org", "team@example.org"]]
    assert message["Subject"] == "Costs of February 2026"
    files = {part.get_filename(): part.get_payload(decode=True) for part in message.walk() if part.get_filename()}
    assert set(files) == {"tiny_2026-02.html", "rpt_tiny.csv"}
    lines = files["rpt_tiny.csv"].decode().splitlines()  # type: ignore[union-attr]
    assert lines[1:] == ["2026-02-01,'=danger(),1.000000000001", "2026-02-02,b,2.500000000000"]


def test_what_fails_is_sent_at_the_next_call_and_what_arrived_is_not_sent_again(sender: Sender, tmp_path: Path) -> None:
    status = [500]
    with serving(lambda asked: Answer({}, status[0])) as stub, mail_server() as (inbox, variables):
        variables |= {"COSTOPS_REPORT_WEBHOOK_URL": f"{stub.url}/secret-path"}
        schedule = entry(MAIL, Delivery("webhook"))
        first = sender.send(schedule, variables)
        assert [bool(each.problem) for each in first] == [False, True]
        assert "secret-path" not in str(first)
        status[0] = 200
        second = sender.send(schedule, variables)
        assert [each.problem for each in second] == [None, None]
    assert len(inbox.messages) == 1
    assert len(stub.asked) == 2
    assert len({asked.headers["idempotency-key"] for asked in stub.asked}) == 1
    body = stub.asked[-1].json
    assert {"report_id", "report_type", "period", "url"} <= body.keys()
    assert body["report_type"] == "tiny"
    assert body["period"] == "February 2026"
    record = (tmp_path / "state" / "report_deliveries.jsonl").read_text()
    assert "secret-path" not in record


def test_a_report_sent_late_is_about_the_days_it_was_due_for(sender: Sender) -> None:
    with serving(lambda asked: Answer()) as stub:
        variables = {"COSTOPS_REPORT_WEBHOOK_URL": stub.url}
        daily = entry(Delivery("webhook"), frequency="daily", period="yesterday", time_zone="UTC")
        sender.send(daily, variables, datetime.fromisoformat("2026-02-02 09:59"))
        sender.send(daily, variables, datetime.fromisoformat("2026-02-02 10:00"))
    assert [asked.json["period"] for asked in stub.asked] == ["2026-01-31", "2026-02-01"]


def test_what_is_paused_or_was_due_long_ago_is_sent_on_demand_only(sender: Sender) -> None:
    with serving(lambda asked: Answer()) as stub:
        variables = {"COSTOPS_REPORT_WEBHOOK_URL": stub.url}
        assert sender.send(entry(Delivery("webhook"), is_paused=True), variables) == []
        late = datetime.fromisoformat("2026-03-20 00:00")
        assert sender.send(entry(Delivery("webhook")), variables, late) == []
        assert [each.problem for each in sender.send(entry(Delivery("webhook")), variables, late, is_forced=True)] == [
            None
        ]


def test_a_channel_that_is_not_configured_names_its_variable(sender: Sender) -> None:
    (sent,) = sender.send(entry(MAIL), {})
    assert sent.problem == "email is not configured: set COSTOPS_REPORT_SMTP_HOST"


def test_a_mail_server_that_is_away_is_named_by_its_variables_only(sender: Sender) -> None:
    (sent,) = sender.send(entry(MAIL), {"COSTOPS_REPORT_SMTP_HOST": "127.0.0.1", "COSTOPS_REPORT_SMTP_PORT": "1"})
    assert sent.problem is not None
    assert "COSTOPS_REPORT_SMTP_HOST" in sent.problem
    assert "127.0.0.1" not in sent.problem


def test_a_mart_that_is_not_there_fails_this_report_in_words(sender: Sender) -> None:
    (sent,) = sender.send(entry(Delivery("webhook"), attachments=("rpt_none",)), {"COSTOPS_REPORT_WEBHOOK_URL": "x"})
    assert sent.problem is not None
    assert sent.problem.startswith("the report could not be made: ")


def test_slack_gets_a_message_by_webhook_and_no_word_of_it_is_markup(sender: Sender) -> None:
    with serving(lambda asked: Answer("ok")) as stub:
        variables = {"COSTOPS_REPORT_SLACK_WEBHOOK_URL": stub.url}
        message = Delivery("slack", {"channel_name": "#cost-analytics", "message": "<!channel> {{ period }}"})
        (sent,) = sender.send(entry(message), variables)
    assert sent.problem is None
    body = stub.asked[0].json
    assert body["channel"] == "#cost-analytics"
    assert "<!channel>" not in json.dumps(body)
    assert "February 2026" in body["text"]


def test_slack_gets_the_file_in_its_three_steps(sender: Sender) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("files.getUploadURLExternal"):
            return Answer({"ok": True, "upload_url": f"{stub.url}/upload", "file_id": "F1"})
        return Answer({"ok": True}) if "complete" in asked.path else Answer("OK")

    with serving(answer) as stub:
        variables = {
            "COSTOPS_REPORT_SLACK_BOT_TOKEN": "xoxb-planted",
            "COSTOPS_REPORT_SLACK_BASE_URL": f"{stub.url}/api",
        }
        (sent,) = sender.send(entry(Delivery("slack", {"channel_id": "C1"})), variables)
    assert sent.problem is None
    steps = [asked.path for asked in stub.asked]
    assert steps == ["/api/files.getUploadURLExternal", "/upload", "/api/files.completeUploadExternal"]
    asked, put, done = stub.asked
    assert asked.form == {"filename": "tiny_2026-02.html", "length": str(len(put.body))}
    assert put.body.startswith(b"<!doctype html>")
    assert done.json["files"] == [{"id": "F1", "title": "tiny_2026-02.html"}]
    assert done.json["channel_id"] == "C1"
    assert [each.headers.get("authorization") for each in (asked, put, done)] == [
        "Bearer xoxb-planted", None, "Bearer xoxb-planted",
    ]  # fmt: skip


def test_slack_refusing_the_token_is_final_and_said_without_it(sender: Sender) -> None:
    with serving(lambda asked: Answer({"ok": False, "error": "invalid_auth"})) as stub:
        variables = {"COSTOPS_REPORT_SLACK_BOT_TOKEN": "xoxb-planted", "COSTOPS_REPORT_SLACK_BASE_URL": stub.url}
        (sent,) = sender.send(entry(Delivery("slack", {"channel_id": "C1"})), variables)
    assert sent.problem == "slack: invalid_auth; check COSTOPS_REPORT_SLACK_BOT_TOKEN"


def test_an_object_lies_where_its_key_says(sender: Sender, tmp_path: Path) -> None:
    url = f"file://{tmp_path}/store/llm-costs/{{{{ year }}}}/{{{{ month }}}}/monthly_summary.html"
    (sent,) = sender.send(entry(Delivery("object_store", {"url": url}), attachments=("rpt_tiny",)), {})
    assert sent.problem is None
    folder = tmp_path / "store" / "llm-costs" / "2026" / "02"
    assert sorted(path.name for path in folder.iterdir()) == ["monthly_summary.html", "rpt_tiny.csv"]


def test_an_object_goes_to_s3_and_is_not_public(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        for name, value in (
            ("AWS_ACCESS_KEY_ID", "k"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ):
            monkeypatch.setenv(name, value)
        s3 = boto3.client("s3", endpoint_url=endpoint)
        s3.create_bucket(Bucket="bucket")
        url = "s3://bucket/llm-costs/{{ year }}/{{ month }}/monthly_summary.html"
        (sent,) = sender.send(
            entry(Delivery("object_store", {"url": url})), {"COSTOPS_REPORT_S3_ENDPOINT_URL": endpoint}
        )
        assert sent.problem is None
        key = "llm-costs/2026/02/monthly_summary.html"
        assert s3.get_object(Bucket="bucket", Key=key)["Body"].read().startswith(b"<!doctype html>")
        grants = s3.get_object_acl(Bucket="bucket", Key=key)["Grants"]
        assert all(grant["Grantee"].get("Type") == "CanonicalUser" for grant in grants)
    finally:
        server.stop()


def test_a_line_that_a_kill_cut_short_is_no_delivery(tmp_path: Path) -> None:
    deliveries = Deliveries(tmp_path)
    deliveries.note("a", "s", "c", NOW, NOW, None)
    with deliveries.path.open("a") as stream:
        stream.write('{"parcel_id": "b", "is_deliv')
    deliveries.note("c", "s", "c", NOW, NOW, "no")
    assert deliveries.delivered() == {"a"}
    assert [line["parcel_id"] for line in deliveries.lines()] == ["a", "c"]


def test_periods_are_seen_from_when_a_report_was_due() -> None:
    due = datetime.fromisoformat("2026-03-02 13:00")
    assert period_of(entry(MAIL, period="last_week"), due).name == "2026-W09"
    assert period_of(entry(MAIL, period="30d"), due).name == "2026-01-31..2026-03-01"
    assert period_of(entry(MAIL, period="last_quarter"), due).name == "2025-Q4"


def test_an_exported_mart_has_every_row_where_it_has_no_days(copy: duckdb.DuckDBPyConnection) -> None:
    copy.execute("create table dim_x as select range as id from range(3)")
    assert exported(copy, "dim_x", None).content.decode().split() == ["id", "0", "1", "2"]  # type: ignore[arg-type]
