"""Watches the clients of OpenAI's and Anthropic's SDKs: plain and async, streams, tools, results of batches.

One method of a client sends every call, so one is wrapped, on that client alone. Retries happen within it: a call is
one line, as one is billed. Put here: wrapping. Keep out: what is kept (`envelope`), where it goes (`recorder`).
"""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from copy import copy
from typing import Any, TypeVar

from ingestion.capture.envelope import ANSWER, ASKED, Pieces, answer, envelope, is_billed, prompt_hash
from ingestion.capture.recorder import Recorder
from ingestion.capture.scope import current

Client = TypeVar("Client")
_MARK = "_costops_capture"
_NAMES_AND_NUMBERS = (str, int, float)


def instrument(
    client: Client, recorder: Recorder | None, *, provider: str | None = None, prompt_key: str | None = None
) -> Client:
    """Record what a client's calls are billed by; returns the client. Twice does no more than once.

    `recorder`: None leaves the client as it is, so that a setting of the application can switch recording off.
    `provider`: who bills, where the address of the client does not say it (a gateway of one's own).
    `prompt_key`: a secret of one's own. With it a digest of each prompt is recorded, from which nobody without the key
    can tell the prompt: it says how many calls ask the same. Without it, nothing of prompts is.

    Raises:
        TypeError: it is no client of a kind that is known.
    """
    send = getattr(client, "request", None)
    if not callable(send) or not hasattr(client, "base_url"):
        raise TypeError(f"instrument() knows clients of the openai and anthropic packages, not {type(client).__name__}")
    if recorder is None or getattr(client, _MARK, None) is not None:
        return client
    watch = _Watch(str(client.base_url), recorder, provider, prompt_key)
    wrapped = watch.awaited(send) if inspect.iscoroutinefunction(send) else watch.called(send)
    client.request = wrapped  # type: ignore[attr-defined]
    setattr(client, _MARK, watch)
    return client


class _Watch:
    def __init__(self, base_url: str, recorder: Recorder, provider: str | None, prompt_key: str | None) -> None:
        self.base_url, self.provider, self.recorder = base_url.rstrip("/"), provider, recorder
        self.prompt_key = prompt_key

    def called(self, send: Any) -> Any:
        def request(*arguments: Any, **named: Any) -> Any:
            call = _Call(self, arguments, named)
            try:
                result = send(*arguments, **named)
            except Exception as error:
                call.failed(error)
                raise
            return call.answered(result)

        return request

    def awaited(self, send: Any) -> Any:
        async def request(*arguments: Any, **named: Any) -> Any:
            call = _Call(self, arguments, named)
            try:
                result = await send(*arguments, **named)
            except Exception as error:
                call.failed(error)
                raise
            return call.answered(result)

        return request


class _Call:
    """One call, from its sending to its last piece, and what makes its line.

    It waits for the recorder's thread, so it is few objects: what is held makes Python look for garbage more often,
    which costs the application three times what is done here.
    """

    __slots__ = ("_hash", "_path", "_request", "_said", "_seconds", "_started", "_started_at", "_watch", "_whom")

    def __init__(self, watch: _Watch, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        options = named.get("options", arguments[1] if len(arguments) > 1 else None)
        body = getattr(options, "json_data", None)
        self._watch = watch
        self._path = str(getattr(options, "url", ""))
        # Of the request two words, so that no prompt is held for longer than the call.
        self._request = {name: body.get(name) for name in ASKED} if isinstance(body, Mapping) else None
        self._hash = self._hashed(body)
        self._whom = current()
        self._started_at, self._started = time.time(), time.monotonic()
        self._seconds = 0.0
        self._said: Mapping[str, Any] | None = None

    def __call__(self) -> dict[str, Any]:
        """Its line: an answer is made plain here, everything else is."""
        about = envelope(
            url=f"{self._watch.base_url}/{self._path.lstrip('/')}", provider=self._watch.provider, whom=self._whom,
            request=self._request, started_at=self._started_at, seconds=self._seconds,
        )  # fmt: skip
        said = self._said or {}
        if self._hash is not None:
            about["prompt_hash"] = self._hash
        return {**about, **({"response": answer(_plain(said))} if isinstance(said, _Kept) else said)}

    def _hashed(self, body: Any) -> str | None:
        """A digest of the prompt, where the application wants one: made at once, so that no prompt is held."""
        if self._watch.prompt_key is None or not isinstance(body, Mapping):
            return None
        try:
            return prompt_hash(body, self._watch.prompt_key)
        except Exception:
            return None

    def _record(self, said: Mapping[str, Any]) -> None:
        """Hand it over; its line is made by the recorder's thread."""
        call = self if self._said is None else copy(self)  # a batch has many results
        call._said, call._seconds = said, time.monotonic() - self._started
        self._watch.recorder.record(call)

    def failed(self, error: Exception) -> None:
        if is_billed(self._path, None):
            code = getattr(error, "status_code", None)
            said: dict[str, Any] = {"error": {"type": type(error).__name__}}
            if isinstance(code, int):
                said["status_code"] = code
            self._record(said)

    def answered(self, result: Any) -> Any:
        """The result; where it comes in pieces, they are looked at as they pass."""
        try:
            if isinstance(result, dict) or hasattr(type(result), "model_dump"):
                kept = _kept(result)
                if kept and is_billed(self._path, kept):
                    self._record(kept)
                return result
            for name in ("_iterator", "_decoder"):
                if (pieces := getattr(result, name, None)) is not None and (
                    name == "_iterator" or type(result).__name__.endswith("JSONLDecoder")
                ):
                    is_async = hasattr(pieces, "__anext__")
                    setattr(result, name, self._later(pieces, name) if is_async else self._passing(pieces, name))
                    return result
        except Exception:
            self._watch.recorder.lose()
        return result

    def _passing(self, pieces: Iterator[Any], kind: str) -> Iterator[Any]:
        seen = Pieces()
        try:
            for piece in pieces:
                self._see(piece, seen, kind)
                yield piece
        finally:
            self._ended(seen, kind)

    async def _later(self, pieces: AsyncIterator[Any], kind: str) -> AsyncIterator[Any]:
        seen = Pieces()
        try:
            async for piece in pieces:
                self._see(piece, seen, kind)
                yield piece
        finally:
            self._ended(seen, kind)

    def _see(self, piece: Any, seen: Pieces, kind: str) -> None:
        try:
            body = _as_mapping(piece)
            if body is None:
                return
            if kind == "_decoder":
                self._batch_result(body)
            else:
                seen.add(body)
        except Exception:
            self._watch.recorder.lose()

    def _batch_result(self, body: Mapping[str, Any]) -> None:
        """A line of a batch: Anthropic's `custom_id` with `result`."""
        result = body.get("result")
        message = result.get("message") if isinstance(result, Mapping) else None
        if isinstance(message, Mapping):
            kept = answer(message)
            self._record({"response": kept, "is_batch": True})

    def _ended(self, seen: Pieces, kind: str) -> None:
        """A stream that ended, or that nobody read to its end: what was seen of it counts."""
        if kind == "_iterator" and is_billed(self._path, None):
            body = seen.body
            said = {"response": body} if body else {"error": {"type": "StreamWithoutAnswer"}}
            self._record(said)


class _Kept(dict[str, Any]):
    """The members of an answer that may be kept, as the SDK has them."""

    __slots__ = ()


def _kept(result: Any) -> _Kept:
    """The members of an answer that may be kept, as they are. A model of pydantic is slow to say what it has not."""
    members: Mapping[str, Any] = result if isinstance(result, dict) else result.__dict__
    more = getattr(result, "__pydantic_extra__", None) or {}
    kept = _Kept()
    for name in ANSWER:
        if (value := members.get(name, more.get(name))) is not None:
            kept[name] = value
    return kept


def _plain(members: Mapping[str, Any]) -> dict[str, Any]:
    """Members as plain values."""
    plain = dict(members)
    for name, value in members.items():
        if not isinstance(value, _NAMES_AND_NUMBERS) and (found := _as_mapping(value)) is not None:
            plain[name] = found
    return plain


def _as_mapping(value: Any) -> Mapping[str, Any] | None:
    """An answer as plain values; None for what is none (raw responses, bytes, text)."""
    if isinstance(value, (dict, Mapping)):
        return value
    dump = getattr(value, "model_dump", None)
    if dump is None:
        return None
    found = dump(mode="json", exclude_none=True, warnings=False)
    return found if isinstance(found, Mapping) else None
