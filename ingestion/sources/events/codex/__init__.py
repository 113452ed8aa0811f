"""Events from the rollouts of Codex.

Data flow: `<events folder>/codex/**.jsonl[.gz]`, a copy of `~/.codex/sessions` (and `archived_sessions`) as it is
→ `raw_events.requests`. `docs/sources/coding_agents.md` has every rule.

Put here: rollout files. Keep out: its OpenTelemetry export (`otel`), prompts and answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.reading.json_records import read_json_records
from ingestion.sources.events.codex.forks import parent_totals
from ingestion.sources.events.codex.rollouts import read_rollout
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The calls of one rollout, each once."""
    return to_batches(
        read_rollout(read_json_records(file.path), lambda parent: parent_totals(file.path, parent), file.path.name)
    )
