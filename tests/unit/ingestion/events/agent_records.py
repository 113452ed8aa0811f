"""Parts of records of coding agents, and what their tokens are, by hand."""

from __future__ import annotations

S = 1_794_304_800
CACHED = {"uncached_input": 60, "cache_read": 40, "output": 20}
BESIDE = {"uncached_input": 10, "cache_read": 100, "cache_write": 50, "output": 20}
PLAIN = {"uncached_input": 100, "output": 20}
COPILOT = {"inputTokens": 100, "outputTokens": 20, "cacheReadTokens": 40, "cacheWriteTokens": 0}
CLAUDE = {
    "input_tokens": 10,
    "cache_read_input_tokens": 100,
    "cache_creation_input_tokens": 50,
    "output_tokens": 20,
}
OPENCODE = {"input": 10, "output": 20, "reasoning": 0, "cache": {"read": 100, "write": 50}}
OPENCODE_MESSAGE = {
    "id": "msg_1",
    "sessionID": "ses_1",
    "role": "assistant",
    "time": {"created": S * 1000},
    "modelID": "claude-sonnet-4-5",
    "tokens": OPENCODE,
}
