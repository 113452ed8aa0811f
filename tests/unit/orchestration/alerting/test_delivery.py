"""Delivery against a real HTTP server on loopback, and the one-row rule of the store."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import duckdb
import pytest

from orchestration.alerting import AlertDraft, connected_channels, read_alerts, record_alerts, resolve_alerts
from orchestration.alerting import deliver_pending as deliver
from orchestration.alerting.deliveries import ensure_deliveries_table, notices_for
from orchestration.alerting.delivery import ConnectedChannel, DeliveryError, DeliveryParams, DeliveryReport
from orchestration.alerting.model import Recovery
from orchestration.alerting.notices import Notice
from orchestration.alerting.store import mark_delivered

NOW = datetime(2026, 3, 1, 6)  # noqa: DTZ001
SECRET_PATH = "/services/T000/B000/very-secret-token"
QUICK = DeliveryParams(attempts=3)


class Receiver(HTTPServer):
    """Keeps what it is sent; answers with `answers` one after the other, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[dict[str, str], dict]] = []
        self.answers: list[int] = []
        self.retry_after: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{SECRET_PATH}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), json.loads(body)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def draft(alert_id: str = "a1", **more: object) -> AlertDraft:
    fields = {
        "rule": "cost_anomaly",
        "severity": "critical",
        "subject_type": "api_key",
        "subject_id": "k1",
        "owner": "rosa",
        "title": "Unusual spend",
        "message": "why",
        "evidence": {"impact_usd": "875"},
    }
    return AlertDraft(alert_id=alert_id, **{**fields, **more})


def no_wait(_: float) -> None:
    return None


def webhook(url: str) -> tuple[ConnectedChannel, ...]:
    return connected_channels({"COSTOPS_ALERT_WEBHOOK_URL": url})


def deliver_pending(
    connection: duckdb.DuckDBPyConnection,
    channels: tuple[ConnectedChannel, ...],
    sleep: Callable[[float], None] = no_wait,
    now: datetime = NOW,
) -> DeliveryReport:
    return deliver(connection, channels, now=now, params=QUICK, sleep=sleep)


def undelivered(connection: duckdb.DuckDBPyConnection, channel: str = "webhook") -> list[str]:
    return [notice.alert_id for notice in notices_for(connection, channel)]


def test_an_alert_is_posted_once_with_its_idempotency_key(receiver: Receiver, connection):
    record_alerts(connection, [draft()], now=NOW)
    send = webhook(receiver.url)
    assert deliver_pending(connection, send).delivered == 1
    record_alerts(connection, [draft(is_new=False)], now=NOW + timedelta(days=1))
    assert deliver_pending(connection, send).delivered == 0
    ((headers, body),) = receiver.received
    assert headers["Idempotency-Key"] == "a1"
    assert body["evidence"] == {"impact_usd": "875"}
    assert body["text"] == "[critical] Unusual spend. why Owner: rosa."
    (row,) = read_alerts(connection)
    assert row["delivered_to"] == "webhook"
    assert row["first_seen_at_utc"] == NOW
    assert row["last_seen_at_utc"] == NOW + timedelta(days=1)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_on_the_other_side_is_tried_again(receiver: Receiver, connection, status: int):
    receiver.answers = [status, status]
    record_alerts(connection, [draft()], now=NOW)
    waits: list[float] = []
    report = deliver_pending(connection, webhook(receiver.url), waits.append)
    assert (report.delivered, len(receiver.received), waits) == (1, 3, [1.0, 2.0])
    assert {headers["Idempotency-Key"] for headers, _ in receiver.received} == {"a1"}


def test_retry_after_is_respected_up_to_the_longest_wait(receiver: Receiver, connection):
    receiver.answers, receiver.retry_after = [429, 429], "7200"
    record_alerts(connection, [draft()], now=NOW)
    waits: list[float] = []
    deliver_pending(connection, webhook(receiver.url), waits.append)
    assert waits == [30.0, 30.0]


def test_a_failed_alert_waits_for_the_next_run_and_does_not_hold_up_others(receiver: Receiver, connection):
    receiver.answers = [500, 500, 500]
    record_alerts(connection, [draft("a1"), draft("a2")], now=NOW)
    send = webhook(receiver.url)
    report = deliver_pending(connection, send)
    assert (report.delivered, report.failed) == (1, 1)
    assert undelivered(connection) == ["a1"]
    assert deliver_pending(connection, send).delivered == 1
    assert undelivered(connection) == []


@pytest.mark.parametrize("status", [400, 403, 404, 302])
def test_a_wrong_address_or_a_redirect_is_final(receiver: Receiver, connection, status: int):
    receiver.answers = [status]
    record_alerts(connection, [draft()], now=NOW)
    report = deliver_pending(connection, webhook(receiver.url))
    assert len(receiver.received) == 1
    assert f"webhook answered {status}" in report.errors[0]
    assert "COSTOPS_ALERT_WEBHOOK_URL" in report.errors[0]


def test_a_kill_between_insert_and_delivery_is_repaired_by_the_next_run(receiver: Receiver, tmp_path):
    path = str(tmp_path / "w.duckdb")
    with duckdb.connect(path) as first:
        record_alerts(first, [draft()], now=NOW)
    with duckdb.connect(path) as second:
        record_alerts(second, [draft(is_new=False)], now=NOW + timedelta(hours=1))
        deliver_pending(second, webhook(receiver.url))
        assert len(read_alerts(second)) == 1
    assert len(receiver.received) == 1


def test_a_kill_between_sending_and_noting_repeats_the_same_key(receiver: Receiver, connection):
    record_alerts(connection, [draft()], now=NOW)
    send = webhook(receiver.url)
    send[0].send(notices_for(connection, "webhook")[0])
    deliver_pending(connection, send)
    assert [headers["Idempotency-Key"] for headers, _ in receiver.received] == ["a1", "a1"]
    assert len(read_alerts(connection)) == 1


def test_the_address_is_in_no_log_error_or_row(receiver: Receiver, connection, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    receiver.answers = [404]
    record_alerts(connection, [draft("a1"), draft("a2"), draft("a3")], now=NOW)
    reports = [deliver_pending(connection, webhook(receiver.url))]
    for url in (f"http://127.0.0.1:9{SECRET_PATH}", f"nonsense{SECRET_PATH}", f"http://[bad{SECRET_PATH}"):
        reports.append(deliver_pending(connection, webhook(url)))
    rows = (read_alerts(connection), connection.execute("from alerts.deliveries").fetchall())
    everything = caplog.text + repr(reports) + repr(rows)
    assert [r.failed for r in reports] == [1, 1, 1, 1]
    assert "secret" not in everything
    assert "127.0.0.1" not in everything


def test_without_an_address_the_alert_goes_to_the_log_once(connection, caplog: pytest.LogCaptureFixture):
    record_alerts(connection, [draft()], now=NOW)
    for _ in range(2):
        deliver_pending(connection, connected_channels({}))
    assert len([r for r in caplog.records if "Unusual spend" in r.getMessage()]) == 1
    assert [row["delivered_to"] for row in read_alerts(connection)] == ["log"]


def test_the_error_of_a_dead_server_has_no_cause_that_could_be_printed():
    (channel,) = webhook(f"http://127.0.0.1:9{SECRET_PATH}")
    with pytest.raises(DeliveryError) as caught:
        channel.send(Notice({**vars(draft()), "evidence": "{}", "first_seen_at_utc": NOW}, "open"))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_recording_twice_is_recording_once(connection):
    first = record_alerts(connection, [draft(), draft("a2")], now=NOW)
    again = record_alerts(connection, [draft(), draft("a2"), draft()], now=NOW)
    assert (first.inserted, first.seen_again) == (2, 0)
    assert (again.inserted, again.seen_again) == (0, 3)
    assert len(read_alerts(connection)) == 2


def test_a_delivery_is_noted_once(connection):
    record_alerts(connection, [draft()], now=NOW)
    mark_delivered(connection, "a1", delivered_to="log", now=NOW)
    mark_delivered(connection, "a1", delivered_to="webhook", now=NOW + timedelta(days=1))
    assert [row["delivered_to"] for row in read_alerts(connection)] == ["log"]


class Other:
    """A second channel, whose first `failures` sendings fail."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.failures, self.error = failures, error
        self.sent: list[str] = []

    def send(self, notice: Notice) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error or DeliveryError("other is away", is_final=True)
        self.sent.append(notice.notice_id)


def deliveries(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    return connection.execute(
        "select notice_id, channel, attempt, tries, is_delivered, problem from alerts.deliveries order by all"
    ).fetchall()


def test_each_channel_is_told_once_and_the_one_that_failed_alone_again(receiver: Receiver, connection):
    record_alerts(connection, [draft()], now=NOW)
    other = Other(failures=1)
    both = (*webhook(receiver.url), ConnectedChannel("other", other.send))
    assert deliver_pending(connection, both) == DeliveryReport(1, 1, ("other is away",))
    assert deliver_pending(connection, both) == DeliveryReport(1, 0)
    assert deliver_pending(connection, both) == DeliveryReport(0, 0)
    assert (len(receiver.received), other.sent) == (1, ["a1"])
    assert deliveries(connection) == [
        ("a1", "other", 1, 1, False, "other is away"),
        ("a1", "other", 2, 1, True, None),
        ("a1", "webhook", 1, 1, True, None),
    ]


def test_the_end_is_told_to_whoever_was_told_of_the_beginning_and_what_opens_again_is_told_anew(connection):
    first, second = Other(), Other()
    one = (ConnectedChannel("one", first.send),)
    both = (*one, ConnectedChannel("two", second.send))
    record_alerts(connection, [draft()], now=NOW)
    deliver_pending(connection, one)
    resolve_alerts(connection, [Recovery("a1", "gone")], now=NOW + timedelta(hours=1))
    second.failures, second.error = 0, None
    deliver_pending(connection, both, now=NOW + timedelta(hours=1))
    assert (first.sent, second.sent) == (["a1", "a1-over-20260301T070000"], [])
    record_alerts(connection, [draft()], now=NOW + timedelta(days=1))
    first.failures, first.error = 1, None
    deliver_pending(connection, both, now=NOW + timedelta(days=1))
    resolve_alerts(connection, [Recovery("a1", "gone")], now=NOW + timedelta(days=2))
    for _ in range(2):
        deliver_pending(connection, both, now=NOW + timedelta(days=2))
    again = ["a1-open-20260302T060000", "a1-over-20260303T060000"]
    assert second.sent == again
    assert first.sent[2:] == again, "the failed notice is made up for, then its end is told"


def test_a_channel_that_is_new_hears_of_what_is_open_and_not_of_what_was(connection):
    first, second = Other(), Other()
    record_alerts(connection, [draft("open"), draft("gone")], now=NOW)
    deliver_pending(connection, (ConnectedChannel("one", first.send),))
    resolve_alerts(connection, [Recovery("gone", "gone")], now=NOW)
    deliver_pending(connection, (ConnectedChannel("two", second.send),))
    assert second.sent == ["open"]


def test_an_alert_told_by_an_earlier_version_is_not_told_again(connection):
    record_alerts(connection, [draft()], now=NOW)
    mark_delivered(connection, "a1", delivered_to="webhook", now=NOW)
    connection.execute("update alerts.alerts set opened_at_utc = null")
    ensure_deliveries_table(connection)
    assert undelivered(connection) == []


def test_a_fault_of_a_channels_own_code_is_noted_without_its_words(connection):
    record_alerts(connection, [draft("a1"), draft("a2")], now=NOW)
    other = Other(failures=1, error=KeyError("hidden-token"))
    report = deliver_pending(connection, (ConnectedChannel("other", other.send),))
    assert (report.delivered, report.errors) == (1, ("other: KeyError",))
    assert "hidden" not in repr(deliveries(connection))


def test_what_a_channel_is_configured_with_is_cut_out_of_its_words(connection):
    record_alerts(connection, [draft()], now=NOW)
    other = Other(failures=1, error=DeliveryError("no such place: hidden-token", is_final=True))
    deliver_pending(connection, (ConnectedChannel("other", other.send, ("hidden-token",)),))
    assert deliveries(connection)[0][-1] == "no such place: …"


def test_a_channel_that_is_away_is_not_waited_for_with_every_alert(connection):
    """Three attempts for each of two alerts, and no more; the other channel has all five; next time all are tried."""
    record_alerts(connection, [draft(f"a{number}") for number in range(5)], now=NOW)
    away, well = Other(failures=99, error=DeliveryError("slack: ConnectTimeout")), Other()
    both = (ConnectedChannel("slack", away.send), ConnectedChannel("mail", well.send))
    waits: list[float] = []
    report = deliver_pending(connection, both, waits.append)
    assert (report.delivered, report.failed) == (5, 5)
    assert report.errors == ("slack: ConnectTimeout (3 attempts; tried again at the next run) (5 alerts)",)
    assert (99 - away.failures, waits) == (6, [1.0, 2.0, 1.0, 2.0])
    assert len(deliveries(connection)) == 5 + 2
    away.failures, away.error = 0, None
    assert deliver_pending(connection, both).delivered == 5
    assert away.sent == [f"a{number}" for number in range(5)]


def test_what_is_wrong_is_said_once_with_how_many_it_concerns(connection):
    record_alerts(connection, [draft("a1"), draft("a2"), draft("a3")], now=NOW)
    other = Other(failures=3)
    report = deliver_pending(connection, (ConnectedChannel("other", other.send),))
    assert (report.failed, report.errors) == (3, ("other is away (3 alerts)",))
