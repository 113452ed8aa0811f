{{ config(meta={"dagster": {"ref": {"name": "focus_invoice_detail"}}}) }}
with
    charged as (
        select
            "InvoiceIssuerName", "InvoiceId", "BillingAccountId", "BillingPeriodStart", sum("BilledCost") as billed_cost
        from {{ ref("focus_cost_and_usage") }}
        where "InvoiceId" is not null
        group by 1, 2, 3, 4
    ),

    invoiced as (
        select
            "InvoiceIssuerName", "InvoiceId", "BillingAccountId", "BillingPeriodStart", sum("BilledCost") as billed_cost
        from {{ ref("focus_invoice_detail") }}
        group by 1, 2, 3, 4
    )

    (
        select *
        from charged
        except
        select *
        from invoiced
    )
union all
(
    select *
    from invoiced
    except
    select *
    from charged
)
