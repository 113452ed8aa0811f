"""Calls and sums of them that arrive in different files: which of the two counts.

Within one file the readers see to it. Put here: the relation among files. Keep out: moving rows (`landing.repeated`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeVar

from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS

Key = TypeVar("Key", bound=Hashable)

_TREES = ("langfuse", "langsmith", "otel")
"""Tools whose calls hang in trees, where what lies above a call with usage sums it up."""
_SESSIONS = ("claude_code", "provider_bodies")
"""Folders of sessions of Claude Code, which name the request that its OTLP logs and spans tell of."""
_MAY_SUM = (*_TREES, "provider_bodies")
"""Sources whose calls may be sums of those below them; trees are read in the folder of bodies too."""
_USED = " or ".join(f"{{0}}.{name} > 0" for name in TOKEN_COLUMNS)
_IS_STEP = "{0}.event_id like 'step\\_%' escape '\\'"
"""A step of a run of OpenAI's assistants, which is part of what the run reports."""
_IS_PART = "starts_with({0}.event_id, {0}.parent_event_id || '/')"
"""An iteration or image of a call, which the call does not sum up."""

HAS_RELATIVES = f"parent_event_id is not null and event_source in {(*_TREES, *_SESSIONS)}"
"""What a row is like that may repeat another, or be repeated."""
REPEATED = f"""
    with recursive children as (
        select event_id, event_source, parent_event_id, _source_file_id, ({_USED.format("call")}) as is_used
        from everything as call
        where {HAS_RELATIVES}
    ), hanging as (
        select event_source, event_id, parent_event_id from children
        union all
        select event_source, event_id, parent_event_id from joining
    ), above as (
        select event_source, _source_file_id, parent_event_id as event_id
        from children
        where is_used and event_source in {_MAY_SUM}
            and not {_IS_STEP.format("children")} and not {_IS_PART.format("children")}
        union
        select above.event_source, above._source_file_id, hanging.parent_event_id
        from above
        join hanging using (event_source, event_id)
    )
    select parent.event_id
    from everything as parent
    join above using (event_source, event_id)
    where above._source_file_id <> parent._source_file_id and ({_USED.format("parent")})
    union
    select child.event_id
    from children as child
    join everything as run
        on run.event_id = child.parent_event_id and run.event_source = child.event_source
        and run._source_file_id <> child._source_file_id
    where child.event_source = 'provider_bodies' and {_IS_STEP.format("child")}
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


def hanging(
    parents: Mapping[Key, Key], rows: AbstractSet[Key], present: AbstractSet[Key], bars: AbstractSet[Key] = frozenset()
) -> Iterator[tuple[Key, Key]]:
    """Of one file's records those that are no row (`rows`) and lie below one or below a record of another file.

    Each comes with that record: it may hang rows of other files together. What is no record of this file is not
    `present`. Nothing hangs together through `bars`.
    """
    for key in parents.keys() - rows - bars:
        above, seen = parents[key], {key}
        while above not in rows and above in parents and above not in seen and above not in bars:
            seen.add(above)
            above = parents[above]
        if above in rows or above not in present:
            yield key, above
