"""What is sent arrives once, whole and without what anybody said; and it counts against budgets at once."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from fastapi.testclient import TestClient

from ingestion.capture import Recorder, instrument, scope
from ingestion.sources.events import provider_bodies
from orchestration.serving.http.app import create_app
from orchestration.serving.http.server import Options
from tests.support.fake_provider import SECRET as WORDS
from tests.support.fake_provider import fake_provider
from tests.support.live_server import listening
from tests.support.received import event, everything, landed
from tests.support.served_home import Served, served_home

SECRET = "the launch is on friday and nobody may know it"


@pytest.fixture
def home(tmp_path: Path) -> Served:
    return served_home(tmp_path)


@pytest.fixture
def sending(home: Served) -> Iterator[TestClient]:
    with TestClient(
        create_app(home.settings, Options(hosts=("testserver",), segment_seconds=60, body_bytes=100_000))
    ) as client:
        yield client


def test_events_are_checked_as_landing_would_and_what_was_said_is_dropped(home: Served, sending: TestClient) -> None:
    events = [
        event(1, prompt=SECRET, tags={"job": "nightly", "message": SECRET, "note": SECRET}), event(2, output_tokens=-1),
        event(3, team_id="beta"), "no object", event(4),
    ]  # fmt: skip
    answer = sending.post("/api/v1/events", json={"events": events}, headers=home.headers("lea"))
    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)
    assert sorted(each["row"] for each in answer.json()["rejected"]) == [2, 3, 4]
    assert SECRET.encode() not in everything(home.settings.home)
    folder = home.settings.events_dir / "canonical" / "received"
    assert list(folder.glob("*.jsonl")) == []  # not shown before it is whole
    sending.app.state.server.receiver.rotate(is_closing=True)
    lines = [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert [each["event_id"] for each in lines] == ["e1", "e4"]
    assert lines[0]["tags"] == {"job": "nightly"}


def test_calls_that_an_application_captures_and_posts_are_counted_as_they_were_billed(home: Served) -> None:
    app = create_app(home.settings, Options(requests_per_minute=1e6, segment_seconds=60))
    with listening(app) as address, fake_provider() as provider:
        recorder = Recorder(address, key=home.keys["lea"], flush_seconds=0.02)
        ours = instrument(openai.OpenAI(api_key="sk-x", base_url=f"{provider.url}/v1"), recorder, provider="openai")
        theirs = instrument(anthropic.Anthropic(api_key="sk-x", base_url=provider.url), recorder, provider="anthropic")
        said: Any = [{"role": "user", "content": WORDS}]
        with scope(team="alpha", feature="chat", tags={"job": "nightly"}):
            for _ in range(3):
                ours.chat.completions.create(model="gpt-4o", messages=said)
                list(theirs.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=said, stream=True))
        billed = Counter(provider.billed)
        with scope(team="beta"):
            ours.chat.completions.create(model="gpt-4o", messages=said)
        assert recorder.flush()
        recorder.close()
        assert recorder.lost == 1  # lea's key sends for team alpha alone
        held = app.state.server.captured.since(datetime(2020, 1, 1), "team", "alpha")  # noqa: DTZ001
    assert (held.event_count, held.unpriced_count) == (6, 0)
    rows = landed(home.settings.events_dir / "provider_bodies" / "received", provider_bodies.parse)
    assert {(row["team_id"], row["feature"], row["tags"]) for row in rows} == {("alpha", "chat", '{"job": "nightly"}')}
    counted = {name: sum(row[name] or 0 for row in rows) for name in ("uncached_input_tokens", "output_tokens")}
    assert counted == {name: billed[name] for name in counted}
    assert WORDS.encode() not in everything(home.settings.home)


def test_of_a_posted_call_nothing_is_kept_that_capture_would_not_keep(home: Served, sending: TestClient) -> None:
    call = {
        "timestamp": "2026-03-15T10:00:00Z", "url": f"https://me:pw@api.openai.com/v1/chat/completions?q={SECRET}",
        "provider": "openai", "team_id": "alpha", "note": SECRET, "tags": {"job": "nightly", "note": SECRET},
        "request": {"model": "gpt-4o", "messages": [{"content": SECRET}]},
        "response": {
            "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o", "created": 1773568800,
            "choices": [{"message": {"content": SECRET}}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9, "thought": SECRET},
        },
    }  # fmt: skip
    bad = {**call, "response": {"id": "x", "object": "chat.completion", "model": "gpt-4o"}}
    answer = sending.post("/api/v1/events", json=[call, bad, event(1)], headers=home.headers("lea")).json()
    assert (answer["accepted"], [each["row"] for each in answer["rejected"]]) == (2, [2])
    sending.app.state.server.receiver.rotate(is_closing=True)
    (row,) = landed(home.settings.events_dir / "provider_bodies" / "received", provider_bodies.parse)
    assert (row["event_id"], row["uncached_input_tokens"], row["output_tokens"]) == ("chatcmpl-1", 7, 2)
    assert b"friday" not in everything(home.settings.home)
    assert b"me:pw" not in everything(home.settings.home)


def test_a_team_s_key_sends_for_its_team(home: Served, sending: TestClient) -> None:
    answer = sending.post("/api/v1/events", json=[event(1, team_id=None)], headers=home.headers("lea"))
    assert answer.json()["accepted"] == 1
    sending.app.state.server.receiver.rotate(is_closing=True)
    written = next((home.settings.events_dir / "canonical" / "received").glob("*.jsonl")).read_text()
    assert json.loads(written)["team_id"] == "alpha"


def test_who_may_not_send_is_refused_and_so_is_what_is_no_request(home: Served, sending: TestClient) -> None:
    assert sending.post("/api/v1/events", json=[event(1)], headers=home.headers("vic")).status_code == 403
    assert sending.post("/v1/traces", json={}, headers=home.headers("bea")).status_code == 403
    fin = home.headers("fin")
    assert (
        sending.post(
            "/v1/traces", content=b"\x00", headers=fin | {"Content-Type": "application/x-protobuf"}
        ).status_code
        == 422
    )
    assert sending.post("/v1/logs", content=b"{", headers=fin).status_code == 422
    assert sending.post("/v1/logs", content=b"x" * 100_001, headers=fin).status_code == 413
    bomb = gzip.compress(b" " * 10_000_000)
    assert sending.post("/v1/traces", content=bomb, headers=fin | {"Content-Encoding": "gzip"}).status_code == 413
    half = gzip.compress(b"{}" * 1000)[:-4]
    assert sending.post("/v1/traces", content=half, headers=fin | {"Content-Encoding": "gzip"}).status_code == 422
    assert not list(home.settings.events_dir.rglob("*received*/*"))


def test_what_a_killed_server_left_is_cut_at_its_last_line_and_shown(home: Served) -> None:
    folder = home.settings.events_dir / "otel" / "received"
    folder.mkdir(parents=True)
    left = folder / ".received-20260315T100000000000-999999999-1.jsonl.part"
    left.write_bytes(b'{"resourceSpans":[]}\n{"resourceSp')
    with TestClient(create_app(home.settings)):
        assert [path.read_bytes() for path in folder.glob("*.jsonl")] == [b'{"resourceSpans":[]}\n']
        assert not left.exists()


def test_a_full_disk_is_said_and_leaves_no_half_line(home: Served, sending: TestClient, monkeypatch: Any) -> None:
    assert sending.post("/api/v1/events", json=[event(1)], headers=home.headers("fin")).status_code == 202
    import orchestration.serving.spooling as spooling

    true_write = spooling.os.write

    def half(descriptor: int, content: bytes) -> int:
        if len(content) > 50:
            return true_write(descriptor, content[:50])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(spooling.os, "write", half)
        answer = sending.post("/api/v1/events", json=[event(2)], headers=home.headers("fin"))
    assert answer.status_code == 503
    assert sending.post("/api/v1/events", json=[event(3)], headers=home.headers("fin")).status_code == 202
    sending.app.state.server.receiver.rotate(is_closing=True)
    folder = home.settings.events_dir / "canonical" / "received"
    lines = [json.loads(line)["event_id"] for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert lines == ["e1", "e3"]
