{{ config(meta={"dagster": {"ref": {"name": "focus_cost_and_usage"}}}) }}
-- No charge leaves out what FOCUS 1.4 and 1.2 do not allow to be null, or names a code that they do not know by a
-- rule of ours.
select x_chargekey
from {{ ref("focus_cost_and_usage") }}
where
    billedcost is null
    or contractedcost is null
    or effectivecost is null
    or listcost is null
    or billingaccountid is null
    or billingaccounttype is null
    or billingcurrency is null
    or chargecategory is null
    or chargefrequency is null
    or hostprovidername is null
    or invoiceissuername is null
    or servicecategory is null
    or servicename is null
    or serviceprovidername is null
    or servicesubcategory is null
    or billingperiodstart is null
    or billingperiodend is null
    or chargeperiodstart is null
    or chargeperiodend is null
    or pricingcurrency is null
    or chargeclass <> 'Correction'
union all
select x_chargekey
from {{ ref("focus_cost_and_usage_1_2") }}
where providername is null or publishername is null
