"""Lines of batch output files: OpenAI, Mistral, Groq, Anthropic and Fireworks (`custom_id`), Gemini (`key`), Vertex
(`processed_time`), Bedrock (`recordId`), xAI (`batch_request_id`), embeddings of Vertex (`instance`).

Put here: telling such a line, and the answer in it. Keep out: what the answer says.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.provider_bodies.field_names import TIMES
from ingestion.sources.events.usage_shapes.plain_counts import with_model_usage, with_predicted_usage
from ingestion.sources.events.usage_shapes.values import as_object, dig, text

BATCH_PARTS = ("response", "result", "batch_result", "modelOutput", "modelInput", "instance", "predictions")


_OF_FIREWORKS = frozenset(("custom_id", "response", "error", "id"))
_OF_GEMINI = frozenset(("key", "response", "error", "metadata", "model", *TIMES))


def batch_body(record: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(body, fields about it); an empty body where the call failed."""
    response = record.get("response")
    if isinstance(response, str):  # tables keep it as text
        response = as_object(response)
    if "custom_id" in record:
        body = as_object(dig(response, "body"))
        if body:
            return body, {
                "status_code": dig(response, "status_code"),
                "request_id": record.get("id"),
            }
        error = dig(record, "result", "error", "error") or dig(record, "result", "error")
        answered = dig(record, "result", "message")
        if isinstance(answered, dict):
            return answered, {"error": error}
        if isinstance(record.get("result"), dict) and not error:
            error = {"type": text(record["result"].get("type")) or "error"}
        is_of_fireworks = bool(as_object(dig(response, "usage"))) and not record.keys() - _OF_FIREWORKS
        if isinstance(response, dict) and ("processed_time" in record or is_of_fireworks):
            return response, {}
        return ({}, {"error": error}) if "result" in record or "error" in record else None
    has_key = "key" in record or isinstance(dig(record, "metadata", "key"), str)
    is_gemini = has_key and not record.keys() - _OF_GEMINI
    is_gemini = is_gemini or (has_key and record.keys() <= {"key", "request", "response", "error"})
    is_vertex = "processed_time" in record
    if is_gemini or is_vertex:
        if isinstance(response, dict) and ("usageMetadata" in response or "usage_metadata" in response):
            return response, {}
        if is_gemini and isinstance(response, dict) and "embedding" in response:
            return with_model_usage(response), {"provider": "google"}
        if is_vertex and isinstance(response, dict) and response.get("type") == "message":
            return response, {"provider": "google"}
        if (is_gemini and "error" in record) or ("processed_time" in record and text(record.get("status"))):
            return {}, {"error": record.get("error") or {"message": text(record.get("status"))}}
        return None
    if "recordId" in record and ("modelOutput" in record or "error" in record):
        answered = with_model_usage(as_object(record.get("modelOutput")))
        return answered, {"error": record.get("error"), "provider": "aws"}
    if "batch_request_id" in record and isinstance(record.get("batch_result"), dict):  # xAI
        result = record["batch_result"]
        answers = [item for item in as_object(result.get("response")).values() if isinstance(item, dict)]
        return (answers[0] if answers else {}), {"error": result.get("error"), "provider": "x-ai"}
    if "instance" in record and isinstance(record.get("predictions"), list):
        return with_predicted_usage(record), {"provider": "google"}
    return None
