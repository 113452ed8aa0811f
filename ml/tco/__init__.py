"""Total cost of ownership as arithmetic: estimates, projections, what-ifs, returns.

Put here: pure calculations on lines that the caller brings. Keep out: the warehouse, files, printing.
"""
