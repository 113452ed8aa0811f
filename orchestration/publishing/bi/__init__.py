"""Files for BI tools, written from the published marts' contracts and the one definition of each metric.

Put here: what is read of dbt's manifest for them, and one module per tool. Keep out: data (`targets`), the command.
"""
