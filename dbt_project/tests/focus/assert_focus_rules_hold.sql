{{ config(severity="warn", meta={"dagster": {"ref": {"name": "rpt_focus_conformance"}}}) }}
select *
from {{ ref("rpt_focus_conformance") }}
where
    failing_charge_count > 0
    and not (rule in ('list_unit_price', 'contracted_unit_price') and failing_charge_count = checked_charge_count)
    and not (
        rule in ('consumed_quantity_of_usage', 'pricing_quantity')
        and charge_source in {{ reported_charge_sources(but="_export") }}
    )
