"""A home: its folders, who holds it, its clock, Dagster's history, what a kill or a bad disk left behind.

Put here: what must hold of a home before, while and after anything runs in it. Keep out: what runs (`running`).
"""
