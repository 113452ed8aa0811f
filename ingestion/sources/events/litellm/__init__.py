"""Events from the spend logs of a LiteLLM proxy.

Data flow: `<events folder>/litellm/**` → `raw_events.requests`. The records are rows of table `LiteLLM_SpendLogs`,
exported or fetched from `/spend/logs`, or standard logging payloads. `docs/sources/litellm.md` has every rule.

Put here: spend log rows. Keep out: LiteLLM's daily rollups, which count a request several times.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.litellm.spend_logs import read_spend_logs
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]

_NEVER_READ = ("messages", "proxy_server_request")


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of one file; whatever is not a usable spend log row becomes a quarantine entry."""
    return to_batches(read_spend_logs(read_exported(file, "data", _NEVER_READ)))
