"""What the demo and tests stand on: the sample company (`company`) and its providers on loopback (`providers`).

Put here: nothing but these two. Keep out: anything that a real home needs.
"""
