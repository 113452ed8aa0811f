"""GPUs that are paid for and hardly used.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'total' as subject_type, 'gpu' as subject_id,
    100 * sum(used_seconds) / nullif(sum(used_seconds + idle_seconds + no_telemetry_seconds), 0) as value,
    sum(used_cost_usd + idle_cost_usd + no_telemetry_cost_usd) as amount_usd,
    sum(idle_cost_usd) as idle_usd, min(usage_date) as since,
    count(distinct usage_date) >= 25 as is_complete
from marts.fct_gpu_usage_hourly
where usage_date between $as_of - 30 and $as_of - 1
having count(*) > 0
"""

RULE = measured_rule(
    Measure(
        name="low_gpu_efficiency",
        reads=("marts.fct_gpu_usage_hourly",),
        query=QUERY,
        threshold=Decimal("30"),
        minimum_usd=Decimal("1000"),
        is_below=True,
        title="GPUs were used {value} % of the time",
        message=(
            "Since {since} GPUs cost {amount_usd} USD, of which {idle_usd} USD while idle; the alert is"
            " for less than {threshold} %."
        ),
        remedy="Share, shrink or switch off what idles: costops recommend list.",
    )
)
