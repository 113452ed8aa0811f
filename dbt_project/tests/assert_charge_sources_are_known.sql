select charge_source
from {{ ref("fct_charges") }}
where
    charge_source not in ('focus', 'aws_cur', 'azure', 'oci', 'openai_dashboard')
    and charge_source not in {{ reported_charge_sources() }}
