"""The lake of a home: where it is, writing it in a run, restoring a warehouse from it, what it says of itself.

Put here: what binds `ingestion.lake` to a home. Keep out: objects, manifests, versions (`ingestion.lake`), Dagster.
"""
