"""GPU telemetry: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.spec import Kind, RawTable, SourceSpec

TABLES = {
    "gpu_samples": RawTable(
        "Samples of GPU telemetry logs.",
        "sampled_at_utc:at host gpu_id gpu_name gpu_utilization_pct:dec memory_used_mib:dec memory_total_mib:dec "
        "power_watts:dec workload",
    ),
}
SPEC = SourceSpec(
    name="gpu",
    kind=Kind.FILES,
    purpose="GPU telemetry logs",
    tables=TABLES,
    switch="COSTOPS_GPU_DIR",
)
