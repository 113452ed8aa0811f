"""What a run has to do: which tables, checks, scores and publications are not made from what is there now.

Put here: the graph of what is made from what, the state of the last build, the plan. Keep out: doing it.
"""
