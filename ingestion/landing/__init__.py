"""Carries parsed files into raw tables, safely: registry, quarantine, replacement, empty tables.

Put here: what every file source shares. Keep out: any one format.
"""
