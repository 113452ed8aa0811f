"""Delivery against a real HTTP server on loopback, and the one-row rule of the store."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import duckdb
import pytest

from orchestration.alerting import AlertDraft, deliver_pending, make_sender, read_alerts, record_alerts
from orchestration.alerting.delivery import DeliveryError, DeliveryParams
from orchestration.alerting.store import mark_delivered, undelivered_alerts

NOW = datetime(2026, 3, 1, 6)  # noqa: DTZ001
SECRET_PATH = "/services/T000/B000/very-secret-token"
QUICK = DeliveryParams(timeout_seconds=2, attempts=3)


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


def test_an_alert_is_posted_once_with_its_idempotency_key(receiver: Receiver, connection):
    record_alerts(connection, [draft()], now=NOW)
    send = make_sender(receiver.url, QUICK, no_wait)
    assert deliver_pending(connection, send, now=NOW).delivered == 1
    record_alerts(connection, [draft(is_new=False)], now=NOW + timedelta(days=1))
    assert deliver_pending(connection, send, now=NOW).delivered == 0
    ((headers, body),) = receiver.received
    assert headers["Idempotency-Key"] == "a1"
    assert body["evidence"] == {"impact_usd": "875"}
    assert body["text"] == "[critical] Unusual spend. why Owner: rosa."
    (row,) = read_alerts(connection).to_dict("records")
    assert row["delivered_to"] == "webhook"
    assert row["first_seen_at_utc"] == NOW
    assert row["last_seen_at_utc"] == NOW + timedelta(days=1)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_on_the_other_side_is_tried_again(receiver: Receiver, connection, status: int):
    receiver.answers = [status, status]
    record_alerts(connection, [draft()], now=NOW)
    waits: list[float] = []
    report = deliver_pending(connection, make_sender(receiver.url, QUICK, waits.append), now=NOW)
    assert (report.delivered, len(receiver.received), waits) == (1, 3, [1.0, 2.0])
    assert {headers["Idempotency-Key"] for headers, _ in receiver.received} == {"a1"}


def test_retry_after_is_respected_up_to_the_longest_wait(receiver: Receiver, connection):
    receiver.answers, receiver.retry_after = [429, 429], "7200"
    record_alerts(connection, [draft()], now=NOW)
    waits: list[float] = []
    deliver_pending(connection, make_sender(receiver.url, QUICK, waits.append), now=NOW)
    assert waits == [30.0, 30.0]


def test_a_failed_alert_waits_for_the_next_run_and_does_not_hold_up_others(receiver: Receiver, connection):
    receiver.answers = [500, 500, 500]
    record_alerts(connection, [draft("a1"), draft("a2")], now=NOW)
    send = make_sender(receiver.url, QUICK, no_wait)
    report = deliver_pending(connection, send, now=NOW)
    assert (report.delivered, report.failed) == (1, 1)
    assert [a["alert_id"] for a in undelivered_alerts(connection)] == ["a1"]
    assert deliver_pending(connection, send, now=NOW).delivered == 1
    assert undelivered_alerts(connection) == []


@pytest.mark.parametrize("status", [400, 403, 404, 302])
def test_a_wrong_address_or_a_redirect_is_final(receiver: Receiver, connection, status: int):
    receiver.answers = [status]
    record_alerts(connection, [draft()], now=NOW)
    report = deliver_pending(connection, make_sender(receiver.url, QUICK, no_wait), now=NOW)
    assert len(receiver.received) == 1
    assert f"webhook answered {status}" in report.errors[0]
    assert "COSTOPS_ALERT_WEBHOOK_URL" in report.errors[0]


def test_a_kill_between_insert_and_delivery_is_repaired_by_the_next_run(receiver: Receiver, tmp_path):
    path = str(tmp_path / "w.duckdb")
    with duckdb.connect(path) as first:
        record_alerts(first, [draft()], now=NOW)
    with duckdb.connect(path) as second:
        record_alerts(second, [draft(is_new=False)], now=NOW + timedelta(hours=1))
        deliver_pending(second, make_sender(receiver.url, QUICK, no_wait), now=NOW)
        assert len(read_alerts(second)) == 1
    assert len(receiver.received) == 1


def test_a_kill_between_sending_and_noting_repeats_the_same_key(receiver: Receiver, connection):
    record_alerts(connection, [draft()], now=NOW)
    send = make_sender(receiver.url, QUICK, no_wait)
    send(undelivered_alerts(connection)[0])
    deliver_pending(connection, send, now=NOW)
    assert [headers["Idempotency-Key"] for headers, _ in receiver.received] == ["a1", "a1"]
    assert len(read_alerts(connection)) == 1


def test_the_address_is_in_no_log_error_or_row(receiver: Receiver, connection, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    receiver.answers = [404]
    record_alerts(connection, [draft("a1"), draft("a2"), draft("a3")], now=NOW)
    reports = [deliver_pending(connection, make_sender(receiver.url, QUICK, no_wait), now=NOW)]
    for url in (f"http://127.0.0.1:9{SECRET_PATH}", f"nonsense{SECRET_PATH}", f"http://[bad{SECRET_PATH}"):
        reports.append(deliver_pending(connection, make_sender(url, QUICK, no_wait), now=NOW))
    everything = caplog.text + repr(reports) + read_alerts(connection).to_json()
    assert [r.failed for r in reports] == [1, 1, 1, 1]
    assert "secret" not in everything
    assert "127.0.0.1" not in everything


def test_without_an_address_the_alert_goes_to_the_log_once(connection, caplog: pytest.LogCaptureFixture):
    record_alerts(connection, [draft()], now=NOW)
    for _ in range(2):
        deliver_pending(connection, make_sender(None), now=NOW)
    assert len([r for r in caplog.records if "Unusual spend" in r.getMessage()]) == 1
    assert read_alerts(connection)["delivered_to"].tolist() == ["log"]


def test_the_error_of_a_dead_server_has_no_cause_that_could_be_printed():
    send = make_sender(f"http://127.0.0.1:9{SECRET_PATH}", QUICK, no_wait)
    with pytest.raises(DeliveryError) as caught:
        send({**vars(draft()), "evidence": "{}", "first_seen_at_utc": NOW})
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
    assert read_alerts(connection)["delivered_to"].tolist() == ["log"]
