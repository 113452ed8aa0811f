"""Days on which a slice of the spend left its own past, fitted on the past only, and what explains them.

Put here: detection, incidents, decomposition, root causes, pictures of them. Keep out: alerts, anything that reads or
writes.
"""
