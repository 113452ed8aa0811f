"""Where the marts go besides the published copy, one module each: a new file here is fed from the next run on.

A module holds `TARGET`, a `PublicationTarget`: its name and how it writes where its variables are set. Which marts
changed since it did, and to try again after a failure, is the business of `publishing.distribution`, the same for all.

Put here: one target per module. Keep out: what readers open (`publishing.published_copy`), what is due.
"""

from __future__ import annotations

from collections.abc import Mapping

from ml.discovery import members
from orchestration.publishing.distribution import ConnectedTarget, PublicationTarget


def publication_targets() -> tuple[PublicationTarget, ...]:
    """Every target of this folder."""
    return members(__name__, __path__, "TARGET", PublicationTarget)


def connected_targets(variables: Mapping[str, str]) -> tuple[ConnectedTarget, ...]:
    """The targets whose variables are set."""
    found = []
    for target in publication_targets():
        if publish := target.connect(variables):
            values = [
                tuple(variables.get(name, "") for name in target.variables if (name in target.plain) is is_plain)
                for is_plain in (False, True)
            ]
            found.append(ConnectedTarget(target.name, publish, *values))
    return tuple(found)
