{{ config(meta={"dagster": {"ref": {"name": "fct_gpu_usage_hourly"}}}) }}
select usage_hour_utc, gpu_key, sum(used_seconds + idle_seconds + no_telemetry_seconds) as all_seconds
from {{ ref("fct_gpu_usage_hourly") }}
group by 1, 2
having
    sum(used_seconds + idle_seconds + no_telemetry_seconds) <> 3600
    or min(used_seconds) < 0
    or min(allocated_idle_seconds) < 0
    or min(unallocated_seconds) < 0
    or min(no_telemetry_seconds) < 0
