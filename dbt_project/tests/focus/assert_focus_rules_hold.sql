{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'rpt_focus_conformance'}}}) }}
-- A warning, as a bill may break the standard: rules that charges break, by source.
select * from {{ ref('rpt_focus_conformance') }} where failing_charge_count > 0
