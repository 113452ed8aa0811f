"""HTTP over the query layer: parameters to questions, answers to bytes.

Put here: routes, errors, login, limits. Keep out: SQL, who may see what.
"""
