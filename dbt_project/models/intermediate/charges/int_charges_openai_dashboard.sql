{#- Costs that OpenAI's dashboard exported, for the days that the costs API has not. Both say the same about a day of an
    organisation, and the API is read again while it grows, so it counts. It does not name its organisation: an export
    is another one's where it names projects and the API knows none of that organisation's. -#}
{{ config(materialized="view") }}

with
    lines as (select * from {{ ref("stg_billing__openai_costs") }}),

    api_days as (select distinct charge_date from {{ ref("stg_openai__costs") }}),

    api_projects as (
        select id as project_id
        from {{ ref("stg_openai__projects") }}
        where id is not null
        union
        select sub_account_id
        from {{ ref("stg_openai__costs") }}
        where sub_account_id is not null
    ),

    other_organizations as (
        select lines.organization_id
        from lines
        cross join (select count(*) as project_count from api_projects) as known
        left join api_projects on api_projects.project_id = lines.project_id
        where lines.organization_id is not null and known.project_count > 0
        group by lines.organization_id
        having count(lines.project_id) > 0 and count(api_projects.project_id) = 0
    ),

    counted as (
        select lines.*
        from lines
        left join api_days on api_days.charge_date = lines.charge_date
        left join other_organizations on other_organizations.organization_id = lines.organization_id
        where api_days.charge_date is null or other_organizations.organization_id is not null
    )

select
    {{-
        charge_columns(
            [
                "charge_period_start_utc",
                "charge_period_end_utc",
                "billing_period_start_utc",
                "billing_period_end_utc",
                "provider_name",
                "charge_category",
                "billed_cost",
                "billed_cost_text",
                "billing_currency",
                "_source_file_id",
                "_source_row",
                "consumed_quantity",
                "consumed_unit",
            ],
            openai_charge_values(
                {
                    "charge_source": "'openai_dashboard'",
                    "billing_account_id": "organization_id",
                    "sub_account_id": "project_id",
                }
            ),
        )
    }}
from counted
