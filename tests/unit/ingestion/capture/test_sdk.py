"""Clients of the real SDKs against a provider on loopback that counts itself: what was captured is what was billed."""

from __future__ import annotations

import asyncio
import gc
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from ingestion.capture import Recorder, attributed, instrument, scope
from ingestion.landing.model import SourceFile
from ingestion.sources.events.provider_bodies import parse
from tests.support.fake_provider import SECRET, FakeProvider, fake_provider

MESSAGES: Any = [{"role": "user", "content": SECRET}]
COUNTERS = ("uncached_input_tokens", "cache_read_tokens", "output_tokens")


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with fake_provider() as found:
        yield found


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    found = Recorder(tmp_path / "provider_bodies" / "app", flush_seconds=0.02)
    yield found
    found.close()


def openai_client(provider: FakeProvider, recorder: Recorder, kind: Any = openai.OpenAI) -> Any:
    return instrument(kind(api_key="sk-secret", base_url=f"{provider.url}/v1"), recorder, provider="openai")


def anthropic_client(provider: FakeProvider, recorder: Recorder, kind: Any = anthropic.Anthropic) -> Any:
    return instrument(kind(api_key="sk-ant-secret", base_url=provider.url), recorder, provider="anthropic")


def read_back(recorder: Recorder, folder: Path) -> tuple[list[dict[str, Any]], list[Any]]:
    """The rows that the events source makes of the files, and what it sets aside."""
    recorder.close()
    assert recorder.lost == 0
    rows, aside = [], []
    for path in sorted(folder.rglob("*.jsonl")):
        text = path.read_text()
        assert "secret" not in text
        assert text.endswith("\n")
        at = datetime.now(UTC).replace(tzinfo=None)
        for batch in parse(SourceFile(path, path.name, path.stat().st_size, at, "x")):
            aside += batch.quarantined
            rows += batch.table.to_pylist() if batch.table is not None else []
    return rows, aside


def landed(recorder: Recorder, folder: Path) -> list[dict[str, Any]]:
    rows, aside = read_back(recorder, folder)
    assert aside == []
    return rows


def billed(rows: list[dict[str, Any]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in rows:
        if row["status"] == "ok":
            counted.update({"calls": 1} | {name: row[name] or 0 for name in COUNTERS})
    return +counted


def test_every_way_to_call_is_counted_as_it_was_billed(
    provider: FakeProvider, recorder: Recorder, tmp_path: Path
) -> None:
    ours, theirs = openai_client(provider, recorder), anthropic_client(provider, recorder)
    with scope(team="search", feature="chat", tags={"release": "7"}):
        ours.chat.completions.create(model="gpt-4o", messages=MESSAGES)
        for _ in ours.chat.completions.create(
            model="gpt-4o", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        ):
            pass
        ours.responses.create(model="gpt-4o", input=SECRET)
        for _ in ours.responses.create(model="gpt-4o", input=SECRET, stream=True):
            pass
        ours.embeddings.create(model="text-embedding-3-small", input=SECRET)
    with scope(customer="acme"), scope(team="support", user=None):
        theirs.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=MESSAGES)
        for _ in theirs.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=MESSAGES, stream=True):
            pass
        with theirs.messages.stream(model="claude-sonnet-4-5", max_tokens=9, messages=MESSAGES) as stream:
            assert SECRET in stream.get_final_text()
    ours.models.with_raw_response  # noqa: B018 - what is no call is none
    rows = landed(recorder, tmp_path)
    assert billed(rows) == provider.billed
    assert Counter((row["provider_name"], row["team_id"], row["customer_id"]) for row in rows) == {
        ("openai", "search", None): 5,
        ("anthropic", "support", "acme"): 3,
    }
    assert {json.loads(row["tags"])["release"] for row in rows if row["provider_name"] == "openai"} == {"7"}
    assert {row["served_model"] for row in rows if row["requested_model"] == "gpt-4o"} >= {"gpt-4o-2024-08-06"}
    assert all(row["duration_ms"] is not None for row in rows)


def test_async_clients_and_their_scopes_stay_apart(provider: FakeProvider, recorder: Recorder, tmp_path: Path) -> None:
    ours = openai_client(provider, recorder, openai.AsyncOpenAI)
    theirs = anthropic_client(provider, recorder, anthropic.AsyncAnthropic)

    @attributed(team="decorated")
    async def summarize() -> None:
        await ours.chat.completions.create(model="gpt-4o", messages=MESSAGES)

    async def one(number: int) -> None:
        with scope(feature=f"f{number % 4}"):
            await asyncio.sleep(0)
            stream = await theirs.messages.create(
                model="claude-sonnet-4-5", max_tokens=9, messages=MESSAGES, stream=True
            )
            async for _ in stream:
                pass
            await summarize()

    async def everything() -> None:
        await asyncio.gather(*(one(number) for number in range(20)))

    asyncio.run(everything())
    rows = landed(recorder, tmp_path)
    assert billed(rows) == provider.billed
    seen = Counter((row["team_id"], row["feature"]) for row in rows)
    assert seen == {(team, f"f{n}"): 5 for team in (None, "decorated") for n in range(4)}


def test_a_call_that_is_retried_is_one_and_one_that_fails_is_an_error_without_tokens(
    provider: FakeProvider, recorder: Recorder, tmp_path: Path
) -> None:
    client = openai_client(provider, recorder)
    provider.faults = [500, 429]
    client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    provider.faults = [400]
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    provider.faults = [404]
    with pytest.raises(openai.NotFoundError):
        client.post("/files", cast_to=object)
    rows = landed(recorder, tmp_path)
    assert billed(rows) == provider.billed
    assert provider.billed["calls"] == 1
    failed = [row for row in rows if row["status"] == "error"]
    assert len(failed) == 1
    assert failed[0]["uncached_input_tokens"] is None


def test_a_stream_that_nobody_reads_to_its_end_or_without_usage_is_set_aside_with_its_remedy(
    provider: FakeProvider, recorder: Recorder, tmp_path: Path
) -> None:
    client = openai_client(provider, recorder)
    stream = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True)
    next(iter(stream))
    stream.close()
    del stream
    gc.collect()
    for _ in client.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True):
        pass
    rows, aside = read_back(recorder, tmp_path)
    assert rows == []
    assert [each.reason for each in aside] == ["missing_usage"] * 2
    assert "Ask for usage" in aside[0].message


def test_prompts_leave_a_digest_where_the_application_gives_a_key(
    provider: FakeProvider, recorder: Recorder, tmp_path: Path
) -> None:
    there = f"{provider.url}/v1"
    keyed, other = (
        instrument(openai.OpenAI(api_key="sk-secret", base_url=there), recorder, provider="openai", prompt_key=key)
        for key in ("one of our own", "another")
    )
    plain = openai_client(provider, recorder)
    for client, model, text in [
        (keyed, "gpt-4o", SECRET), (keyed, "gpt-4o", SECRET), (keyed, "gpt-4o", f"{SECRET}!"), (keyed, "gpt-5", SECRET),
        (other, "gpt-4o", SECRET), (plain, "gpt-4o", SECRET),
    ]:  # fmt: skip
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])
    rows, aside = read_back(recorder, tmp_path)
    digests = [row["prompt_hash"] for row in sorted(rows, key=lambda row: row["requested_at_utc"])]
    assert aside == []
    assert digests[0] == digests[1]
    assert len({*digests[:5]}) == 4
    assert all(len(digest) == 64 for digest in digests[:5])
    assert digests[5] is None


def test_what_is_no_client_is_said_and_twice_is_once(
    provider: FakeProvider, recorder: Recorder, tmp_path: Path
) -> None:
    with pytest.raises(TypeError, match="openai and anthropic"):
        instrument(object(), recorder)
    client = instrument(openai_client(provider, recorder), recorder)
    client.embeddings.create(model="text-embedding-3-small", input=SECRET)
    assert len(landed(recorder, tmp_path)) == 1
    with pytest.raises(TypeError, match="not teem"):
        scope(teem="x").__enter__()


def test_a_client_without_a_recorder_is_left_as_it_is(provider: FakeProvider, recorder: Recorder) -> None:
    client = openai.OpenAI(api_key="sk-secret", base_url=f"{provider.url}/v1")
    assert instrument(client, None) is client
    assert "request" not in vars(client)
    client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    instrument(client, recorder)  # and may be watched later
    assert "request" in vars(client)
    with pytest.raises(TypeError):
        instrument(object(), None)
