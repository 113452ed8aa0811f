"""Whom calls are for: blocks, functions, generators and requests keep their own, whatever runs beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.capture import CaptureMiddleware, attributed, scope
from ingestion.capture.envelope import ANSWER, NEVER, answer, counts, envelope, is_billed
from ingestion.capture.scope import current


def test_an_inner_scope_adds_and_ends() -> None:
    with scope(team="a", tags={"x": "1"}):
        with scope(team="b", user=None, tags={"y": "2"}):
            assert current() == {"team_id": "b", "tags": {"x": "1", "y": "2"}}
        assert current() == {"team_id": "a", "tags": {"x": "1"}}
    assert current() == {}


def test_generators_keep_theirs_between_their_steps() -> None:
    @attributed(feature="g")
    def steps() -> Iterator[Any]:
        got = yield dict(current())
        yield dict(current()), got

    made = steps()
    assert next(made) == {"feature": "g"}
    with scope(team="caller"):
        assert current() == {"team_id": "caller"}
        assert made.send("x") == ({"feature": "g"}, "x")

    @attributed(feature="ag")
    async def later() -> AsyncIterator[Any]:
        for _ in range(2):
            yield dict(current())

    async def both() -> list[Any]:
        found = []
        async for each in later():
            found += [each, dict(current())]
        return found

    assert asyncio.run(both()) == [{"feature": "ag"}, {}, {"feature": "ag"}, {}]

    @attributed(team="plain")
    def plain() -> object:
        return dict(current())

    assert plain() == {"team_id": "plain"}


def test_requests_are_for_whom_their_headers_and_the_application_say() -> None:
    seen = []

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.sleep(0)
        seen.append(dict(current()))

    def resolve(asked: Any) -> dict[str, str | None]:
        if asked["path"] == "/broken":
            raise RuntimeError("no session")
        return {"team": "resolved"}

    headers = [(b"x-costops-team", b"caller"), (b"X-Costops-Customer", b"acme"), (b"cookie", b"secret")]

    async def both() -> None:
        plain, resolved = CaptureMiddleware(app), CaptureMiddleware(app, resolve=resolve)
        asked = {"type": "http", "headers": headers, "path": "/"}
        await asyncio.gather(
            plain(dict(asked), None, None), resolved(dict(asked), None, None),
            resolved(asked | {"path": "/broken"}, None, None), plain({"type": "lifespan"}, None, None),
        )  # fmt: skip

    asyncio.run(both())
    assert sorted(seen, key=str) == sorted(
        [
            {"team_id": "caller", "customer_id": "acme"}, {"team_id": "resolved", "customer_id": "acme"},
            {"team_id": "caller", "customer_id": "acme"}, {},
        ],
        key=str,
    )  # fmt: skip


MEMBERS = st.sampled_from([*NEVER, *ANSWER, "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*NEVER, *ANSWER, "x"]), inner, max_size=5)
    ),
    max_leaves=30,
)


def names_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return {*map(str, value)} | {name for each in value.values() for name in names_in(each)}
    return {name for each in value for name in names_in(each)} if isinstance(value, list) else set()


@settings(deadline=None)
@given(st.dictionaries(MEMBERS, JSON, max_size=8))
def test_nothing_that_people_wrote_is_kept(body: dict[str, Any]) -> None:
    kept = answer(body)
    assert set(kept) <= set(ANSWER)
    assert not names_in(kept) & set(NEVER)


def test_long_text_deep_and_large_things_are_left_out() -> None:
    deep: Any = "bottom"
    for _ in range(30):
        deep = {"x": deep}
    assert "bottom" not in str(counts(deep))
    assert counts("y" * 301) is None
    assert len(counts(list(range(10_000)))) == 200


@pytest.mark.parametrize(
    ("path", "is_call"),
    [
        ("/chat/completions", True), ("/responses", True), ("/v1/messages", True), ("/embeddings?x=1", True),
        ("/v1/messages/count_tokens", False), ("/v1/messages/batches", False), ("/files", False), ("/models/x", False),
    ],
)  # fmt: skip
def test_what_costs_is_known_by_its_address(path: str, is_call: bool) -> None:
    assert is_billed(path, None) is is_call
    assert is_billed("/anything", {"usage": {"input_tokens": 1}})


def test_an_address_keeps_no_secret() -> None:
    line = envelope(
        url="https://user:pass@host.example/v1/x?key=secret#f", provider=None, whom={},
        request={"model": "m", "input": "t"},
        started_at=1_790_000_000.5, seconds=0.25,
    )  # fmt: skip
    assert line == {
        "timestamp": "2026-09-21T14:13:20.500Z", "url": "https://host.example/v1/x", "duration_ms": 250,
        "request": {"model": "m"},
    }  # fmt: skip
