"""Answers that are charged by what they made or heard: videos of Veo, images of every API, transcripts of Google."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingestion.sources.events.bedrock import parse as parse_bedrock
from ingestion.sources.events.provider_bodies import parse

AT = "2026-11-10T10:00:00Z"
OPERATION = "projects/p/locations/us-central1/publishers/google/models/veo-3.0-generate-001/operations/a"
MADE: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "Imagen, Python": ({"generated_images": [{"image": {"image_bytes": "x"}}]}, {"images": 1}),
    "Imagen, JavaScript, one filtered": (
        {"generatedImages": [{"image": {"imageBytes": "x"}}, {"raiFilteredReason": "y"}]},
        {"images": 1},
    ),
    "fal": ({"images": [{"url": "https://x", "content_type": "image/jpeg"}], "seed": 1}, {"images": 1}),
    "Nova Canvas": ({"images": ["x", "y"], "maskImage": None, "error": None}, {"images": 2}),
    "Stability": ({"images": ["x"], "finish_reasons": [None], "seeds": [1]}, {"images": 1}),
    "Replicate": ({"id": "r", "model": "m", "output": ["u"], "metrics": {"image_count": 2}}, {"images": 2}),
    "Google, heard": ({"results": [{"alternatives": []}], "totalBilledTime": "15s"}, {"audio_milliseconds": 15_000}),
    "Google, version 2": (
        {"results": [{"alternatives": []}], "metadata": {"totalBilledDuration": "7.5s"}},
        {"audio_milliseconds": 7_500},
    ),
}


@pytest.mark.parametrize(("body", "made"), MADE.values(), ids=MADE.keys())
def test_what_was_made_is_counted(
    parse_records: Callable[..., Any], body: dict[str, Any], made: dict[str, int]
) -> None:
    (row,), _ = parse_records(parse, {"timestamp": AT, "model": "m", "response": body})
    assert {name: row.get(name) for name in made} == made


def operation(**told: Any) -> dict[str, Any]:
    return {"timestamp": AT, "response": {"name": OPERATION, **told}}


VIDEOS = {"response": {"videos": [{"gcsUri": "gs://a"}, {"gcsUri": "gs://b"}]}}


def test_videos_of_veo_are_as_long_as_was_asked_for(parse_records: Callable[..., Any]) -> None:
    asked = {"request": {"instances": [], "parameters": {"durationSeconds": 8, "sampleCount": 2}}}
    (row,), bad = parse_records(parse, operation(), operation(done=True, **VIDEOS) | asked)
    assert (row["video_milliseconds"], row["served_model"], row["provider_name"]) == (
        16_000,
        "veo-3.0-generate-001",
        "google",
    )
    assert bad == []
    rows, (bad_row,) = parse_records(parse, operation(done=True, **VIDEOS))
    assert (rows, bad_row.field) == ([], "request.parameters.durationSeconds")


def invocation(output: dict[str, Any], **asked: Any) -> dict[str, Any]:
    record = {"timestamp": AT, "accountId": "1", "requestId": "r", "operation": "InvokeModel"}
    into = {"inputTokenCount": 0, "inputBodyJson": asked}
    model = "amazon.titan-image-generator-v2:0"
    return record | {"modelId": model, "input": into, "output": output, "schemaType": "ModelInvocationLog"}


def test_images_in_the_invocation_log_are_no_call_of_zero_tokens(parse_records: Callable[..., Any]) -> None:
    (row,), _ = parse_records(parse_bedrock, invocation({"outputBodyJson": {"images": ["x", "y"]}}))
    assert (row["images"], "uncached_input_tokens" in row) == (2, False)
    asked = {"taskType": "TEXT_IMAGE", "imageGenerationConfig": {"numberOfImages": 3}}
    (row,), _ = parse_records(parse_bedrock, invocation({"outputBodyS3Path": "s3://b/k"}, **asked))
    assert row["images"] == 3
    rows, (bad,) = parse_records(parse_bedrock, invocation({"outputBodyS3Path": "s3://b/k"}))
    assert (rows, bad.reason) == ([], "missing_usage")


def test_units_of_guardrails_are_named(parse_records: Callable[..., Any]) -> None:
    units = {"topicPolicyUnits": 2, "contentPolicyUnits": 1, "wordPolicyUnits": 3, "contextualGroundingPolicyUnits": 0}
    assessed = {"invocationMetrics": {"usage": units, "guardrailProcessingLatency": 100}}
    trace = {"guardrail": {"inputAssessment": {"g": assessed}, "outputAssessments": {"g": [assessed]}}}
    body = {"usage": {"inputTokens": 5, "outputTokens": 6, "totalTokens": 11}, "trace": trace}
    (row,), _ = parse_records(parse, {"timestamp": AT, "model": "amazon.nova-pro-v1:0", "response": body})
    assert json.loads(row["unresolved_usage"]) == [
        {"key": "trace.guardrail.contentPolicyUnits", "quantity": 2, "reason": "unmetered_tool"},
        {"key": "trace.guardrail.topicPolicyUnits", "quantity": 4, "reason": "unmetered_tool"},
    ]
    invoked = invocation({"outputBodyJson": body, "outputTokenCount": 6})
    (row,), _ = parse_records(parse_bedrock, {**invoked, "input": {"inputTokenCount": 5}})
    assert row["unknown_usage_reason"] == "unmetered_tool"


def test_vectors_of_a_batch_of_gemini_are_input(parse_records: Callable[..., Any]) -> None:
    (row,), _ = parse_records(parse, {"key": "k", "response": {"tokenCount": 7, "embedding": {"values": [0.1]}}})
    assert (row["uncached_input_tokens"], row["is_batch"], row["provider_name"]) == (7, True, "google")
