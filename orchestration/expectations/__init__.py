"""Great Expectations: what data owners would say of rows that arrive and of marts that are read, tried on each change.

Put here: suites, trying them, their results as a page. Keep out: what holds a figure back, which is a dbt test.
"""
