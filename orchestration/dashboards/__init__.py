"""Dashboards as files: a definition in YAML or JSON becomes one page that holds its data and asks for nothing.

Put here: definitions, their check, packing data, pages. Keep out: reports, what a figure means (marts say), servers.
"""
