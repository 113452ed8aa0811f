{#- Anthropic's cost report has amounts only. Its usage report counts the same usage, so a line's quantity is what usage
    says for the line's day, workspace, region, model, tier and meter, over all context windows where the report has one
    line for them, else in the line's own. Lines that this cannot tell apart have no quantity. -#}
{{ config(materialized="view") }}

{%- set meters = {
    "uncached_input": "uncached_input_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write_5m": "cache_write_5m_tokens",
    "cache_write_1h": "cache_write_1h_tokens",
    "output": "output_tokens",
    "web_search": "web_searches",
} %}
with
    lines as (
        select distinct
            charge_date,
            coalesce(sub_account_id, '') as workspace_id,
            coalesce(region_id, '') as region_id,
            model,
            coalesce(service_tier, '') as service_tier,
            coalesce(context_window, '') as context_window,
            meter,
            line_item
        from {{ ref("stg_anthropic__costs") }}
        where meter is not null and model is not null and charge_category = 'Usage'
    ),

    counted as (
        select
            *,
            count(*) over (partition by charge_date, workspace_id, region_id, model, service_tier, meter) as line_count,
            count(*) over (
                partition by charge_date, workspace_id, region_id, model, service_tier, meter, context_window
            ) as lines_in_context
        from lines
    ),

    usage as (
        {%- for meter, column in meters.items() %}
            {{ 'union all' if not loop.first }}
            select
                usage_date,
                coalesce(workspace_id, '') as workspace_id,
                coalesce(region, '') as region_id,
                model,
                coalesce(service_tier, '') as service_tier,
                coalesce(context_window, '') as context_window,
                '{{ meter }}' as meter,
                {{ column }} as quantity
            from {{ ref("stg_anthropic__usage") }}
        {%- endfor %}
    ),

    quantities as (
        select
            lines.charge_date,
            lines.workspace_id,
            lines.region_id,
            lines.line_item,
            cast(sum(usage.quantity) as decimal(38, 12)) as quantity
        from counted as lines
        inner join
            usage
            on usage.usage_date = lines.charge_date
            and usage.workspace_id = lines.workspace_id
            and usage.region_id = lines.region_id
            and usage.model = lines.model
            and usage.service_tier = lines.service_tier
            and usage.meter = lines.meter
            and (lines.line_count = 1 or usage.context_window = lines.context_window)
        where lines.lines_in_context = 1
        group by 1, 2, 3, 4
    ),

    told_apart as (
        select *, count(*) over (partition by charge_date, workspace_id, region_id, line_item) as meaning_count
        from quantities
    )

select charge_date, workspace_id, region_id, line_item, quantity
from told_apart
where meaning_count = 1
