{#- What each hour of a GPU costs. By rate: the inventory's own hourly rate, else the rate of its instance type, else of
    its kind of GPU, on that day; of a machine's amount each GPU carries an equal part, exactly; what was paid at once
    (a purchase, an upfront) is spread over all hours of its term. By bill: where a bill names the machine, its volumes
    or its instance id, what it charges for the day, over the machine's GPU-hours of the day. The bill goes before the
    rate. Without either the cost is NULL. -#}
with
    names as (
        select
            named.gpu_name,
            types.gpu_type,
            row_number() over (
                partition by named.gpu_name order by length(types.gpu_name_pattern) desc, types.gpu_type
            ) as type_rank
        from (select distinct gpu_name from {{ ref("int_gpu_presence") }} where gpu_name is not null) as named
        inner join
            (
                select gpu_type, lower(gpu_name_pattern) as gpu_name_pattern
                from {{ ref("gpu_types") }}
                union
                select gpu_type, '%' || gpu_type || '%'
                from {{ ref("int_infrastructure_rates") }}
                where is_own and gpu_type is not null
            ) as types
            on lower(named.gpu_name) like types.gpu_name_pattern
    ),

    kinds as (select host, gpu_id, max(gpu_name) as gpu_name from {{ ref("int_gpu_presence") }} group by 1, 2),

    typed as (
        select
            {{ all_but("presence", ["gpu_name"]) }},
            kinds.gpu_name,
            coalesce(presence.given_gpu_type, names.gpu_type) as gpu_type,
            presence.hourly_rate is null and presence.purchase_option <> 'owned' as is_list_rated
        from {{ ref("int_gpu_presence") }} as presence
        inner join kinds on kinds.host = presence.host and kinds.gpu_id = presence.gpu_id
        left join names on names.gpu_name = kinds.gpu_name and names.type_rank = 1
    ),

    -- A day and a way of paying are looked up once, not once per hour.
    wanted as (
        select distinct usage_hour_utc, gpu_type, instance_type, rate_provider, region, purchase_option, is_list_rated
        from typed
        where is_list_rated
    ),

    found as (
        select
            wanted.*,
            rates.rate_id,
            rates.resource_type,
            rates.rate,
            rates.currency as rate_currency,
            rates.gpus_per_instance,
            rates.upfront as rate_upfront,
            rates.rate_per_gpu_hour,
            row_number() over (
                partition by
                    wanted.usage_hour_utc,
                    wanted.gpu_type,
                    wanted.instance_type,
                    wanted.rate_provider,
                    wanted.region,
                    wanted.purchase_option
                order by
                    case
                        when rates.resource_type = 'instance_hour' and rates.sku = wanted.instance_type then 0 else 1
                    end,
                    case when rates.is_own then 0 else 1 end,
                    case when rates.region = wanted.region then 0 when rates.region is null then 1 else 2 end,
                    case when rates.resource_type = 'gpu_hour' then 0 else 1 end,
                    rates.rate_per_gpu_hour,
                    rates.rate_id
            ) as rate_rank
        from wanted
        inner join
            {{ ref("int_infrastructure_rates") }} as rates
            on rates.provider = wanted.rate_provider
            and rates.purchase_option = wanted.purchase_option
            and rates.resource_type in ('gpu_hour', 'instance_hour')
            and (rates.gpu_type = wanted.gpu_type or rates.sku = wanted.instance_type)
            and rates.gpus_per_instance is not null
            and (rates.region is null or wanted.region is null or rates.region = wanted.region)
            and rates.valid_from_utc <= wanted.usage_hour_utc
            and rates.valid_to_utc > wanted.usage_hour_utc
    ),

    rated as (
        select
            typed.*,
            found.rate_id as gpu_rate_id,
            -- A list's upfront without a beginning is spread by the list's own term.
            found.rate_upfront is not null and typed.term_start_utc is null as is_spread_by_list,
            found.rate_per_gpu_hour,
            coalesce(typed.hourly_rate, found.rate, case when typed.purchase_option = 'owned' then 0 end) as amount,
            case
                when typed.hourly_rate is not null
                then typed.gpus_of_row
                when typed.purchase_option = 'owned'
                then 1
                when not typed.is_one_gpu and typed.gpu_count = found.gpus_per_instance
                then typed.gpus_of_row
                else found.gpus_per_instance
            end as parts,
            case when typed.hourly_rate is null then found.rate_currency end as list_currency,
            case
                when typed.purchase_option = 'owned'
                then 'owned'
                when typed.hourly_rate is not null
                then 'inventory_rate'
                else coalesce(found.resource_type, 'no_rate')
            end as rate_method,
            coalesce(typed.paid_at_once, found.rate_upfront) as term_amount,
            case when typed.paid_at_once is not null then typed.gpu_count else found.gpus_per_instance end as term_gpus
        from typed
        left join
            found
            on found.rate_rank = 1
            and found.is_list_rated = typed.is_list_rated
            and found.usage_hour_utc = typed.usage_hour_utc
            and found.gpu_type is not distinct from typed.gpu_type
            and found.instance_type is not distinct from typed.instance_type
            and found.rate_provider = typed.rate_provider
            and found.region is not distinct from typed.region
            and found.purchase_option = typed.purchase_option
    ),

    placed as (
        select
            *,
            case when is_spread_by_list then rate_per_gpu_hour else amount end as hour_amount,
            case when is_spread_by_list then 1 else parts end as hour_parts,
            {{ whole_hours_between("term_start_utc", "term_end_utc") }} * term_gpus as term_parts,
            {{ whole_hours_between("term_start_utc", "usage_hour_utc") }} * term_gpus + gpu_number as term_part
        from rated
    ),

    priced as (
        select
            *,
            {{ equal_part("hour_amount", "hour_parts", "((gpu_number - 1) % hour_parts + 1)") }} as hour_cost,
            case
                when
                    term_amount is null
                    or is_spread_by_list
                    or usage_hour_utc < term_start_utc
                    or usage_hour_utc >= term_end_utc
                    or gpu_number > term_gpus
                then 0
                else {{ equal_part("term_amount", "term_parts", "term_part") }}
            end as term_cost
        from placed
    ),

    in_dollars as (
        select
            priced.*,
            {{
                in_dollars(
                    "priced.hour_cost", "coalesce(priced.list_currency, priced.currency)", "hour_fx.usd_per_unit"
                )
            }} + {{ in_dollars("priced.term_cost", "priced.currency", "term_fx.usd_per_unit") }} as rate_cost_usd
        from priced
        left join
            {{ ref("int_fx_rates") }} as hour_fx
            on hour_fx.currency = coalesce(priced.list_currency, priced.currency)
            and {{ valid_on("hour_fx", "priced.usage_date") }}
        left join
            {{ ref("int_fx_rates") }} as term_fx
            on term_fx.currency = priced.currency
            and {{ valid_on("term_fx", "priced.usage_date") }}
    )

select
    usage_hour_utc,
    usage_date,
    host,
    gpu_id,
    gpu_name,
    gpu_type,
    instance_id,
    attached_resources,
    team_id,
    purchase_option,
    rate_method,
    gpu_rate_id,
    rate_cost_usd
from in_dollars
