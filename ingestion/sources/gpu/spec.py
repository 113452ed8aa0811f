"""GPU telemetry: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.spec import Kind, RawTable, SourceSpec

WHOLE_GPU_PARTS = 840
"""A whole GPU in the parts that shares of it are counted in (`whole_gpu_parts` of dbt)."""
SAMPLE_COLUMNS = (
    "sampled_at_utc:at host gpu_id gpu_name gpu_utilization_pct:dec memory_used_mib:dec memory_total_mib:dec "
    "power_watts:dec workload namespace pod split_method share_parts:int duration_seconds:dec"
)
"""A sample of a GPU, or of the part of it (840 parts are all) that a pod or slice has; where no duration is said it
stands for the time until the next."""
TABLES = {
    "gpu_samples": RawTable("Samples of GPU telemetry logs.", SAMPLE_COLUMNS),
    "gpu_sample_hours": RawTable(
        "Samples that say how long each stands for, summed by hour: in microseconds, and in microseconds × parts of "
        "the GPU (840 are a whole one).",
        "hour_start_utc:at host gpu_id gpu_name workload namespace pod split_method sample_count:int "
        "measured_parts:int unknown_parts:int busy_percent_parts:dec memory_us:int memory_mib_us:dec "
        "max_memory_used_mib:dec max_memory_total_mib:dec power_us:int power_watt_us:dec power_watt_parts:dec",
    ),
    "gpu_allocations": RawTable(
        "Which pod had how much of the GPUs of a node from when to when.",
        "namespace pod workload node gpu_id gpu_fraction:dec allocated_from_utc:at allocated_to_utc:at",
    ),
    "served_tokens": RawTable(
        "What inference servers of one's own served per hour, host or workload, and model.",
        "hour_start_utc:at host namespace workload model_name prompt_tokens:dec generation_tokens:dec "
        "request_count:dec prefill_seconds:dec decode_seconds:dec",
    ),
}
SPEC = SourceSpec(
    name="gpu",
    kind=Kind.FILES,
    purpose="GPU telemetry logs",
    tables=TABLES,
    switch="COSTOPS_GPU_DIR",
)
