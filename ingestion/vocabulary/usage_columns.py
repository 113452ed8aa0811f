"""The counts of a request, by the columns of `raw_events.requests`. Put here: names. Keep out: prices (`meters`)."""

from __future__ import annotations

TOKEN_COLUMNS = tuple(
    "uncached_input_tokens cache_read_tokens cache_write_tokens cache_write_5m_tokens cache_write_1h_tokens "
    "output_tokens audio_input_tokens audio_cache_read_tokens audio_output_tokens image_input_tokens "
    "image_cache_read_tokens image_output_tokens video_input_tokens video_output_tokens".split()
)
"""Disjoint token counts of one request."""
OTHER_METER_COLUMNS = tuple(
    "web_searches file_searches code_executions map_searches x_searches input_characters audio_milliseconds "
    "document_pages "
    "annotated_document_pages images rerank_searches text_messages video_milliseconds training_tokens sessions "
    "storage_mib_days containers routed_input_tokens".split()
)
INFORMATION_COLUMNS = ("reasoning_tokens", "citation_tokens")
"""Counts that lie inside `output_tokens` and are never added to it."""
