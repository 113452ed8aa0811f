"""A Prometheus server: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.sources.gpu.spec import SAMPLE_COLUMNS
from ingestion.vocabulary.settings import Setting, secret
from ingestion.vocabulary.spec import OF_REPORTS, Kind, RawTable, SourceSpec

SETTINGS = (
    Setting("prometheus_url", "PROMETHEUS_URL"),
    secret("prometheus_bearer_token", "PROMETHEUS_BEARER_TOKEN"),
    Setting("prometheus_username", "PROMETHEUS_USERNAME"),
    secret("prometheus_password", "PROMETHEUS_PASSWORD"),
    Setting("prometheus_org_id", "PROMETHEUS_ORG_ID"),
    Setting("prometheus_step_seconds", "PROMETHEUS_STEP_SECONDS", 60, int),
    Setting("prometheus_counter_step_seconds", "PROMETHEUS_COUNTER_STEP_SECONDS", 15, int),
)
TABLES = {
    "gpu_samples": RawTable("Use of GPUs that DCGM exporters report, by the pod that had each.", SAMPLE_COLUMNS),
    "gpu_metrics": RawTable(
        "Memory, power and energy of GPUs per hour, from DCGM exporters.",
        "hour_start_utc:at host gpu_id metric avg_value:dec max_value:dec increase:dec sample_count:int "
        "reset_count:int",
    ),
    "serving_metrics": RawTable(
        "Tokens, requests and times of inference servers per hour: what their counters rose by, restarts included.",
        "hour_start_utc:at engine metric model_name namespace pod workload host instance increase:dec sample_count:int "
        "reset_count:int",
    ),
}


def _off_reason(api: object) -> str | None:
    if not getattr(api, "prometheus_url", None):
        return "PROMETHEUS_URL is not set"
    return None


SPEC = SourceSpec(
    name="prometheus",
    kind=Kind.API,
    purpose="GPU telemetry and tokens served that a Prometheus server holds",
    tables=TABLES,
    switch="PROMETHEUS_URL",
    shared_tables=OF_REPORTS,
    settings=SETTINGS,
    address="prometheus_url",
    credentials=("prometheus_url",),
    off_reason=_off_reason,
)
