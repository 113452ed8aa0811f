"""Calls and sums of them that arrive in different files: which of the two counts.

Within one file the readers see to it. Put here: the relation among files. Keep out: moving rows (`landing.repeated`).
"""

from __future__ import annotations

from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS

_TREES = ("langfuse", "langsmith", "otel")
"""Tools whose calls hang in trees, where what lies above a call with usage sums it up."""
_SESSIONS = ("claude_code", "provider_bodies")
"""Folders of sessions of Claude Code, which name the request that its OTLP logs and spans tell of."""
_USED = " or ".join(f"{{0}}.{name} > 0" for name in TOKEN_COLUMNS)

HAS_RELATIVES = f"parent_event_id is not null and event_source in {(*_TREES, *_SESSIONS)}"
"""What a row is like that may repeat another, or be repeated."""
REPEATED = f"""
    with children as (
        select event_id, event_source, parent_event_id, _source_file_id, ({_USED.format("call")}) as is_used
        from everything as call
        where {HAS_RELATIVES}
    )
    select parent.event_id
    from everything as parent
    join children as child
        on child.parent_event_id = parent.event_id and child.event_source = parent.event_source
        and child._source_file_id <> parent._source_file_id
    where parent.event_source in {_TREES} and child.is_used and child.event_id <> parent.event_id
        and ({_USED.format("parent")})
    union
    select child.event_id
    from children as child
    join everything as run
        on run.event_id = child.parent_event_id and run.event_source = child.event_source
        and run._source_file_id <> child._source_file_id
    where child.event_source = 'provider_bodies' and child.event_id like 'step\\_%' escape '\\'
        and run.event_id like 'run\\_%' escape '\\'
    union
    select log.event_id
    from everything as log
    join children as session on session.parent_event_id = log.event_id
    where log.event_source = 'otel' and log.event_id like 'req\\_%' escape '\\'
        and session.event_source in {_SESSIONS}
"""
"""Ids of calls above others, of steps of a run that reports their sum, and of logs of calls that a session of Claude
Code has (`landing.repeated`)."""
