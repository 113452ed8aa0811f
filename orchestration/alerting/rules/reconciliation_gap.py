"""A month whose bill our figures do not explain.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'account' as subject_type, provider_id || '/' || coalesce(account_id, 'unknown') as subject_id,
    100 * abs(sum(amount_usd)) / nullif(abs(any_value(billed.billed_usd)), 0) as value,
    sum(amount_usd) as amount_usd, any_value(billed.billed_usd) as billed_usd, month_date as period
from marts.rpt_reconciliation_monthly as lines
left join (
    select provider_id, account_id, month_date, sum(amount_usd) as billed_usd
    from marts.rpt_reconciliation_monthly where line_type = 'billed' group by all
) as billed using (provider_id, account_id, month_date)
where line_type = 'unexplained' and status not in ('no_bill_yet', 'open')
    and month_date >= date_trunc('month', $as_of - 1) - interval 3 month
group by provider_id, account_id, month_date
"""

RULE = measured_rule(
    Measure(
        name="reconciliation_gap",
        reads=("marts.rpt_reconciliation_monthly",),
        query=QUERY,
        threshold=Decimal("1"),
        critical=Decimal("5"),
        minimum_usd=Decimal("5"),
        title="{name}: {value} % of the bill of {period} is unexplained",
        message=("{amount_usd} of {billed_usd} USD."),
        remedy="See rpt_reconciliation_items for where it lies.",
    )
)
