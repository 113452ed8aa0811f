"""Tools inside a response: grounding, images, searches, and those that nothing meters.

Expected counts are worked out by hand from what each body prints.
"""

from __future__ import annotations

from typing import Any

import pytest

from ingestion.sources.events.usage_shapes.unresolved import unresolved_of
from tests.unit.ingestion.events.usage_records import RESPONSE, TEXT, body, counts, rows


def grounded(model: str, *candidates: dict[str, Any]) -> dict[str, Any]:
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
    return body(usage, "usageMetadata", modelVersion=model, candidates=list(candidates))


GROUNDED = {
    "by_query_from_gemini_3_on": (
        grounded(
            "gemini-3-pro-preview",
            {"groundingMetadata": {"webSearchQueries": ["a", "b", "a", ""]}},
            {"groundingMetadata": {"webSearchQueries": ["c"]}},
        ),
        {"web_searches": 3},
    ),
    "one_prompt_in_gemini_2": (
        grounded("gemini-2.0-flash", {"grounding_metadata": {"web_search_queries": ["a", "b"]}}),
        {"web_searches": 1},
    ),
    "maps_by_its_widget": (
        grounded("gemini-2.5-pro", {"groundingMetadata": {"googleMapsWidgetContextToken": "t"}}),
        {"map_searches": 1},
    ),
    "search_and_maps": (
        grounded(
            "gemini-2.5-pro", {"groundingMetadata": {"groundingChunks": [{"web": {"uri": "u"}}, {"maps": {"x": 1}}]}}
        ),
        {"web_searches": 1, "map_searches": 1},
    ),
    "not_grounded": (grounded("gemini-2.5-pro", {"groundingMetadata": {}}), {}),
}


@pytest.mark.parametrize("name", GROUNDED)
def test_grounding_of_gemini(name: str) -> None:
    record, expected = GROUNDED[name]
    (row,) = rows(record)
    assert counts(row) == TEXT | expected


def test_images_made_inside_a_response_are_calls_of_the_image_model_that_it_names() -> None:
    """Rates of gpt-image-1 apply to what lies beside the usage of gpt-5."""
    made = {"input_tokens": 50, "output_tokens": 1_000, "output_tokens_details": {"image_tokens": 1_000}}
    record = body(
        {"input_tokens": 1_000, "output_tokens": 100, "total_tokens": 1_100},
        object="response",
        model="gpt-5",
        service_tier="flex",
        tools=[{"type": "image_generation", "model": "gpt-image-1"}],
        output=[{"type": "image_generation_call"}],
        tool_usage={"image_gen": made},
    )
    answer, image = rows(record)
    assert counts(answer) == {"uncached_input": 1_000, "output": 100}
    assert not unresolved_of(answer)
    assert counts(image) == {"uncached_input": 50, "image_output": 1_000}
    assert (image["served_model"], image["parent_event_id"]) == ("gpt-image-1", answer["event_id"])
    assert image.get("served_service_tier") is None
    assert image["event_id"] != answer["event_id"]


UNMETERED = {
    "containers_are_counted_once": (
        body(
            RESPONSE,
            object="response",
            output=[{"type": "code_interpreter_call", "container_id": each} for each in ("a", "b", "a")],
        ),
        {"containers": 2},
        {"output.code_interpreter_call.container_minutes": 2},
    ),
    "image_tool": (
        body(
            RESPONSE,
            object="response",
            output=[{"type": "image_generation_call"}],
            tool_usage={"image_gen": {"input_tokens": 30, "output_tokens": 1_056}},
        ),
        {},
        {"tool_usage.image_gen.input_tokens": 30, "tool_usage.image_gen.output_tokens": 1_056},
    ),
    "a_tool_of_tomorrow": (
        body(RESPONSE, object="response", output=[{"type": "hologram_call"}, {"type": "message"}]),
        {},
        {"output.hologram_call": 1},
    ),
    "vertex_ai_search": (
        grounded("gemini-2.5-pro", {"groundingMetadata": {"retrievalQueries": ["q"]}}),
        {},
        {"groundingMetadata.retrievalQueries": 1},
    ),
    "xai_posts": (
        body(
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
            | {"server_side_tool_usage_details": {"x_search_calls": 2, "x_posts_fetched": 40, "web_search_calls": 1}}
        ),
        {"x_searches": 2, "web_searches": 1},
        {"usage.server_side_tool_usage_details.x_posts_fetched": 40},
    ),
    "mistral_connectors": (
        body({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "connectors": {"web_search": 2}}),
        {},
        {"usage.connectors.web_search": 2},
    ),
}


@pytest.mark.parametrize("name", UNMETERED)
def test_tools_that_nothing_meters_are_named(name: str) -> None:
    record, expected, named = UNMETERED[name]
    (row,) = rows(record)
    assert counts(row) == TEXT | expected
    assert {item.key: item.quantity for item in unresolved_of(row)} == named
    assert row["unknown_usage_reason"] == "unmetered_tool"


def test_tokens_only_tools_leave_a_response_complete() -> None:
    items = [{"type": kind} for kind in ("function_call", "mcp_call", "computer_call", "reasoning", "message")]
    (row,) = rows(body(RESPONSE, object="response", output=items))
    assert row.get("unresolved_usage") is None


def test_a_compound_system_is_a_row_for_each_model() -> None:
    part = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    whole = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
    models = [{"model": "openai/gpt-oss-120b", "usage": part}, {"model": "llama-3.3-70b-versatile", "usage": part}]
    choices = [{"message": {"executed_tools": [{"type": "search"}]}}]
    record = body(whole, "usage", "groq", model="groq/compound", usage_breakdown={"models": models}, choices=choices)
    found = rows(record)
    assert [(row["event_id"], row["served_model"]) for row in found] == [
        ("x/0", "openai/gpt-oss-120b"),
        ("x/1", "llama-3.3-70b-versatile"),
    ]
    assert [counts(row) for row in found] == [TEXT, TEXT]
    assert [row.get("unknown_usage_reason") for row in found] == ["unmetered_tool", None]


def test_tools_that_are_only_numbered_are_named() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "num_server_side_tools_used": 3}
    (row,) = rows(body(usage))
    assert [(item.key, item.quantity) for item in unresolved_of(row)] == [("usage.num_server_side_tools_used", 3)]
    (row,) = rows(body(usage | {"server_side_tool_usage_details": {"x_search_calls": 3}}))
    assert (counts(row), row.get("unresolved_usage")) == (TEXT | {"x_searches": 3}, None)
