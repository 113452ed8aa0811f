"""Events from the session logs of Claude Code.

Data flow: `<events folder>/claude_code/**.jsonl[.gz]`, a copy of `~/.claude/projects` as it is (subagents
included) → `raw_events.requests`. `docs/sources/coding_agents.md` has every rule.

Put here: session files. Keep out: its OpenTelemetry export (`otel`), prompts and answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.reading.json_records import read_json_records
from ingestion.sources.events.claude_code.sessions import read_session
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The calls of one session file, each once."""
    return to_batches(read_session(read_json_records(file.path)))
