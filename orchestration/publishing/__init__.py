"""Gives readers a copy of the marts that no writer ever locks.

Put here: published copies and exports. Keep out: what the figures mean.
"""
