"""The documentation as one static site: our pages, every table and column, dbt's own pages, what queries answer here.

Put here: building it. Keep out: what pages say (`docs/`, descriptions in dbt).
"""
