"""What every counter of a usage object means: one table of names for all readers, with where each is known from.

Names are compared without case, camelCase as snake_case. A name means something only at its place: `audio_tokens`
below the details of the prompt is not the `audio_tokens` below those of the completion. What is not here is an unknown
counter.

Put here: names, places, meanings. Keep out: how meanings relate (`relations`), walking (`reading`).
Sources: A = vendors' API references, B = recorded bodies, C = OpenTelemetry's GenAI conventions and instrumentations
(OpenInference, OpenLLMetry, Logfire, Sentry), D = SDKs (Vercel AI SDK, LangChain, pydantic-ai, LiteLLM, Langfuse).
"""

from __future__ import annotations

from functools import lru_cache

from ingestion.sources.events.usage_shapes.spellings import joined_name, plain_name

_TABLE: tuple[tuple[str, str, str, str], ...] = (
    (
        "",
        "input",
        "input_tokens prompt_tokens request_tokens prompt_token_count prompt input input_token_count "
        "total_input_tokens",
        "ABCD",
    ),
    ("input", "input", "total", "D"),
    ("", "embedded", "tokens", "CD"),
    (
        "",
        "fresh",
        "prompt_cache_miss_tokens input_cache_miss_tokens uncached_input_tokens input_uncached_tokens input_other "
        "input_text_token_count prompt_eval_count no_cache_tokens non_cached_input_tokens",
        "ABD",
    ),
    ("input", "fresh", "no_cache_tokens no_cache", "D"),
    ("", "tool_input", "tool_use_prompt_token_count tool_token_count total_tool_use_tokens", "AB"),
    (
        "input",
        "cache_read",
        "cached_tokens cache_read cache_read_tokens cache_read_input_tokens cached cache_input cached_token_count "
        "flex_cache_read priority_cache_read cache_read_over_200k",
        "ABCD",
    ),
    (
        "",
        "cache_read",
        "cache_read.input_tokens prompt_cache_hit_tokens num_cached_tokens cached_tokens "
        "cached_prompt_text_tokens cache_read_input_tokens  "
        "cached_content_token_count cached_input_tokens input_cached_tokens input_cache_read input_cached "
        "cache_read  "
        "cache_read_tokens cache_read_input_token_count cached_prompt_tokens cached_read_tokens cached_token_count "
        "input_tokens.cached input_cached_token_count cache_read_input_tokens_count input_tokens_cache_read "
        "input_tokens_cached total_cached_tokens cached_input_token_count "
        " cached_content_tokens prompt_cached_tokens experimental.cached_tokens",
        "ABCD",
    ),
    (
        "input",
        "cache_write",
        "cache_write_tokens cache_creation_tokens cache_creation cache_write cache_creation_input_tokens",
        "ABCD",
    ),
    (
        "",
        "cache_write",
        "cache_write.input_tokens cache_creation.input_tokens cache_creation_input_tokens cache_write_input_tokens "
        "cache_write_input_token_count cache_write_tokens "
        "input_cache_creation input_cache_write cache_write cache_creation_tokens "
        "input_tokens.cache_write cache_creation_input_token_count cached_write_tokens prompt_cache_creation_tokens "
        "input_tokens_cache_write input_write_cache_tokens",
        "ABCD",
    ),
    ("written", "cache_write_5m", "ephemeral_5m_input_tokens 5m ephemeral_5m_tokens", "A"),
    (
        "",
        "cache_write_5m",
        "ephemeral_5m_input_tokens input_cache_creation_5m cache_write_5m_tokens "
        "input_ephemeral_5m_input_tokens prompt_cache_creation_5m_tokens",
        "AD",
    ),
    ("input", "cache_write_5m", "ephemeral_5m_input_tokens", "D"),
    ("written", "cache_write_1h", "ephemeral_1h_input_tokens 1h ephemeral_1h_tokens", "A"),
    (
        "",
        "cache_write_1h",
        "ephemeral_1h_input_tokens input_cache_creation_1h cache_write_1h_tokens "
        "input_ephemeral_1h_input_tokens prompt_cache_creation_1h_tokens",
        "AD",
    ),
    ("input", "cache_write_1h", "ephemeral_1h_input_tokens", "D"),
    ("written", "none", "input_tokens", "A"),
    ("input", "audio_input", "audio_tokens audio audio_token_count", "ABC"),
    (
        "",
        "audio_input",
        "input_audio_tokens input_audio audio.input_tokens prompt_audio_tokens audio_prompt_tokens input_modality_4",
        "CD",
    ),
    ("tool_input", "tool_audio_input", "audio audio_tokens", "A"),
    ("input", "image_input", "image_tokens image document", "ABC"),
    (
        "",
        "image_input",
        "input_image_tokens input_image image.input_tokens prompt_image_tokens image_prompt_tokens input_modality_2",
        "BCD",
    ),
    ("tool_input", "tool_image_input", "image document image_tokens", "A"),
    ("input", "video_input", "video_tokens video", "AB"),
    ("", "video_input", "input_video_tokens input_video video.input_tokens video_prompt_tokens input_modality_3", "CD"),
    ("tool_input", "tool_video_input", "video video_tokens", "A"),
    ("input tool_input output cached", "none", "text text_tokens modality_unspecified", "A"),
    ("", "text_input", "input_text input_text_tokens input_modality_1", "D"),
    ("", "text_output", "output_text output_text_tokens output_modality_1", "D"),
    (
        "",
        "none",
        "text_cache_tokens text_candidates_tokens text_tool_use_prompt_tokens tool_use_prompt_tokens "
        "text_prompt_tokens start end accepted_prediction_tokens rejected_prediction_tokens requests tool_calls "
        "doc_size_bytes text_tokens prompt_text_tokens text.input_tokens text.output_tokens system_instruction_tokens "
        "experimental.system_instruction_tokens",
        "D",
    ),
    ("", "connector", "connector_tokens", "A"),
    ("cached", "audio_cache_read", "audio_tokens audio", "A"),
    (
        "",
        "audio_cache_read",
        "cache_audio_read_tokens audio.cache_read.input_tokens input_audio_cached_tokens input_audio_cached "
        "audio_cache_tokens cache_modality_4",
        "CD",
    ),
    ("cached", "image_cache_read", "image_tokens image document", "A"),
    ("", "image_cache_read", "image.cache_read.input_tokens image_cache_tokens", "CD"),
    ("cached", "video_cache_read", "video_tokens video", "A"),
    (
        "",
        "output",
        "output_tokens completion_tokens response_tokens completion_token_count candidates_token_count "
        "response_token_count completion output output_token_count generation_token_count eval_count "
        "total_output_text_token_count total_output_tokens generated_token_count",
        "ABCD",
    ),
    ("output", "output", "total", "D"),
    (
        "",
        "thoughts",
        "thoughts_token_count thoughts_tokens thoughts thought_tokens total_thought_tokens "
        "experimental.reasoning_tokens",
        "ABC",
    ),
    (
        "",
        "reasoning",
        "reasoning.output_tokens reasoning_tokens output_tokens.reasoning output_reasoning_tokens output_reasoning "
        "reasoning_output_tokens reasoning_token_count thinking_tokens output_thinking_tokens total_reasoning_tokens "
        "completion_reasoning_tokens",
        "ABCD",
    ),
    (
        "output",
        "reasoning",
        "reasoning_tokens thinking_tokens reasoning thinking reasoning_token_count flex_reasoning priority_reasoning",
        "ABCD",
    ),
    ("input output", "none", "flex priority over_200k", "D"),
    ("input", "none", "tool_use", "D"),
    ("", "citation", "citation_tokens", "A"),
    ("output", "audio_output", "audio_tokens audio audio_token_count", "ABC"),
    (
        "",
        "audio_output",
        "output_audio_tokens output_audio audio.output_tokens completion_audio_tokens "
        "audio_candidates_tokens output_modality_4",
        "CD",
    ),
    ("output", "image_output", "image_tokens image document", "ABC"),
    (
        "",
        "image_output",
        "output_image_tokens output_image image.output_tokens image_candidates_tokens output_modality_2",
        "CD",
    ),
    ("output", "video_output", "video_tokens video", "A"),
    ("", "video_output", "output_video_tokens output_video video.output_tokens", "C"),
    ("output", "none", "accepted_prediction_tokens rejected_prediction_tokens no_reasoning_tokens", "A"),
    ("", "total", "total_tokens total_token_count total", "ABCD"),
    ("input", "none", "cached_tokens_internal web_search_requests_free", "B"),
    (
        "",
        "web_searches",
        "num_search_queries web_search web_searches web_search_requests web_search_calls search_queries",
        "AD",
    ),
    ("tools", "web_searches", "web_search_requests web_search_calls invocation web_searches", "A"),
    ("input", "web_searches", "web_search_requests", "D"),
    ("tools", "x_searches", "x_search_calls", "A"),
    ("tools", "file_searches", "file_search_calls collections_search_calls", "A"),
    ("tools", "code_executions", "code_interpreter_calls code_execution_calls", "A"),
    ("tools", "anthropic_code_executions", "code_execution_requests", "A"),
    ("tools", "none", "web_fetch_requests tool_search_requests mcp_calls", "A"),
    ("tools", "document_search_calls", "document_search_calls attachment_search_calls", "A"),
    ("tools", "image_generation_calls", "image_generation_calls", "A"),
    ("tools", "x_posts_fetched", "x_posts_fetched", "A"),
    ("tools", "x_users_fetched", "x_users_fetched", "A"),
    ("", "sources_used", "num_sources_used", "A"),
    ("", "server_tools", "num_server_side_tools_used", "A"),
    ("billed", "billed_input", "input_tokens", "A"),
    ("billed", "billed_output", "output_tokens", "A"),
    ("billed", "rerank_searches", "search_units", "A"),
    ("", "rerank_searches", "search_units rerank_units", "AD"),
    ("billed", "images", "images", "A"),
    ("", "images", "image_count", "A"),
    ("", "input_characters", "characters input_characters character_count", "AD"),
    ("", "output_characters", "output_characters", "D"),
    ("", "calls", "successful_requests", "D"),
    ("billed", "billed_image_input", "image_tokens", "A"),
    ("tokens", "cohere_input", "input_tokens", "A"),
    ("tokens", "cohere_output", "output_tokens", "A"),
    ("", "document_pages", "pages_processed", "A"),
    ("", "audio_seconds", "prompt_audio_seconds seconds", "A"),
    (
        "",
        "none",
        "queue_time prompt_time completion_time total_time tokens_per_second time_to_first_token latency_ms "
        "total_duration  "
        "load_duration prompt_eval_duration eval_duration latency checkpoint_id",
        "B",
    ),
    (
        "",
        "none",
        "cost cost_usd total_cost cost_in_usd_ticks cost_usd_ticks estimated_cost input_cost output_cost "
        "cost_usd_micros "
        "response_cost discount upstream_inference_cost",
        "B",
    ),
    (
        "",
        "none",
        "max_tokens max_completion_tokens model_context_window context_window max_new_tokens min_new_tokens "
        "result_tokens  "
        "tokens_before tokens_after",
        "CD",
    ),
)
"""(places, meaning, names in the order in which unequal duplicates are believed, sources)."""

SUMS_OF_CALLS = ("steps", "iterations", "request_usage_entries")
"""Lists that hold the parts of a call; whoever reads rows takes them apart first."""


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], tuple[str, int]]:
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for places, meaning, names, _ in _TABLE:
        for place in places.split() or [""]:
            for rank, name in enumerate(names.split()):
                found.setdefault((place, name), (meaning, rank))
    return found


@lru_cache(maxsize=16_384)
def meaning_of(place: str, name: str) -> tuple[str, int] | None:
    """(meaning, rank among its names) of a name at a place, None where nobody knows it.

    Spellings that lost where words end (`prompttokens`, `ephemeral1hInputTokens`) are those words all the same.
    """
    plain = plain_name(name)
    return _table().get((place, plain)) or _table_of_joined().get((place, joined_name(plain)))


@lru_cache(maxsize=1)
def _table_of_joined() -> dict[tuple[str, str], tuple[str, int]]:
    return {(place, joined_name(name)): known for (place, name), known in reversed(_table().items())}


def table_rows() -> list[tuple[str, str, str, str]]:
    """The table, for documentation and tests."""
    return list(_TABLE)
