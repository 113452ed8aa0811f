"""Sources as real dlt sources, which need no warehouse of this project: any pipeline, any destination, dlt's own state.

The descriptions of sources, their endpoints, their parsers and their raw tables are those that landing runs; what
landing decides by the registry in its warehouse is decided here by dlt's state.

Put here: the road from a description to `@dlt.resource`s. Keep out: what a source is (`ingestion/sources/<name>`),
landing (`ingestion.landing`), dlt sources by name (`ingestion/sources/<name>/source.py`).
"""
