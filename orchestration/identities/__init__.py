"""People of a home: who each id is, in one table that is never published, and the pseudonym that marts hold instead.

Put here: pseudonyms, that table, finding people in texts, resolving. Keep out: forgetting (`forgetting`), SQL of models
(`dbt_project/macros/identities`).
"""
