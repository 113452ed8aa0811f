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

    charged as (
        select charge_source, billing_currency, count(*) as charge_count, sum(billed_cost) as billed_cost
        from {{ ref("fct_charges") }}
        where charge_source in ('focus', 'aws_cur', 'azure', 'oci')
        group by 1, 2
    )

    (
        select *
        from landed
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
    from landed
)
