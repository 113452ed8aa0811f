{{ config(meta={"dagster": {"ref": {"name": "fct_charges"}}}) }}
with
    landed as (
        {% for source, model, cost, currency in [
            ("focus", "stg_billing__focus_charges", "billed_cost", "billing_currency"),
            (
                "aws_cur",
                "stg_billing__aws_cur_line_items",
                "line_item_unblended_cost",
                "line_item_currency_code",
            ),
            ("azure", "stg_billing__azure_cost_details", "cost_in_billing_currency", "billing_currency"),
            ("oci", "stg_billing__oci_cost_lines", "my_cost", "currency_code"),
        ] -%}
            select
                '{{ source }}' as charge_source,
                {{ currency }} as billing_currency,
                count(*) as charge_count,
                sum({{ cost }}) as billed_cost
            from {{ ref(model) }}
            group by 1, 2 {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    -- Oracle's own lines that a FOCUS file has too.
    left_out as (
        select
            'oci' as charge_source,
            billing_currency,
            sum(left_out_count) as charge_count,
            sum(left_out_cost) as billed_cost
        from {{ ref("int_exports_of_one_bill") }}
        where provider = 'oracle'
        group by 1, 2
    ),

    counted as (
        select
            landed.charge_source,
            landed.billing_currency,
            landed.charge_count - coalesce(left_out.charge_count, 0) as charge_count,
            landed.billed_cost - coalesce(left_out.billed_cost, 0) as billed_cost
        from landed
        left join
            left_out
            on left_out.charge_source = landed.charge_source
            and left_out.billing_currency is not distinct from landed.billing_currency
        where landed.charge_count > coalesce(left_out.charge_count, 0)
    ),

    charged as (
        select charge_source, billing_currency, count(*) as charge_count, sum(billed_cost) as billed_cost
        from {{ ref("fct_charges") }}
        where charge_source in ('focus', 'aws_cur', 'azure', 'oci')
        group by 1, 2
    )

    (
        select *
        from counted
        except
        select *
        from charged
    )
union all
(
    select *
    from charged
    except
    select *
    from counted
)
