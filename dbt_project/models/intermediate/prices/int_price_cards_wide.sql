select
    price_card_id
    {%- for meter in usage_meters() %}
        ,
        max(case when meter = '{{ meter.meter }}' then list_price_usd_per_unit end) as list_{{ meter.meter }},
        max(
            case when meter = '{{ meter.meter }}' then contracted_price_usd_per_unit end
        ) as contracted_{{ meter.meter }}
    {%- endfor %}
from {{ ref("int_price_card_meters") }}
group by price_card_id
