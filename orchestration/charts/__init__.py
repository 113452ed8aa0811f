"""Pictures of marts: Vega-Lite specifications as plain dictionaries, and their rendering.

Put here: one module per subject, from frames to a specification; rendering. Keep out: reading, pages, reports' layout.
"""
