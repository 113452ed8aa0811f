"""Questions to the published marts: typed parameters to results, without HTTP.

Put here: one module per subject; each takes a `Reading`, which applies the row rules. Keep out: requests, formats.
"""
