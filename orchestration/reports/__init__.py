"""Reports: a template and a period to a document that people read, as page, PDF, workbook, Markdown or in a terminal.

Put here: templates, figures, sections, rendering, delivery. Keep out: dashboards, what marts mean, Dagster.
"""
