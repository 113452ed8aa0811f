{#- What commitments cost and what of it was used, by month and team. Two views of the money: amortised (upfront ×
    quantity spread over the days of the term, exactly) and cash. What teams used is theirs; the rest is stranded
    and stays with who committed, and so does what of it nothing could see; the three sum to the amortised cost. -#}
with
    costs as (
        select
            {{ month_of("date_day") }} as month_start_date,
            commitment_id,
            max(commitment_name) as commitment_name,
            max(commitment_type) as commitment_type,
            max(provider_name) as provider_name,
            max(unit) as unit,
            max(team_id) as owner_team_id,
            max(spend_source) as spend_source,
            max(on_demand_hourly_usd) as on_demand_hourly_usd,
            cast(count(*) as bigint) as day_count,
            cast(sum(case when is_seen then 1 else 0 end) as bigint) as seen_day_count,
            cast(sum(24 * quantity) as decimal(38, 12)) as capacity_unit_hours,
            cast(sum(case when is_seen then 24 * quantity else 0 end) as decimal(38, 12)) as seen_unit_hours,
            {{ money_sum("amortized_cost_usd") }} as amortized_cost_usd,
            {{ money_sum("case when is_seen then amortized_cost_usd else 0 end") }} as seen_cost_usd,
            {{ money_sum("cash_cost_usd") }} as cash_cost_usd
        from {{ ref("int_commitment_days") }}
        group by 1, 2
    ),

    hours as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            commitment_id,
            team_id,
            demand_units,
            -- A team's part of what was served: all of it, or its share of a full hour.
            case
                when hour_spill_over_units > 0
                then {{ ratio("demand_units * capacity_units", "hour_demand_units", 9) }}
                else demand_units
            end as used_units
        from {{ ref("fct_commitment_usage_hourly") }}
    ),

    teams as (
        select
            month_start_date,
            commitment_id,
            team_id,
            cast(sum(used_units) as decimal(38, 12)) as used_unit_hours,
            cast(sum(demand_units - used_units) as decimal(38, 12)) as spill_over_unit_hours
        from hours
        group by 1, 2, 3
    ),

    used as (
        select
            costs.month_start_date,
            costs.commitment_id,
            teams.team_id,
            teams.used_unit_hours,
            teams.spill_over_unit_hours,
            least(
                {{ ratio("costs.seen_cost_usd * teams.used_unit_hours", "costs.seen_unit_hours", 9) }},
                costs.seen_cost_usd
            ) as used_cost_usd
        from costs
        inner join
            teams on teams.month_start_date = costs.month_start_date and teams.commitment_id = costs.commitment_id
    ),

    wholes as (
        select
            month_start_date,
            commitment_id,
            sum(used_cost_usd) as used_cost_usd,
            sum(used_unit_hours) as used_unit_hours
        from used
        group by 1, 2
    ),

    members as (
        select month_start_date, commitment_id, team_id
        from used
        union
        select month_start_date, commitment_id, owner_team_id
        from costs
    )

select
    {{ surrogate_key(["costs.month_start_date", "costs.commitment_id", "members.team_id"]) }} as commitment_month_key,
    costs.month_start_date,
    costs.commitment_id,
    costs.commitment_name,
    costs.commitment_type,
    costs.provider_name,
    costs.unit,
    members.team_id,
    members.team_id is not distinct from costs.owner_team_id as is_owner,
    costs.day_count,
    costs.seen_day_count,
    costs.capacity_unit_hours,
    coalesce(used.used_unit_hours, 0) as used_unit_hours,
    coalesce(used.spill_over_unit_hours, 0) as spill_over_unit_hours,
    {{ percent("coalesce(wholes.used_unit_hours, 0)", "costs.seen_unit_hours") }} as utilization_pct,
    costs.amortized_cost_usd as commitment_amortized_cost_usd,
    costs.cash_cost_usd as commitment_cash_cost_usd,
    coalesce(used.used_cost_usd, 0) as used_cost_usd,
    cast(
        case
            when members.team_id is not distinct from costs.owner_team_id
            then costs.seen_cost_usd - coalesce(wholes.used_cost_usd, 0)
            else 0
        end as decimal(38, 12)
    ) as stranded_cost_usd,
    cast(
        case
            when members.team_id is not distinct from costs.owner_team_id
            then costs.amortized_cost_usd - costs.seen_cost_usd
            else 0
        end as decimal(38, 12)
    ) as unseen_cost_usd,
    cast(
        coalesce(used.used_unit_hours, 0) * cast(costs.on_demand_hourly_usd as decimal(20, 6)) as decimal(38, 12)
    ) as on_demand_cost_usd,
    costs.spend_source
from costs
inner join members on members.month_start_date = costs.month_start_date and members.commitment_id = costs.commitment_id
left join
    used
    on used.month_start_date = members.month_start_date
    and used.commitment_id = members.commitment_id
    and used.team_id is not distinct from members.team_id
left join wholes on wholes.month_start_date = costs.month_start_date and wholes.commitment_id = costs.commitment_id
