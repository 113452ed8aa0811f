"""Marts in a PostgreSQL database, as views that all change at once.

Put here: the target and its variables. Keep out: reaching the server (`server`), types (`columns`), what is written
where (`state`, `loading`), views (`views`), who may read what (`access`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from orchestration.publishing.distribution import Delivery, PublicationTarget, Publish, PublishedVersion, TargetError

URL = "COSTOPS_PUBLISH_POSTGRES_URL"
SCHEMA = "COSTOPS_PUBLISH_POSTGRES_SCHEMA"
DEFAULT_SCHEMA = "marts"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,30}\Z")
"""Short and plain, as names of roles and of schemas with versions are made from it."""


def connect(variables: Mapping[str, str]) -> Publish | None:
    """Writes into the configured database; None without one."""
    url = variables.get(URL)
    return partial(write, url=url, schema=variables.get(SCHEMA) or DEFAULT_SCHEMA) if url else None


def write(
    marts_changed: Sequence[str], marts_gone: Sequence[str], version: PublishedVersion, *, url: str, schema: str
) -> Delivery:
    """Bring the schema to `version`: what changed is loaded beside the old, then all views change in one transaction.

    What the database has is read there, so that one that was restored or emptied gets what it lacks.
    """
    from orchestration.publishing.targets.postgres.publication import publish_to
    from orchestration.publishing.targets.postgres.server import opened

    if not _NAME.match(schema):
        raise TargetError(
            f"{SCHEMA} {schema!r} cannot name the schema: begin with a letter, then letters, digits and _, "
            "31 characters at most, all small"
        )
    with opened(version.database, url) as server:
        return publish_to(server, schema, version.contents)


TARGET = PublicationTarget("postgres", connect, (URL, SCHEMA), plain=(SCHEMA,))
